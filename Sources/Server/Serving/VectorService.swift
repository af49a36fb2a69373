import Foundation
public import Inference
import Text

/// A model in service that makes vectors of texts, or scores them, as the endpoints see it.
public protocol VectorService: Sendable {
    var card: ModelCard { get }
    var vocabulary: any Vocabulary { get }
    var dimensions: Int { get }
    /// Whether it scores a text against another; if not, their vectors' angle is what there is.
    var ranks: Bool { get }
    /// Whether nobody waits for its numbers.
    var isIdle: Bool { get }
    /// Two texts that are read together.
    func pair(_ query: String, _ document: String) -> VectorInput
    func vectors(_ inputs: [VectorInput]) async throws(EngineError) -> [[Float]]
    func scores(_ inputs: [VectorInput]) async throws(EngineError) -> [Float]
}

extension VectorService {
    /// - Parameters:
    ///   - path: the field that has the text, with its index where there are several.
    ///   - remedy: what can be done but shorten it.
    /// - Throws: an `APIError` that names the field, for a text of more tokens than the model reads.
    func requireFit(_ input: VectorInput, in path: String, or remedy: String? = nil) throws(APIError) {
        let count = input.tokens.count, limit = card.contextLength
        guard count > limit else { return }
        let remedy = remedy.map { "Shorten it, or \($0)." } ?? "Shorten it."
        let message = "'\(path)' has \(count) tokens, but the model reads \(limit). \(remedy)"
        throw .invalid(path, message, code: "context_length_exceeded")
    }
}

/// A vector model served by an engine of its own.
public struct VectorEngineService: VectorService {
    public private(set) var card: ModelCard
    private let engine: VectorEngine

    /// - Parameter details: what the file tells of the weights.
    public init(_ engine: VectorEngine, details: ModelDetails? = nil) {
        self.engine = engine
        card = ModelCard(
            name: engine.model.name,
            created: Int(Date().timeIntervalSince1970),
            contextLength: engine.model.contextLength,
            chatTemplate: nil
        )
        card.details = details
        card.ranks = engine.model.ranks
    }

    public var vocabulary: any Vocabulary { engine.model.tokenizer }
    public var dimensions: Int { engine.model.dimensions }
    public var ranks: Bool { engine.model.ranks }
    public var isIdle: Bool { engine.isIdle }

    public func pair(_ query: String, _ document: String) -> VectorInput {
        let pair = engine.model.tokenizer.encode(query, with: document)
        return VectorInput(pair.ids, segments: pair.segments)
    }

    public func vectors(_ inputs: [VectorInput]) async throws(EngineError) -> [[Float]] {
        try await engine.vectors(inputs)
    }

    public func scores(_ inputs: [VectorInput]) async throws(EngineError) -> [Float] { try await engine.scores(inputs) }
}
