import Bundles
public import Checkpoints
import Text

/// What a run begins with.
public enum ModelChoice: Sendable, Hashable {
    /// A model that exists: a name of the store, a file or a folder.
    case base(String)
    /// A new network, its settings those of a `config.json`, and where its tokenizer comes from.
    case new(Settings, TokenizerChoice, TemplateChoice)

    init(_ section: ConfigurationSection) throws {
        let base = try section.value("base", orNone: .text)
        guard let network = section.raw("new") else {
            guard let base else {
                throw RunConfigurationError(
                    section.path,
                    "name a model to begin with (base), or describe a new one (new)"
                )
            }
            self = .base(base)
            return
        }
        guard base == nil else {
            throw RunConfigurationError(section.place("new"), "there is a base too: leave one out")
        }
        guard let object = network.value?.object else {
            throw RunConfigurationError(network.path, "should be settings as in a config.json")
        }
        for (key, value) in object { section.note("new.\(key)", value.text()) }
        let settings = Settings(Dictionary(object.map { ($0, Settings.Value($1)) }) { $1 })
        let tokenizer = try section.section("tokenizer", TokenizerChoice.init)
        self = .new(settings, tokenizer, try section.value("template", .choice, default: .none))
    }
}

/// How a new model is shown a conversation: not at all, or in OpenAI's ChatML, whose marks its tokenizer then has.
public enum TemplateChoice: String, Sendable, CaseIterable { case none, chatml }

/// Where a new network's tokenizer comes from.
public enum TokenizerChoice: Sendable, Hashable {
    /// That of another model: a name of the store, a GGUF file, a folder, or a `tokenizer.json`.
    case of(String)
    /// Learnt from the run's own text first.
    case learnt(LearntTokenizer)

    init(_ section: ConfigurationSection) throws {
        if let path = try section.optional("from", .text) {
            self = .of(path)
        } else {
            self = .learnt(try .init(section))
        }
    }
}

/// How a tokenizer is learnt.
public struct LearntTokenizer: Sendable, Hashable {
    public enum Algorithm: String, Sendable, CaseIterable { case bpe, unigram }

    public let algorithm: Algorithm
    /// Tokens, special ones included.
    public let size: Int
    /// How text is cut into words, for `bpe`: that of a family, such as `qwen2`.
    public let words: PreTokenizerName
    /// Control tokens; the first ends documents.
    public let special: [String]

    public typealias PreTokenizerName = String

    init(_ section: ConfigurationSection) throws {
        algorithm = try section.value("type", .choice, default: .bpe)
        size = try section.value("size", .integer(300...1_000_000), default: 8000)
        words = try section.value("words", .words, default: PreTokenizer.qwen2.rawValue)
        special = try section.value("special", .texts, default: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    }
}

extension SettingKind where Value == String {
    fileprivate static var words: Self {
        let known = PreTokenizer.allCases.map(\.rawValue)
        return SettingKind(
            expected: "one of \(known.joined(separator: ", "))",
            read: { $0.string.flatMap { known.contains($0) ? $0 : nil } },
            write: \.self
        )
    }
}
