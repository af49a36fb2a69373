public import Inference
public import Text

/// A model in service, as the endpoints see it: words in, words out.
public protocol GenerativeModel: Sendable {
    typealias Events = any AsyncSequence<GenerationEvent, EngineError> & Sendable

    var card: ModelCard { get }
    var vocabulary: any Vocabulary { get }
    /// How its makers want it sampled where a request does not say.
    var defaults: Sampling { get }
    /// The text of the conversation as the model was trained to read it.
    func render(_ conversation: Conversation) throws -> String
    /// Starts a generation; letting go of the events, or of the task that reads them, ends it.
    func generate(_ request: GenerationRequest) throws(EngineError) -> Events
    /// Where grammars of answers are compiled.
    var grammars: GrammarShop { get }
    /// How its engine fares.
    var statistics: EngineStatistics { get }
    /// The engine whose cache can be saved; nil where there is none.
    var keptEngine: Engine? { get }
    /// Whether nobody is being answered by it, or waits to be.
    var isIdle: Bool { get }
}

/// What is known of a model without asking it anything.
public struct ModelCard: Sendable {
    public var name: String
    /// When it was made or taken into service, in seconds of the Unix epoch.
    public var created: Int
    public var contextLength: Int
    public var chatTemplate: String?
    /// How it writes calls of functions, and its thoughts; nil where that is not known, or it does neither.
    public var calls: CallForm?
    public var thoughts: ThoughtForm?
    /// What ends an answer, and the most tokens of one, where a request does not say.
    public var stop: [String] = []
    public var maxTokens: Int?
    /// Tells the weights from others; nil where that is not known.
    public var identity: String?
    /// The model whose engine it shares, where it is an adapter over that one.
    public var parent: String?
    /// What its file tells of the weights; nil where it was not opened from one.
    public var details: ModelDetails?
    /// Of a model that makes vectors: whether it scores a text against another; nil where that is not known, or it talks.
    public var ranks: Bool?

    public init(
        name: String,
        created: Int,
        contextLength: Int,
        chatTemplate: String?,
        calls: CallForm? = nil,
        thoughts: ThoughtForm? = nil
    ) {
        (self.name, self.created, self.contextLength) = (name, created, contextLength)
        (self.chatTemplate, self.calls, self.thoughts) = (chatTemplate, calls, thoughts)
    }
}

/// What is told of a model's weights in a line.
public struct ModelDetails: Sendable, Hashable {
    /// `gguf` or `safetensors`.
    public var format: String
    /// The architecture, as the file spells it.
    public var family: String
    public var parameters: Int
    /// What most of the weights are stored as, such as `Q8_0`.
    public var quantisation: String

    public init(format: String, family: String, parameters: Int, quantisation: String) {
        (self.format, self.family, self.parameters, self.quantisation) = (format, family, parameters, quantisation)
    }
}

/// Text to token ids and back.
public protocol Vocabulary: Sendable {
    var vocabularySize: Int { get }
    var bos: Int? { get }
    var eos: Int? { get }
    var pad: Int? { get }
    func encode(_ text: String, addSpecial: Bool, parseSpecial: Bool) -> [Int]
    func text(of ids: [Int]) -> String
    func bytes(of id: Int) -> [UInt8]
    /// The token's spelling in the vocabulary.
    func token(_ id: Int) -> String?
}
