import Checkpoints
import Tensors

/// A Hub checkpoint's tensors under the names that models use, norms as the factors they are, matrices as `[outputs, inputs]`.
///
/// A language model that is part of a larger one has another prefix (`language_model.model.`, `model.language_model.`), one that was
/// saved without its head none; the tensors of other parts are left out. Gemma's norms get the one of `1 + w`, in float32, and
/// four of GPT-2's matrices are turned.
struct HubWeights: NamedWeights {
    private let source: any NamedWeights
    /// The file's names by ours.
    private let spellings: [String: String]
    private let layout: HubLayout
    let entries: [WeightEntry]

    init(_ source: any NamedWeights, _ architecture: HubArchitecture?) {
        let layout = architecture?.layout ?? HubLayout()
        let names = HubNames(source.entries.map(\.name), architecture)
        var spellings: [String: String] = [:]
        entries = source.entries.compactMap { entry in
            guard let name = names.ours(entry.name), !layout.isBuffer(name) else { return nil }
            spellings[name] = entry.name
            return layout.entry(WeightEntry(name, entry.dtype, entry.shape))
        }
        (self.source, self.spellings, self.layout) = (source, spellings, layout)
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try spellings[name].flatMap { try source.tensor($0, nil) }.map { layout.read($0, name) }
    }
}

/// The way back: Gemma's norms without the one, GPT-2's matrices as `[inputs, outputs]`.
struct PublishedWeights: NamedWeights {
    let source: any NamedWeights
    let layout: HubLayout

    var entries: [WeightEntry] { source.entries.map(layout.entry) }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try source.tensor(name, nil).map { layout.published($0, name) }
    }
}

/// What the tensors of an architecture are like in the Hub's files, where that is not what models want.
struct HubLayout: Sendable, Hashable {
    /// Whether norms are stored without the one of `1 + w`.
    var normsLackOne = false
    /// Matrices that are `[inputs, outputs]`, by the ends of their names.
    var turned: [String] = []
    /// Matrices whose rows are to have length 1, by the ends of their names.
    var unitRows: [String] = []
    /// Tensors that are no weights, by the ends of their names: masks that follow from the settings.
    var buffers: [String] = []

    /// Whether files keep all that a model has as the model has it.
    var isPlain: Bool { !normsLackOne && turned.isEmpty }

    func isBuffer(_ name: String) -> Bool { buffers.contains(where: name.hasSuffix) }

    func read(_ tensor: Tensor, _ name: String) -> Tensor {
        if unitRows.contains(where: name.hasSuffix), tensor.shape.count == 2 { return tensor.withUnitRows }
        return change(tensor, name, norms: 1)
    }

    func published(_ tensor: Tensor, _ name: String) -> Tensor { change(tensor, name, norms: -1) }

    private func change(_ tensor: Tensor, _ name: String, norms shift: Float) -> Tensor {
        if lacksOne(name) { return Tensor(tensor.scalars.map { $0 + shift }, shape: tensor.shape) }
        return isTurned(name) ? tensor.turned : tensor
    }

    /// What a tensor becomes, either way.
    func entry(_ entry: WeightEntry) -> WeightEntry {
        if unitRows.contains(where: entry.name.hasSuffix) { return WeightEntry(entry.name, .float32, entry.shape) }
        if lacksOne(entry.name) { return WeightEntry(entry.name, .float32, entry.shape) }
        guard isTurned(entry.name), entry.shape.count == 2 else { return entry }
        return WeightEntry(entry.name, entry.dtype, entry.shape.reversed())
    }

    private func lacksOne(_ name: String) -> Bool { normsLackOne && name.hasSuffix("norm.weight") }

    private func isTurned(_ name: String) -> Bool { turned.contains(where: name.hasSuffix) }
}

/// The prefixes under which a network's tensors stand in a checkpoint.
struct HubNames {
    private let prefix, root: String, heads: [String]

    /// - Parameters:
    ///   - names: all of a checkpoint, or of an adapter.
    ///   - architecture: nil for an adapter, whose names tell.
    init(_ names: [String], _ architecture: HubArchitecture? = nil) {
        let known = (architecture ?? .llama).prefixes
        heads = (architecture ?? .llama).heads
        let prefix = known.first { prefix in names.contains { $0.hasPrefix(prefix) } } ?? ""
        (self.prefix, root) = (prefix, architecture?.root ?? (prefix == "transformer." ? prefix : "model."))
    }

    /// Our name for one of the checkpoint's; nil for a tensor of another part.
    func ours(_ name: String) -> String? {
        for head in heads where name.hasPrefix(head) {
            return (heads.first ?? "") + name.dropFirst(head.count)
        }
        guard name.hasPrefix(prefix) else { return root.isEmpty ? name : nil }
        return root + name.dropFirst(prefix.count)
    }
}
