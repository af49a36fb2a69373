import Foundation
public import Inference
public import Text

/// A model served by an engine of its own.
public struct EngineModel: GenerativeModel {
    public let card: ModelCard
    public let engine: Engine
    public let grammars: GrammarShop
    private let served: ServedModel

    public init(_ served: ServedModel, options: Engine.Options = Engine.Options()) {
        self.init(served, engine: Engine(served, options: options))
    }

    public init(_ served: ServedModel, engine: Engine) {
        (self.served, self.engine) = (served, engine)
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
        let tokenizer = served.tokenizer
        grammars = GrammarShop(
            tokenizer,
            ends: tokenizer.endOfGeneration,
            controls: Set((0..<tokenizer.vocabularySize).filter(tokenizer.isSpecial))
        )
    }

    public var vocabulary: any Vocabulary { served.tokenizer }
    public var defaults: Sampling { served.defaults }
    public var statistics: EngineStatistics { engine.statistics }
    public var keptEngine: Engine? { engine }

    public func generate(_ request: GenerationRequest) throws(EngineError) -> GenerativeModel.Events {
        try engine.generate(request)
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
