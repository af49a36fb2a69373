import Checkpoints
import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import Logging
import NIOCore
import Server
import Synchronization
import Testing
import Text

/// A server whose models clients may change: `fake`, started with it, and a store in a folder of its own.
final class Kept: Sendable {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID().uuidString)")
    let model = FakeModel()
    let opened = Mutex<[String]>([])
    let source: URL

    init() throws {
        source = folder.appending(path: "source.gguf")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("a model's bytes".utf8).write(to: source)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var store: ModelStore {
        let entry = CatalogueEntry(
            name: "tiny",
            summary: "",
            kind: .chat,
            file: "tiny.gguf",
            bytes: 15,
            sha256: sha256(of: "a model's bytes".utf8),
            licence: "MIT",
            context: 8,
            sources: [.file(path: source.path)]
        )
        return ModelStore(home: folder.path, catalogue: Catalogue([entry]), environment: [:])
    }

    private func item(_ name: String, isPinned: Bool = false) -> Shelf.Item {
        Shelf.Item(name: name, bytes: 10, isPinned: isPinned, isReleasable: true) {
            self.opened.withLock { $0.append(name) }
            var model = self.model
            model.card.name = name
            return model
        }
    }

    /// How weights get fewer bits; a file that has none, and the recipe for its name.
    static let quantising: ModelKeeper.Quantising = { _, recipe, target, progress in
        try progress(0.5)
        let words: GGUFMetadata = [
            "general.architecture": .string("llama"), "general.name": .string(recipe),
            "llama.attention.head_count": .uint32(2), "llama.embedding_length": .uint32(4),
        ]
        try GGUFWriter(words).write(to: target)
    }

    /// - Parameter standing: what no request deletes; nil: the first model.
    func server(
        quantising: @escaping ModelKeeper.Quantising = Kept.quantising,
        standing: Set<String>? = nil
    ) -> YuyanServer {
        let models = ShelvedModels([.init(item("fake", isPinned: true), card: model.card)], on: Shelf())
        let vectors = VectorModels([], on: models.shelf)
        let keeper = ModelKeeper(
            store,
            models: models,
            vectors: vectors,
            standing: standing,
            quantising: quantising
        ) { stored in
            guard stored.isGGUF else {
                return .makesVectors(.init(Shelf.Item(vectors: stored.name, bytes: 1) { FakeVectors() }))
            }
            return .talks(.init(self.item(stored.name), file: ModelFile(stored)))
        }
        var options = ServerOptions()
        (options.port, options.trapsSignals) = (0, false)
        return YuyanServer(
            models: models,
            vectors: vectors,
            keeper: keeper,
            options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
        )
    }

    func served(_ test: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await server().application.test(.router, test)
    }

    var lastPrompt: String { ByteVocabulary().text(of: model.watch.requests.last?.prompt ?? []) }
}

extension TestClientProtocol {
    func lines(_ path: String, _ body: String) async throws -> [JSON] {
        try await post(path, body).text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    func remove(_ body: String) async throws -> TestResponse {
        try await delete("/api/delete", body)
    }

    var names: [String] {
        get async throws { try await get("/api/tags").json["models"]?.array?.compactMap { $0["name"]?.string } ?? [] }
    }
}
