import Foundation
import Synchronization

/// A directory of one model, which opens while the server already listens.
public final class OneModel: ModelDirectory {
    public let names: [String]
    private let opening: Task<any GenerativeModel, any Error>
    private let opened: Opened

    public convenience init(_ model: any GenerativeModel) {
        self.init(named: model.card.name) { model }
    }

    /// - Parameter open: reads the file and starts the engine; it runs on a thread of its own.
    public init(named name: String, opening open: @escaping @Sendable () throws -> any GenerativeModel) {
        names = [name]
        let opened = Opened()
        self.opened = opened
        opening = Task {
            let model = try await OneModel.onThread(open)
            opened.model.withLock { $0 = model }
            return model
        }
    }

    public func model(named name: String) async throws -> (any GenerativeModel)? {
        guard names.contains(name) else { return nil }
        do { return try await opening.value } catch { throw CannotOpen.telling(error, of: name) }
    }

    public var open: [any GenerativeModel] { opened.model.withLock { $0.map { [$0] } ?? [] } }

    public func prepare() async throws { _ = try await opening.value }

    public var isReady: Bool { !open.isEmpty }

    /// It stays as long as the server does.
    public func keep(_ name: String, for duration: Duration?) {}
    public func holding(_ name: String) -> Holding? { nil }

    private final class Opened: Sendable {
        let model = Mutex<(any GenerativeModel)?>(nil)
    }

    /// Runs what takes seconds and gigabytes on a thread of its own.
    static func onThread<Model: Sendable>(_ open: @escaping @Sendable () throws -> Model) async throws -> Model {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try open() }) }
        }
    }
}
