import Checkpoints
import Tensors

/// A Hub checkpoint's tensors under the names that models use, norms as the factors they are.
///
/// A language model that is part of a larger one has another prefix (`language_model.model.`, `model.language_model.`), one that was
/// saved without its head none; the tensors of other parts are left out. Gemma's norms get the one of `1 + w`, in float32.
struct HubWeights: NamedWeights {
    private let source: any NamedWeights
    /// The file's names by ours.
    private let spellings: [String: String]
    private let normsLackOne: Bool
    let entries: [WeightEntry]

    init(_ source: any NamedWeights, _ architecture: HubArchitecture?) {
        let names = HubNames(source.entries.map(\.name))
        let normsLackOne = architecture?.normsLackOne == true
        var spellings: [String: String] = [:]
        entries = source.entries.compactMap { entry in
            guard let name = names.ours(entry.name) else { return nil }
            spellings[name] = entry.name
            return WeightEntry(name, normsLackOne && Self.isNorm(name) ? .float32 : entry.dtype, entry.shape)
        }
        (self.source, self.spellings, self.normsLackOne) = (source, spellings, normsLackOne)
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let spelling = spellings[name], let tensor = try source.tensor(spelling, nil) else { return nil }
        return normsLackOne && Self.isNorm(name) ? Self.shifted(tensor, by: 1) : tensor
    }

    static func isNorm(_ name: String) -> Bool { name.hasSuffix("norm.weight") }

    static func shifted(_ tensor: Tensor, by shift: Float) -> Tensor {
        Tensor(tensor.scalars.map { $0 + shift }, shape: tensor.shape)
    }
}

/// The prefixes under which a language model's tensors stand in a checkpoint.
struct HubNames {
    private let model: String

    /// - Parameter names: all of a checkpoint, or of an adapter.
    init(_ names: [String]) {
        let known = ["language_model.model.", "model.language_model.", "model."]
        model = known.first { prefix in names.contains { $0.hasPrefix(prefix) } } ?? ""
    }

    /// Our name for one of the checkpoint's; nil for a tensor of another part.
    func ours(_ name: String) -> String? {
        for head in ["lm_head.", "language_model.lm_head."] where name.hasPrefix(head) {
            return "lm_head." + name.dropFirst(head.count)
        }
        return name.hasPrefix(model) ? "model." + name.dropFirst(model.count) : nil
    }
}

/// The way back: Gemma's norms without the one.
struct PublishedWeights: NamedWeights {
    let source: any NamedWeights
    private let normsLackOne: Bool

    init(_ source: any NamedWeights, _ architecture: HubArchitecture) {
        (self.source, normsLackOne) = (source, architecture.normsLackOne)
    }

    var entries: [WeightEntry] {
        source.entries.map { entry in
            normsLackOne && HubWeights.isNorm(entry.name) ? WeightEntry(entry.name, .float32, entry.shape) : entry
        }
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let tensor = try source.tensor(name, nil) else { return nil }
        return normsLackOne && HubWeights.isNorm(name) ? HubWeights.shifted(tensor, by: -1) : tensor
    }
}
