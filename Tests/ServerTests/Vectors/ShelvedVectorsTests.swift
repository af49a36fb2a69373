import HTTPTypes
import HummingbirdTesting
import Logging
import Server
import Synchronization
import Testing
import Text

/// Models that make vectors share the memory with those that talk.
@Suite struct ShelvedVectorsTests {
    /// A server of `fake`, which talks and takes 6 of 10, and of others that make vectors.
    private final class Room: Sendable {
        let opened = Mutex<[String]>([]), isSpoiled = Mutex(false)
        let fake = FakeModel()
        let shelf: Shelf

        init(idle: Duration? = nil) { shelf = Shelf(budget: 10, idle: idle) }

        func maker(_ name: String, _ bytes: Int, isPinned: Bool = false, isIdle: Bool = true) -> VectorModels.Entry {
            var model = FakeVectors()
            (model.card.name, model.isIdle) = (name, isIdle)
            let made = model
            let item = Shelf.Item(vectors: name, bytes: bytes, isPinned: isPinned) {
                try self.requireFiles()
                self.opened.withLock { $0.append(name) }
                return made
            }
            let file = ModelFile(bytes: bytes, modified: 1_700_000_001, digest: "d\(name)")
            return VectorModels.Entry(item, file: file)
        }

        private func requireFiles() throws { if isSpoiled.withLock(\.self) { throw ShelfTests.Spoiled() } }

        /// Returns when the model has come to rest.
        func chat(_ client: any TestClientProtocol) async throws -> TestResponse {
            let body = #"{"messages": [{"role": "user", "content": "Hi"}]}"#
            let response = try await client.post("/v1/chat/completions", body)
            #expect(await eventually { self.fake.isIdle })
            return response
        }

        func served(
            _ makers: [VectorModels.Entry],
            _ test: @Sendable (any TestClientProtocol, VectorModels) async throws -> Void
        ) async throws {
            var options = ServerOptions()
            (options.port, options.trapsSignals) = (0, false)
            let vectors = VectorModels(makers, on: shelf)
            let talker = Shelf.Item(name: "fake", bytes: 6) {
                try self.requireFiles()
                return self.fake
            }
            let server = YuyanServer(
                models: ShelvedModels([.init(talker, card: fake.card)], on: shelf),
                vectors: vectors,
                options: options,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
            )
            try await server.application.test(.router) { try await test($0, vectors) }
        }
    }

    @Test func bothKindsMakeRoomForEachOther() async throws {
        let room = Room()
        try await room.served([room.maker("vectors", 5), room.maker("small", 3)]) { client, _ async throws in
            #expect(try await client.running == [], "nothing is opened before it is asked for")
            #expect(try await room.chat(client).status == .ok)
            #expect(try await client.embed("small").status == .ok)
            #expect(try await client.running == ["fake", "small"])
            #expect(try await client.embed("vectors").status == .ok)
            #expect(try await client.running == ["small", "vectors"], "the one used longest ago has made room")
            #expect(try await room.chat(client).status == .ok)
            #expect(try await client.running == ["fake"], "it took the room of both")
        }
        #expect(room.opened.withLock(\.self) == ["small", "vectors"])
    }

    @Test func whatIsPinnedIsOpenFromTheStartAndStays() async throws {
        let room = Room()
        try await room.served([room.maker("kept", 5, isPinned: true), room.maker("vectors", 5)]) { client, vectors in
            try await vectors.prepare()
            #expect(try await client.running == ["kept"])
            let refused = try await room.chat(client)
            #expect(refused.status == .serviceUnavailable && refused.text.contains("model_does_not_fit"))
            #expect(try await client.embed("vectors").status == .ok)
            #expect(try await client.running == ["kept", "vectors"])
        }
    }

    @Test func whatIsTooLargeIsRefusedWithItsReason() async throws {
        let room = Room()
        try await room.served([room.maker("huge", 11)]) { client, _ in
            for (path, field) in [("/v1/embeddings", "input"), ("/v1/rerank", "documents"), ("/api/embed", "input")] {
                let body = #"{"model": "huge", "query": "q", "\#(field)": ["x"]}"#
                let refused = try await client.post(path, body)
                #expect(refused.status == .serviceUnavailable && refused.text.contains("--model-memory"))
                #expect(!refused.text.contains("cache"), "\(refused.text)")
            }
        }
    }

    /// A request for each dialect, and how its refusal begins.
    static let asking: [(path: String, body: String, begins: String)] = [
        ("/v1/chat/completions", #"{"messages": [{"role": "user", "content": "Hi"}]}"#, #"{"error":{"message":"The"#),
        ("/v1/completions", #"{"prompt": "Hi"}"#, #"{"error":{"message":"The"#),
        ("/v1/responses", #"{"input": "Hi", "store": false}"#, #"{"error":{"message":"The"#),
        ("/v1/messages", #"{"max_tokens": 2, "messages": [{"role": "user", "content": "Hi"}]}"#, #"{"type":"error","#),
        ("/api/chat", #"{"messages": [{"role": "user", "content": "Hi"}]}"#, #"{"error":"The model 'fake'"#),
        ("/v2/chat/completions", #"{"messages": [{"role": "user", "content": "Hi"}]}"#, #"{"error":{"code":"#),
        ("/v1/embeddings", #"{"input": "Hi"}"#, #"{"error":{"message":"The"#),
        ("/v1/rerank", #"{"model": "vectors", "query": "q", "documents": ["x"]}"#, #"{"error":{"message":"The"#),
        ("/api/embed", #"{"input": "Hi"}"#, #"{"error":"The model 'vectors'"#),
    ]

    @Test(arguments: asking.indices) func whatCannotBeOpenedIsToldInEachDialect(index: Int) async throws {
        let (path, body, begins) = Self.asking[index], room = Room()
        room.isSpoiled.withLock { $0 = true }
        try await room.served([room.maker("vectors", 3)]) { client, _ in
            let refused = try await client.post(path, body), text = refused.text
            #expect(refused.status == .serviceUnavailable && text.hasPrefix(begins), "\(text)")
            #expect(text.contains("cannot be opened: tokenizer.json: not JSON") && !text.contains("srv"), "\(text)")
            #expect(refused.headers[HTTPField.Name("x-should-retry")!] == "false")
            room.isSpoiled.withLock { $0 = false }
            #expect(try await client.post(path, body).status == .ok, "mended files are opened")
        }
    }

    @Test func whatComputesMakesNoRoom() async throws {
        let room = Room()
        try await room.served([room.maker("busy", 5, isIdle: false)]) { client, _ in
            #expect(try await client.embed("busy").status == .ok)
            let refused = try await room.chat(client)
            #expect(refused.text.contains("no_room_for_model") && refused.headers[.retryAfter] == "5")
        }
    }

    @Test func whatIsIdleForTooLongIsLetGoAndOpenedAgain() async throws {
        let room = Room(idle: .seconds(60))
        try await room.served([room.maker("vectors", 1), room.maker("kept", 1, isPinned: true)]) { client, vectors in
            try await vectors.prepare()
            #expect(try await client.embed("vectors").status == .ok)
            room.shelf.sweep(at: .now + .seconds(10))
            #expect(try await client.running == ["kept", "vectors"])
            room.shelf.sweep(at: .now + .seconds(3600))
            #expect(try await client.running == ["kept"])
            #expect(try await client.embed("vectors").status == .ok)
        }
        #expect(room.opened.withLock(\.self) == ["kept", "vectors", "vectors"])
    }

    @Test func oneNameMayBeTwoModels() async throws {
        let room = Room()
        try await room.served([room.maker("fake", 2)]) { client, _ async throws in
            #expect(try await room.chat(client).status == .ok)
            #expect(try await client.embed("fake").status == .ok)
            #expect(try await client.running == ["fake", "fake"])
            #expect(try await room.chat(client).status == .ok)
            #expect(room.shelf.holding("fake", .makesVectors)?.bytes == 2 && room.shelf.holding("fake")?.bytes == 6)
        }
    }

    @Test func clientsOfOllamaSayHowLongItStays() async throws {
        let room = Room(), makers = [room.maker("vectors", 1), room.maker("kept", 1, isPinned: true)]
        try await room.served(makers) { client, _ async throws in
            #expect(try await client.embed("vectors", #""keep_alive": "1h""#).status == .ok)
            #expect(try await client.running == ["vectors"])
            #expect(try await client.embed("vectors", #""keep_alive": 0"#).status == .ok)
            #expect(try await client.running == [])
            #expect(try await client.embed("kept", #""keep_alive": 0"#).status == .ok)
            #expect(try await client.running == ["kept"], "what its operator pinned stays")
        }
    }

    @Test func oneIsAsOldAsItsFile() async throws {
        let room = Room()
        try await room.served([room.maker("vectors", 3)]) { client, _ in
            for _ in 0..<2 {
                let listed = try await client.get("/v1/models").json["data"]?.array?.last
                #expect(listed?["id"] == "vectors" && listed?["created"] == 1_700_000_001)
                #expect(try await client.embed("vectors").status == .ok)
            }
        }
    }

    @Test func ollamasListsTellOfThem() async throws {
        let room = Room()
        try await room.served([room.maker("vectors", 3)]) { client, _ in
            for path in ["/api/tags", "/api/ps"] {
                #expect(try await client.embed("vectors").status == .ok)
                let listed = try await client.get(path).json["models"]?.array?.last
                #expect(listed?["name"] == "vectors" && listed?["digest"] == "dvectors" && listed?["size"] == 3)
                #expect(listed?["modified_at"] == "2023-11-14T22:13:21Z", "\(path)")
            }
            let shown = try await client.post("/api/show", #"{"model": "vectors:latest"}"#).json
            #expect(shown["capabilities"] == ["embedding"] && shown["modified_at"] == "2023-11-14T22:13:21Z")
            #expect(shown["model_info"]?["yuyan.embedding_length"] == 4)
            #expect(shown["model_info"]?["yuyan.context_length"] == 16)
            #expect(shown["details"]?["families"] == [])
            let unknown = try await client.post("/api/show", #"{"model": "other"}"#)
            #expect(unknown.status == .notFound && unknown.text.contains("'fake', 'vectors'"), "\(unknown.text)")
        }
    }
}

extension TestClientProtocol {
    /// The names of what is open, in their order.
    fileprivate var running: [String] {
        get async throws {
            let models = try await get("/api/ps").json["models"]?.array ?? []
            return models.compactMap { $0["name"]?.string }.sorted()
        }
    }

    /// - Parameter more: further fields.
    fileprivate func embed(_ model: String, _ more: String = #""truncate": true"#) async throws -> TestResponse {
        try await post("/api/embed", #"{"model": "\#(model)", "input": "Hi", \#(more)}"#)
    }
}
