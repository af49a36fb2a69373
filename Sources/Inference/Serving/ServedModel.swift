public import Bundles
public import Checkpoints
public import Models
import Tensors
public import Text

/// A model with all it takes to talk with it: network, tokenizer, chat template and limits.
public struct ServedModel: Sendable {
    /// What clients call it.
    public var name: String
    public let model: any LanguageModel
    public let tokenizer: Tokenizer
    /// nil for a base model, which continues texts but knows no conversation.
    public var template: ChatTemplate?
    public let settings: Settings
    /// The most tokens prompt and completion may have together, by the model's own account or the option below.
    public let contextLength: Int
    /// How its makers want it sampled, where the file says so.
    public var defaults: Sampling
    /// Tells its weights from those of others; nil where it was not opened from a file.
    public var identity: String?
    /// What adapters need to share the network's batches; see ``adapted(named:by:)``.
    var adaptable: Adaptable?
    /// What its requests go through besides the network; see ``adapted(named:by:)``.
    var adapter: LoadedAdapter?
    /// A smaller network that guesses this one's answers; see ``drafted(by:)``.
    package private(set) var draft: Draft?

    package struct Draft: Sendable {
        package let model: any LanguageModel, contextLength: Int
    }

    public struct Options: Sendable {
        /// Serves less than the model could; nil: all of it.
        public var contextLength: Int?
        /// Whether a context that is more than the model can have means all that it can, and is no error.
        public var clampsContext = false
        /// What to do where tokenizer or template are not those the weights were made with.
        public var fingerprints: FingerprintCheck

        public init(contextLength: Int? = nil, fingerprints: FingerprintCheck = .strict) {
            (self.contextLength, self.fingerprints) = (contextLength, fingerprints)
        }
    }

    /// - Throws: ``ServedModelError`` if the parts do not belong together.
    public init(
        name: String,
        model: any LanguageModel,
        tokenizer: Tokenizer,
        template: ChatTemplate? = nil,
        settings: Settings,
        defaults: Sampling = Sampling(),
        options: Options = Options()
    ) throws {
        guard tokenizer.vocabularySize == model.vocabulary else {
            throw ServedModelError.vocabularyMismatch(tokens: tokenizer.vocabularySize, rows: model.vocabulary)
        }
        let trained = try settings.positive("max_position_embeddings")
        let most = options.clampsContext ? Int.max : trained
        if let asked = options.contextLength, asked < 1 || asked > most {
            throw ServedModelError.contextLength(asked: asked, trained: trained)
        }
        (self.name, self.model, self.tokenizer, self.template) = (name, model, tokenizer, template)
        (self.settings, self.defaults) = (settings, defaults)
        contextLength = min(options.contextLength ?? trained, trained)
    }

    /// The same model, with a smaller one of the same tokens that guesses what it will say. Answers stay the same.
    ///
    /// - Throws: ``ServedModelError`` if the two do not mean the same by their tokens, or one keeps states, from which no guess can be
    ///   taken back.
    public func drafted(by small: ServedModel) throws -> ServedModel {
        for one in [self, small] where one.model.cacheShape.isRecurrent {
            throw ServedModelError.recurrentDraft(one.name)
        }
        let ours = tokenizer, theirs = small.tokenizer
        let common = min(ours.vocabularySize, theirs.vocabularySize)
        if let id = (0..<common).first(where: { ours.token($0) != theirs.token($0) }) {
            let (token, expected) = (theirs.token(id), ours.token(id))
            throw ServedModelError.draftVocabulary(small.name, id: id, token: token, expected: expected)
        }
        var model = self
        model.draft = Draft(model: small.model, contextLength: small.contextLength)
        return model
    }
}

/// Why the parts of a file do not make a model that can be served.
public enum ServedModelError: Error, Sendable, Hashable, CustomStringConvertible {
    case vocabularyMismatch(tokens: Int, rows: Int)
    case contextLength(asked: Int, trained: Int)
    /// The model is one with an adapter of its own, or was put together in memory.
    case notAdaptable(String)
    case draftVocabulary(String, id: Int, token: String?, expected: String?)
    case recurrentDraft(String)

    public var description: String {
        switch self {
        case .vocabularyMismatch(let tokens, let rows):
            "the tokenizer has \(tokens) tokens but the network scores \(rows); the file was put together wrongly"
        case .contextLength(let asked, let trained):
            "a context of \(asked) tokens was asked for; this model takes 1 to \(trained)"
        case .notAdaptable(let name):
            "“\(name)” takes no adapters: it has one of its own; take the model beneath it"
        case .draftVocabulary(let name, let id, let token, let expected):
            "“\(name)” cannot draft for this model: its token \(id) is “\(token ?? "")”, not “\(expected ?? "")”; "
                + "take a smaller model of the same family"
        case .recurrentDraft(let name):
            "“\(name)” keeps a state, from which a wrong guess cannot be taken back; leave --draft-model out"
        }
    }
}
