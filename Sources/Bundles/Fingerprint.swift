import Checkpoints
public import Text

/// What weights expect of the text they are shown: the SHA-256 of a tokenizer and of a chat template.
///
/// It is written beside the weights. Who opens them compares, since a model that is shown other ids, or turns in another form,
/// than those of its training answers badly and gives no reason.
public struct Fingerprint: Sendable, Hashable {
    /// 64 hexadecimal digits.
    public let tokenizer: String
    /// 64 hexadecimal digits, or `none` for a base model.
    public let template: String

    public init(_ tokenizer: TokenizerSpecification, _ template: String?) {
        self.tokenizer = sha256(of: tokenizer.canonicalText.utf8)
        self.template = template.map { sha256(of: $0.utf8) } ?? "none"
    }

    /// What files call it.
    static let key = "yuyan.fingerprint"
    /// And what a JSON file calls it.
    static let settingKey = "yuyan_fingerprint"

    /// The parts that are not the same: `tokenizer`, `chat template`.
    func differences(from other: Fingerprint) -> [String] {
        (tokenizer == other.tokenizer ? [] : ["tokenizer"]) + (template == other.template ? [] : ["chat template"])
    }
}

extension Fingerprint: LosslessStringConvertible {
    public var description: String { "tokenizer:\(tokenizer) template:\(template)" }

    public init?(_ description: String) {
        let parts = description.split(separator: " ")
        guard parts.count == 2, parts[0].hasPrefix("tokenizer:"), parts[1].hasPrefix("template:") else { return nil }
        tokenizer = String(parts[0].dropFirst("tokenizer:".count))
        template = String(parts[1].dropFirst("template:".count))
    }
}

/// What to do where a fingerprint is not the one that was written.
public enum FingerprintCheck: Sendable, Hashable {
    /// Refuse to open.
    case strict
    /// Open all the same.
    case ignored
}

extension TokenizerSpecification {
    /// All that decides which ids a text has and that every file format can say, one fact to a line.
    ///
    /// Not in it: what only ends answers, what fills rows up, and how a format spells the order of merges.
    fileprivate var canonicalText: String {
        let tokens = unpadded.tokens, special = kinds.indices.filter { kinds[$0] == .control || kinds[$0] == .unknown }
        func id(_ id: Int?) -> String { id.map(String.init) ?? "none" }
        var facts = [
            "family \(family)", "bos \(id(bos)) \(addsBOS)", "eos \(id(eos)) \(addsEOS)",
            "special \(special.map(String.init).joined(separator: " "))", "tokens \(tokens.count)",
        ]
        facts += tokens.map { "\($0.utf8.count) \($0)" }
        if case .byteLevelBPE = kind { facts += merges }
        return facts.joined(separator: "\n")
    }

    private var family: String {
        switch kind {
        case .byteLevelBPE(let pre, _): "bytes \(pre.rawValue)"
        case .sentencePieceBPE(let spaces): "pieces \(spaces.prefix == .never ? "bare" : "prefixed")"
        case .wordPiece(let rules): "words \(rules.lowercases) \(rules.stripsAccents) \(rules.separatesIdeographs)"
        case .unigram(let spaces): "unigram \(spaces.prefix == .never ? "bare" : "prefixed")"
        }
    }
}
