import Foundation
public import Inference
import Synchronization
import Text

/// A model in service that makes vectors of texts, or scores them, as the endpoints see it.
public protocol VectorService: Sendable {
    var card: ModelCard { get }
    var vocabulary: any Vocabulary { get }
    var dimensions: Int { get }
    /// Whether it scores a text against another; if not, their vectors' angle is what there is.
    var ranks: Bool { get }
    /// Two texts that are read together.
    func pair(_ query: String, _ document: String) -> VectorInput
    func vectors(_ inputs: [VectorInput]) async throws(EngineError) -> [[Float]]
    func scores(_ inputs: [VectorInput]) async throws(EngineError) -> [Float]
}

/// A vector model served by an engine of its own.
public struct VectorEngineService: VectorService {
    public let card: ModelCard
    private let engine: VectorEngine

    public init(_ engine: VectorEngine) {
        self.engine = engine
        card = ModelCard(
            name: engine.model.name,
            created: Int(Date().timeIntervalSince1970),
            contextLength: engine.model.contextLength,
            chatTemplate: nil
        )
    }

    public var vocabulary: any Vocabulary { engine.model.tokenizer }
    public var dimensions: Int { engine.model.dimensions }
    public var ranks: Bool { engine.model.ranks }

    public func pair(_ query: String, _ document: String) -> VectorInput {
        let pair = engine.model.tokenizer.encode(query, with: document)
        return VectorInput(pair.ids, segments: pair.segments)
    }

    public func vectors(_ inputs: [VectorInput]) async throws(EngineError) -> [[Float]] {
        try await engine.vectors(inputs)
    }

    public func scores(_ inputs: [VectorInput]) async throws(EngineError) -> [Float] { try await engine.scores(inputs) }
}

/// The models that make vectors and scores, each opened by the first who asks.
public final class VectorModels: Sendable {
    public typealias Opening = @Sendable () throws -> any VectorService

    private let models: Mutex<[(name: String, open: Opening)]>
    private let tasks = Mutex<[String: Task<any VectorService, any Error>]>([:])
    private let opened = Mutex<[String: any VectorService]>([:])

    /// No models.
    public static let none = VectorModels([])

    /// - Parameter models: names, the default one's first, with what opens them, on threads of their own.
    public init(_ models: [(name: String, open: Opening)]) { self.models = Mutex(models) }

    public var names: [String] { models.withLock { $0.map(\.name) } }

    /// A model joins; one of the same name leaves.
    func add(_ name: String, _ open: @escaping Opening) {
        remove(name)
        models.withLock { $0.append((name, open)) }
    }

    func remove(_ name: String) {
        models.withLock { $0.removeAll { $0.name == name } }
        tasks.withLock { $0[name] = nil }
        opened.withLock { $0[name] = nil }
    }

    /// Those that are open now, in the order of their names.
    public var open: [any VectorService] { opened.withLock { opened in names.compactMap { opened[$0] } } }

    /// Opens all of them.
    public func prepare() async throws {
        for name in names { _ = try await model(named: name) }
    }

    /// - Parameter prefers: of several unnamed models the first of this kind.
    func find(_ name: String?, prefers: (@Sendable (any VectorService) -> Bool)? = nil) async throws
        -> any VectorService
    {
        if let name { return try await model(named: name) }
        for name in names {
            let model = try await model(named: name)
            if prefers?(model) ?? true { return model }
        }
        return try await model(named: names.first ?? "")
    }

    private func model(named name: String) async throws -> any VectorService {
        guard let opening = models.withLock({ $0.first { $0.name == name }?.open }) else {
            throw APIError.modelNotFound(name, served: names)
        }
        let task = tasks.withLock { tasks in
            if let task = tasks[name] { return task }
            let task = Task { try await Self.onThread(opening) }
            tasks[name] = task
            return task
        }
        do {
            let model = try await task.value
            opened.withLock { $0[name] = model }
            return model
        } catch {
            tasks.withLock { $0[name] = nil }  // whoever comes next may try again
            throw APIError.failed("The model '\(name)' cannot be opened: \(error)")
        }
    }

    private static func onThread(_ open: @escaping Opening) async throws -> any VectorService {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try open() }) }
        }
    }
}
