import Foundation
public import Inference
public import Text

/// A model served by an engine of its own.
public struct EngineModel: GenerativeModel {
    public private(set) var card: ModelCard
    public let engine: Engine
    public let grammars: GrammarShop
    private let served: ServedModel

    public init(_ served: ServedModel, options: Engine.Options = Engine.Options()) {
        self.init(served, engine: Engine(served, options: options))
    }

    public init(_ served: ServedModel, engine: Engine) {
        let tokenizer = served.tokenizer
        let grammars = GrammarShop(
            tokenizer,
            ends: tokenizer.endOfGeneration,
            controls: Set((0..<tokenizer.vocabularySize).filter(tokenizer.isSpecial))
        )
        self.init(served, engine, grammars)
    }

    private init(_ served: ServedModel, _ engine: Engine, _ grammars: GrammarShop) {
        (self.served, self.engine, self.grammars) = (served, engine, grammars)
        var card = ModelCard(
            name: served.name,
            created: Int(Date().timeIntervalSince1970),
            contextLength: engine.contextLength,
            chatTemplate: served.template?.source,
            calls: served.template?.calls,
            thoughts: served.template?.thoughts
        )
        card.identity = served.identity
        self.card = card
    }

    /// The model with an adapter over it, in a folder of PEFT's layout: the same engine, whose batches both share.
    ///
    /// - Throws: what `ServedModel.adapted(named:by:)` throws.
    public func adapted(named name: String, by path: String) throws -> EngineModel {
        var model = EngineModel(try served.adapted(named: name, by: path), engine, grammars)
        model.card.parent = card.name
        return model
    }

    /// What its file tells of the weights.
    public var details: ModelDetails? {
        get { card.details }
        set { card.details = newValue }
    }

    public var vocabulary: any Vocabulary { served.tokenizer }
    public var defaults: Sampling { served.defaults }
    public var statistics: EngineStatistics { engine.statistics }
    /// What goes through an adapter is not what the cache's blocks say of the text alone.
    public var keptEngine: Engine? { card.parent == nil ? engine : nil }
    public var isIdle: Bool { served.isIdle ?? (statistics.running + statistics.waiting == 0) }

    public func generate(_ request: GenerationRequest) throws(EngineError) -> GenerativeModel.Events {
        try engine.generate(served.addressed(request))
    }

    public func render(_ conversation: Conversation) throws -> String {
        let isPrompting = if case .prompting = conversation.ending { true } else { false }
        return try served.template?.render(
            conversation.messages,
            tools: conversation.tools,
            addGenerationPrompt: isPrompting,
            extra: conversation.extra
        ) ?? ""
    }
}

extension Tokenizer: Vocabulary {
    public func text(of ids: [Int]) -> String { decode(ids) }
}
