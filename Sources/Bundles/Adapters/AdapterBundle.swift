import Checkpoints
import Foundation
public import Tensors

/// An adapter as it lies on a disk: what was learnt on top of a model, and which model.
///
/// Its tensors have the names a network asks for beside its own, as PEFT stores them, the scale not worked in:
/// `model.layers.0.self_attn.q_proj.lora_A.weight` `[rank, inputs]`, `….lora_B.weight` `[outputs, rank]` and, where rows are scaled,
/// `….lora_magnitude_vector` `[outputs]`.
public struct AdapterBundle: Sendable {
    public var configuration: AdapterConfiguration
    public var tensors: [String: Tensor]
    /// What the base was, when the adapter was made; nil where nobody wrote it down.
    public var fingerprint: Fingerprint?
    /// The folder that it was opened from.
    public internal(set) var path: String?

    public init(_ configuration: AdapterConfiguration, _ tensors: [String: Tensor], fingerprint: Fingerprint? = nil) {
        (self.configuration, self.tensors, self.fingerprint) = (configuration, tensors, fingerprint)
    }

    /// The tensors a network is given: the scale is worked into `lora_B`, magnitudes are lengths of the sum and stay.
    public var folded: [String: Tensor] { Self.folded(tensors, scale: configuration.scale) }

    /// The same of tensors that are being learnt, with its gradient.
    public static func folded(_ tensors: [String: Tensor], scale: Float) -> [String: Tensor] {
        var folded = tensors
        for (name, tensor) in tensors where name.hasSuffix(outer) {
            folded[name] = (tensor.dtype == .float32 ? tensor : tensor.cast(to: .float32)) * scale
        }
        return folded
    }

    /// What its tensors take as float32.
    public var floatBytes: Int { tensors.values.reduce(0) { $0 + $1.shape.elements * 4 } }

    /// Whether it scales the rows of what it changes (DoRA).
    public var scalesRows: Bool { tensors.keys.contains { $0.hasSuffix(Self.magnitude) } }

    /// Whether it scales the rows of what scores the vocabulary.
    var scalesHead: Bool { tensors["lm_head" + Self.magnitude] != nil }

    static let inner = ".lora_A.weight", outer = ".lora_B.weight", magnitude = ".lora_magnitude_vector"

    /// The maps that it changes, by name without `.weight`, in order.
    var maps: [String] {
        tensors.keys.filter { $0.hasSuffix(Self.inner) }.map { String($0.dropLast(Self.inner.count)) }.sorted()
    }
}

extension AdapterBundle {
    /// Opens a folder in PEFT's layout: `adapter_config.json` and `adapter_model.safetensors`.
    ///
    /// - Throws: ``BundleError`` and `CheckpointError`, which name the file, the option or the tensor.
    public init(path: String) throws {
        let folder = BundleFolder(path: path), file = folder.file("adapter_config.json")
        let config = try folder.settings("adapter_config.json")
        let configuration = try AdapterConfiguration(config, file: file)
        guard folder.has("adapter_model.safetensors") else {
            let reason = "there is no such file; an adapter_model.bin is a pickle and is not opened"
            throw BundleError.unreadable(file: folder.file("adapter_model.safetensors"), reason: reason)
        }
        let weights = try SafetensorsFile(path: folder.file("adapter_model.safetensors"))
        self.init(configuration, try Self.named(weights))
        self.path = path
        let recorded: [String] = [try config.optional(Fingerprint.settingKey), weights.metadata[Fingerprint.key]]
            .compactMap { $0 }
        fingerprint = recorded.lazy.compactMap(Fingerprint.init).first
        try check(weights.path)
    }

    private static func named(_ file: SafetensorsFile) throws -> [String: Tensor] {
        let prefix = "base_model.model.", names = file.tensors.map(\.name)
        if let odd = names.first(where: { !$0.hasPrefix(prefix) }) {
            throw BundleError.malformed(file: file.path, problem: "tensor \(odd) does not begin with \(prefix)")
        }
        let hub = HubNames(names.map { String($0.dropFirst(prefix.count)) })
        var tensors: [String: Tensor] = [:]
        for name in names {
            var spelling = String(name.dropFirst(prefix.count))
            if spelling.hasSuffix(magnitude + ".weight") { spelling.removeLast(".weight".count) }
            guard let ours = hub.ours(spelling), [inner, outer, magnitude].contains(where: ours.hasSuffix) else {
                let what =
                    "tensor \(name) is none of a low-rank adapter of a language model; merge it with the library that made it"
                throw BundleError.unsupported(file: file.path, what: what)
            }
            tensors[ours] = try file.tensor(name, nil)
        }
        return tensors
    }

    /// Whether each map has both its matrices, of the rank that the configuration says.
    private func check(_ file: String) throws {
        func damaged(_ problem: String) -> BundleError { .malformed(file: file, problem: problem) }
        guard !tensors.isEmpty else { throw damaged("it has no tensors") }
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            guard tensor.dtype != .int32 else { throw damaged("tensor \(name) has whole numbers") }
            let map =
                [Self.inner, Self.outer, Self.magnitude].first(where: name.hasSuffix).map { name.dropLast($0.count) }
                ?? ""
            guard let a = tensors[map + Self.inner], let b = tensors[map + Self.outer] else {
                throw damaged("\(map) has not both lora_A and lora_B")
            }
            guard a.shape.count == 2, b.shape.count == 2, a.shape[0] == configuration.rank,
                b.shape[1] == configuration.rank
            else {
                throw damaged("\(map) has \(a.shape) and \(b.shape), which are not of rank \(configuration.rank)")
            }
            let length = tensors[map + Self.magnitude]
            guard (length != nil) == configuration.isDecomposed, length.map({ Array($0.shape) == [b.shape[0]] }) ?? true
            else {
                throw damaged(
                    "\(map): use_dora is \(configuration.isDecomposed), which its lora_magnitude_vector does not fit"
                )
            }
        }
    }

    /// Whether it can go over that base.
    ///
    /// - Parameters:
    ///   - shapes: `[outputs, inputs]` of the base's maps, by name without `.weight`.
    ///   - fingerprint: what the base's weights expect.
    /// - Throws: ``BundleError/malformed(file:problem:)`` for a map that the base does not have, or has in another shape, and
    ///   ``BundleError/otherBase(adapter:base:differing:)``.
    public func requireFit(
        _ shapes: [String: [Int]],
        fingerprint expected: Fingerprint,
        of base: String,
        check: FingerprintCheck
    ) throws {
        try requireFit(shapes)
        let differing = fingerprint?.differences(from: expected) ?? []
        guard differing.isEmpty || check == .ignored else {
            throw BundleError.otherBase(adapter: path ?? "", base: base, differing: differing)
        }
    }

    private func requireFit(_ shapes: [String: [Int]]) throws {
        for map in maps {
            guard let a = tensors[map + Self.inner], let b = tensors[map + Self.outer] else { continue }
            let shape = [b.shape[0], a.shape[1]]
            guard let found = shapes[map], found == shape, !shape.contains(0),
                !map.hasSuffix("embed_tokens")
            else {
                guard map != "lm_head" || shapes[map] != nil else {
                    let what = "it changes lm_head, and its base has none of its own but scores by its embedding"
                    let remedy = "serve it over its base (yuyan serve BASE --adapter NAME=PATH) instead of merging it"
                    throw BundleError.unsupported(file: path ?? "the adapter", what: "\(what); \(remedy)")
                }
                let found = shapes[map].map { "is \($0)" } ?? "is not there"
                let problem =
                    "it changes \(map) of shape \(shape), which \(found) in its base; it belongs to another model"
                throw BundleError.malformed(file: path ?? "the adapter", problem: problem)
            }
        }
    }
}
