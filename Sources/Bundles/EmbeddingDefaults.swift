import Checkpoints
import Text

/// How a text's vector is made of the states of its tokens, as the model's makers say.
public struct EmbeddingDefaults: Sendable, Hashable {
    public enum Pooling: String, Sendable, Hashable, CaseIterable {
        /// The first token's state, the mean of all, the last token's.
        case first = "cls", mean, last
    }

    public var pooling: Pooling
    /// Whether a vector's length is made 1.
    public var isNormalized: Bool
    /// The most tokens of a text; nil where nothing is said.
    public var mostTokens: Int?

    public init(pooling: Pooling, isNormalized: Bool = true, mostTokens: Int? = nil) {
        (self.pooling, self.isNormalized, self.mostTokens) = (pooling, isNormalized, mostTokens)
    }
}

/// The files of `sentence-transformers`: `modules.json`, the settings of its pooling, `sentence_bert_config.json`.
extension EmbeddingDefaults {
    /// Returns nil for a folder that has none.
    ///
    /// - Throws: ``BundleError`` for a step or a pooling that is not known here, since other vectors would come of leaving it out.
    init?(_ folder: BundleFolder) throws {
        guard folder.has("modules.json") else { return nil }
        self.init(pooling: .mean, isNormalized: false)
        do {
            for module in try JSONField(folder.json("modules.json")).elements {
                try read(module["type"].string, at: try module["path"].string, folder)
            }
        } catch let error as JSONError {
            throw BundleError.malformed(file: folder.file("modules.json"), problem: "\(error)")
        }
        if let limits = try folder.optionalSettings("sentence_bert_config.json") {
            mostTokens = try limits.optional("max_seq_length")
        }
    }

    private mutating func read(_ type: String, at path: String, _ folder: BundleFolder) throws {
        guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
            throw BundleError.malformed(file: folder.file("modules.json"), problem: "“\(path)” lies outside the folder")
        }
        switch type.split(separator: ".").last {
        case "Transformer": break
        case "Normalize": isNormalized = true
        case "Pooling": pooling = try Self.pooling(folder.settings(path + "/config.json"), folder.file(path))
        default:
            let what = "its step “\(type)” is not known here; known are Transformer, Pooling and Normalize"
            throw BundleError.unsupported(file: folder.file("modules.json"), what: what)
        }
    }

    private static func pooling(_ settings: Settings, _ file: String) throws -> Pooling {
        let keys: [(String, Pooling?)] = [
            ("pooling_mode_cls_token", .first), ("pooling_mode_mean_tokens", .mean), ("pooling_mode_lasttoken", .last),
            ("pooling_mode_max_tokens", nil), ("pooling_mode_mean_sqrt_len_tokens", nil),
            ("pooling_mode_weightedmean_tokens", nil),
        ]
        let asked = try keys.filter { try settings($0.0, default: false) }
        guard asked.count == 1, let pooling = asked[0].1 else {
            let what = asked.isEmpty ? "no pooling" : asked.map(\.0).joined(separator: " and ")
            throw BundleError.unsupported(
                file: file,
                what: "\(what) is not known here; known is one of cls, mean and last"
            )
        }
        return pooling
    }
}

extension EmbeddingDefaults {
    /// What a GGUF file says; nil where it says nothing, or that its head scores texts (4).
    ///
    /// - Throws: ``BundleError`` for a pooling that is not known here.
    init?(_ file: GGUFFile) throws {
        guard let kind = file.metadata[file.architecture + ".pooling_type"]?.integer, kind != 0 else { return nil }
        if kind == 4, file.weights.entries.contains(where: { $0.name == "classifier.weight" }) { return nil }
        guard let pooling = Self.kinds.first(where: { $0.value == kind })?.key else {
            let what =
                "pooling_type \(kind) is not known here; known are 1 (mean), 2 (the first token), 3 (the last), and 4 where an "
                + "encoder has a head that scores"
            throw BundleError.unsupported(file: file.path, what: what)
        }
        self.init(pooling: pooling)
        isNormalized = file.metadata[Self.normalizedKey]?.flag ?? true
        mostTokens = file.metadata[Self.mostTokensKey]?.integer
    }

    /// How `pooling_type` numbers the ways.
    private static let kinds: [Pooling: Int] = [.mean: 1, .first: 2, .last: 3]
    /// Keys of ours: the format has none for them.
    private static let normalizedKey = "yuyan.vectors.normalized", mostTokensKey = "yuyan.vectors.tokens"

    /// - Parameters:
    ///   - name: what the file calls the architecture.
    ///   - scores: whether it has a head that scores texts.
    func write(to metadata: inout GGUFMetadata, of name: String, scores: Bool) {
        metadata[name + ".pooling_type"] = .uint32(UInt32(scores ? 4 : Self.kinds[pooling] ?? 1))
        metadata[Self.normalizedKey] = isNormalized ? nil : .bool(false)
        metadata[Self.mostTokensKey] = mostTokens.map { .uint32(UInt32(clamping: $0)) }
    }
}
