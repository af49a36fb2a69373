import Checkpoints
import Foundation
import Synchronization
import Testing

/// Where models come from, each source by its own routes. Loopback only.
@Suite struct SourceTests {
    let bytes = StoreFixture.bytes
    let source = ModelSource.huggingFace(repository: "org/repo", file: "Tiny.bin")

    @Test func theHubGivesTheHashOfWhatNoCatalogueKnows() async throws {
        let announced = Mutex(String(repeating: "1", count: 64))
        let hub = try TestServer { [bytes] request in
            var reply = TestServer.Reply.file(bytes, request)
            reply.headers["X-Linked-Etag"] = "\"\(announced.withLock { $0 })\""
            return reply
        }
        defer { hub.stop() }
        let fixture = try StoreFixture(environment: ["HF_ENDPOINT": hub.url])
        await #expect(throws: StoreError.self) { try await fixture.store.pull("hf:org/repo@v2/sub/Other.bin") }
        #expect(hub.requests.last?.path == "/org/repo/resolve/v2/sub/Other.bin")
        announced.withLock { $0 = StoreFixture.hash }
        let stored = try await fixture.store.pull("hf:org/repo/sub/Other.bin")
        #expect(stored.name == "other")
        #expect(stored.record?.sha256 == StoreFixture.hash)
        #expect(stored.record?.source == "hf:org/repo/sub/Other.bin")
    }

    @Test func modelScopeHasItsOwnRoute() async throws {
        let site = try TestServer { [bytes] in .file(bytes, $0) }
        defer { site.stop() }
        let environment = ["MODELSCOPE_DOMAIN": site.url, "MODELSCOPE_API_TOKEN": "secret"]
        let fixture = try StoreFixture(environment: environment)
        try await fixture.store.pull("modelscope:org/repo/Tiny.bin")
        #expect(site.requests.first?.path == "/api/v1/models/org/repo/repo?Revision=master&FilePath=Tiny.bin")
        #expect(site.requests.first?.headers["authorization"] == "Bearer secret")
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test func theOnlyFileOfARepositoryNeedsNoName() async throws {
        let model = try goldenBytes("tiny-llama.gguf")
        let hub = try TestServer { request in
            let list = #"{"siblings": [{"rfilename": "README.md"}, {"rfilename": "q/Tiny.gguf"}]}"#
            return request.path.hasPrefix("/api/") ? .init(body: Array(list.utf8)) : .file(model, request)
        }
        defer { hub.stop() }
        let fixture = try StoreFixture(environment: ["HF_ENDPOINT": hub.url])
        let stored = try await fixture.store.pull("hf:org/repo")
        #expect(
            hub.requests.map(\.path) == ["/api/models/org/repo/revision/main", "/org/repo/resolve/main/q/Tiny.gguf"]
        )
        #expect(try GGUFFile(path: stored.path).architecture == "llama")
    }

    @Test func severalFilesOfARepositoryAreListed() async throws {
        let list = #"{"Data": {"Files": [{"Path": "a.gguf"}, {"Path": "b.gguf"}]}}"#
        let site = try TestServer { _ in .init(body: Array(list.utf8)) }
        defer { site.stop() }
        let fixture = try StoreFixture(environment: ["MODELSCOPE_ENDPOINT": site.url])
        let error = await #expect(throws: StoreError.self) { try await fixture.store.pull("modelscope:org/repo") }
        #expect("\(try #require(error))" == "org/repo: it has several files; add one of a.gguf, b.gguf")
    }

    @Test func theNextSourceGoesOnWhereTheFirstGaveUp() async throws {
        let first = try TestServer { [bytes] request in
            request.rangeStart == nil ? .init(body: bytes, cutAfter: 120_000) : .init(status: 404)
        }
        let second = try TestServer { [bytes] in .file(bytes, $0) }
        defer {
            first.stop()
            second.stop()
        }
        let sources = [source, .modelScope(repository: "org/repo", file: "Tiny.bin")]
        let environment = ["HF_ENDPOINT": first.url, "MODELSCOPE_ENDPOINT": second.url]
        let fixture = try StoreFixture(sources: sources, environment: environment)
        try await fixture.store.pull("tiny")
        #expect(second.requests.map(\.rangeStart) == [120_000])
        #expect(second.requests.first?.headers["if-range"] == nil)
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test func aSourceInTroubleDoesNotHoldUpTheNext() async throws {
        let first = try TestServer { _ in .init(status: 503) }
        let second = try TestServer { [bytes] in .file(bytes, $0) }
        defer {
            first.stop()
            second.stop()
        }
        let sources = [source, .modelScope(repository: "org/repo", file: "Tiny.bin")]
        let environment = ["HF_ENDPOINT": first.url, "MODELSCOPE_ENDPOINT": second.url]
        let fixture = try StoreFixture(sources: sources, environment: environment)
        let log = ProgressLog()
        try await fixture.store.pull("tiny", progress: log.report)
        #expect(first.requests.count == 2)
        #expect(log.all.contains { $0.phase == .retrying && $0.reason?.contains("503") == true })
    }

    @Test func whenNoSourceAnswersEachSaysWhy() async throws {
        let site = try TestServer { _ in .init(status: 404) }
        defer { site.stop() }
        let sources = [source, .modelScope(repository: "org/repo", file: "Tiny.bin")]
        let environment = ["HF_ENDPOINT": site.url, "MODELSCOPE_ENDPOINT": site.url]
        let fixture = try StoreFixture(sources: sources, environment: environment)
        let error = await #expect(throws: StoreError.self) { try await fixture.store.pull("tiny") }
        guard case .unavailable("tiny", let reasons)? = error else { return #expect(Bool(false)) }
        #expect(reasons.count == 2 && reasons[0].hasPrefix("hf:org/repo/Tiny.bin: ") && reasons[1].contains("404"))
        #expect(!fixture.exists("Tiny.bin.part"))
    }

    @Test func aFileOfThisMachineIsCopied() async throws {
        let fixture = try StoreFixture()
        let original = fixture.home.appending(path: "Some Model.GGUF")
        try Data(goldenBytes("tiny-qwen2.gguf")).write(to: original)
        let stored = try await fixture.store.pull(original.path)
        try Data().write(to: original)
        #expect(stored.name == "some model")
        #expect(try GGUFFile(path: stored.path).architecture == "qwen2")
    }

    /// Wherever a file of the catalogue came from, and whatever an older version noted of it.
    @Test func aFileOfTheCatalogueGoesByItsName() async throws {
        let fixture = try StoreFixture()
        let original = fixture.home.appending(path: "Tiny.bin")
        try Data(bytes).write(to: original)
        let stored = try await fixture.store.pull(original.path)
        #expect(stored.name == "tiny" && stored.record?.licence == "Apache-2.0" && stored.record?.kind == .chat)
        #expect(stored.record?.source == original.path)
        #expect(try fixture.store.locate("small").path == stored.path)
        #expect(try fixture.store.list().map(\.name) == ["tiny"])
    }

    @Test func whatIsNoModelIsRefused() async throws {
        let fixture = try StoreFixture()
        let page = fixture.home.appending(path: "page.gguf")
        try Data("<html>not found</html>".utf8).write(to: page)
        let error = await #expect(throws: StoreError.self) { try await fixture.store.pull(page.path) }
        #expect("\(try #require(error))".contains("this is a web page, not a GGUF file"))
        #expect(try fixture.store.list().isEmpty)
        #expect(!fixture.exists("page.gguf.part"))
    }

    @Test(arguments: [
        "hf:org", "hf:org/", "hf:org/../x.gguf", "hf:/x/y", "https://", "https://host/", "modelscope:a//b",
        "hf:a/b/.hidden",
        "http://host/..", "no-such-model", "./no-such-file.gguf",
    ])
    func whatCannotBeUnderstoodIsAnError(reference: String) async throws {
        let fixture = try StoreFixture(environment: ["HF_ENDPOINT": "http://127.0.0.1:1"])
        await #expect(throws: StoreError.self) { try await fixture.store.pull(reference) }
        #expect(try fixture.store.list().isEmpty)
    }
}
