import Checkpoints
import Foundation
import Synchronization
import Testing

/// Pulls from a web server that is as good or bad as the test wants. Loopback only.
@Suite struct PullTests {
    let bytes = StoreFixture.bytes

    private func pull(
        from server: TestServer,
        sha256: String = StoreFixture.hash,
        before: (StoreFixture) throws -> Void = { _ in }
    ) async throws -> StoreFixture {
        defer { server.stop() }
        let source = ModelSource.url(try #require(URL(string: server.url + "/files/Tiny.bin")))
        let fixture = try StoreFixture(sources: [source], sha256: sha256)
        try before(fixture)
        try await fixture.store.pull("tiny")
        return fixture
    }

    @Test func aWholeFileArrivesWithItsNote() async throws {
        let server = try TestServer { [bytes] in .file(bytes, $0) }
        let fixture = try await pull(from: server)
        #expect(fixture.holds("Tiny.bin", bytes))
        let stored = try fixture.store.locate("tiny")
        #expect(stored.record?.sha256 == StoreFixture.hash)
        #expect(stored.record?.licence == "Apache-2.0")
        #expect(stored.bytes == bytes.count)
        #expect(!fixture.exists("Tiny.bin.part"))
        #expect(!fixture.exists("Tiny.bin.part.json"))
    }

    @Test func aSecondPullAsksNobody() async throws {
        let server = try TestServer { [bytes] in .file(bytes, $0) }
        let fixture = try await pull(from: server)
        try await fixture.store.pull("small")
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [false, true])
    func aCutConnectionIsContinued(chunked: Bool) async throws {
        let server = try TestServer { [bytes] request in
            var reply = TestServer.Reply.file(bytes, request)
            (reply.cutAfter, reply.isChunked) = (100_000, chunked)
            if request.rangeStart == 200_000 { reply.cutAfter = nil }
            return reply
        }
        let fixture = try await pull(from: server)
        #expect(fixture.holds("Tiny.bin", bytes))
        #expect(server.requests.map(\.rangeStart) == [nil, 100_000, 200_000])
        #expect(server.requests.last?.headers["if-range"] == "\"v1\"")
    }

    @Test func aServerWithoutRangesStartsAgain() async throws {
        let calls = Mutex(0)
        let server = try TestServer { [bytes] _ in
            let first = calls.withLock { calls in
                calls += 1
                return calls == 1
            }
            return .init(body: bytes, cutAfter: first ? 100_000 : nil)
        }
        let fixture = try await pull(from: server)
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test func whatAnEarlierPullLeftIsContinued() async throws {
        let server = try TestServer { [bytes] in .file(bytes, $0) }
        let fixture = try await pull(from: server) { try $0.put("Tiny.bin.part", Array(bytes.prefix(250_000))) }
        #expect(server.requests.map(\.rangeStart) == [250_000])
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test func whatAnEarlierPullLeftOfSomethingElseIsThrownAway() async throws {
        let server = try TestServer { [bytes] in .file(bytes, $0) }
        let fixture = try await pull(from: server) { try $0.put("Tiny.bin.part", Array(repeating: 7, count: 250_000)) }
        #expect(server.requests.map(\.rangeStart) == [250_000, nil])
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test func aWholePartIsOnlyVerified() async throws {
        let server = try TestServer { [bytes] in .file(bytes, $0) }
        let fixture = try await pull(from: server) { try $0.put("Tiny.bin.part", bytes) }
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test func aFileThatChangedMeanwhileStartsAgain() async throws {
        let server = try TestServer { [bytes] request in
            var reply = TestServer.Reply.file(bytes, request, tag: request.rangeStart == nil ? "\"v1\"" : "\"v2\"")
            if request.rangeStart == nil { reply.cutAfter = 100_000 }
            return reply
        }
        let fixture = try await pull(from: server)
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test(arguments: [429, 500, 503])
    func whatMayPassIsTriedAgain(status: Int) async throws {
        let calls = Mutex(0)
        let server = try TestServer { [bytes] request in
            let count = calls.withLock { calls in
                calls += 1
                return calls
            }
            return count < 3 ? .init(status: status, headers: ["Retry-After": "0"]) : .file(bytes, request)
        }
        let fixture = try await pull(from: server)
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test(arguments: [401, 403, 404, 429, 500])
    func whatDoesNotPassIsToldWithAdvice(status: Int) async throws {
        let server = try TestServer { _ in .init(status: status, body: Array("<html>".utf8)) }
        let error = await #expect(throws: StoreError.self) { try await pull(from: server) }
        guard case .http(status, _, let advice)? = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(!advice.isEmpty)
        #expect(server.requests.count == ([429, 500].contains(status) ? 3 : 1))
    }

    @Test func aRedirectionIsFollowedWithoutTheToken() async throws {
        let content = try TestServer { [bytes] in .file(bytes, $0) }
        let hub = try TestServer { _ in
            .redirect(content.url + "/cdn/blob", ["X-Linked-Etag": "\"\(StoreFixture.hash)\""])
        }
        defer {
            content.stop()
            hub.stop()
        }
        let source = ModelSource.huggingFace(repository: "a/b", file: "Tiny.bin")
        let fixture = try StoreFixture(sources: [source], environment: ["HF_ENDPOINT": hub.url, "HF_TOKEN": "secret"])
        try await fixture.store.pull("tiny")
        #expect(hub.requests.map(\.path) == ["/a/b/resolve/main/Tiny.bin"])
        #expect(hub.requests.first?.headers["authorization"] == "Bearer secret")
        #expect(content.requests.first?.headers["authorization"] == nil)
    }

    @Test func redirectionsInCirclesEnd() async throws {
        let server = try TestServer { _ in .redirect("/files/Tiny.bin") }
        let error = await #expect(throws: StoreError.self) { try await pull(from: server) }
        #expect("\(try #require(error))".hasSuffix("it redirects in circles"))
        #expect(server.requests.count == 11)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x"])
    func redirectionsOffTheWebAreNotFollowed(location: String) async throws {
        let server = try TestServer { _ in .redirect(location) }
        let error = await #expect(throws: StoreError.self) { try await pull(from: server) }
        #expect("\(try #require(error))".contains("which is not followed"))
    }

    @Test func wrongBytesAreRemovedAndBothHashesTold() async throws {
        let server = try TestServer { [bytes] in .file(bytes, $0) }
        let wrong = String(repeating: "0", count: 64)
        let expected = StoreError.wrongHash(file: "Tiny.bin", expected: wrong, found: StoreFixture.hash)
        await #expect(throws: expected) { try await pull(from: server, sha256: wrong) { _ in } }
    }

    @Test func aShorterOrLongerFileIsRefusedBeforeItIsFetched() async throws {
        let server = try TestServer { [bytes] in .file(bytes + [1], $0) }
        let error = await #expect(throws: StoreError.self) { try await pull(from: server) }
        guard case .wrongSize(_, 300_000, 300_001)? = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    @Test(.timeLimit(.minutes(8))) func aRefusalDoesNotWaitForWhatTheServerHasLeftToSend() async throws {
        let server = try TestServer { .file([UInt8](repeating: 0, count: 20_000_000), $0) }
        defer { server.stop() }
        let source = ModelSource.url(try #require(URL(string: server.url + "/files/Tiny.bin")))
        let fixture = try StoreFixture(sources: [source])
        var store = fixture.store
        store.patience = Patience(attempts: 1, firstPause: .zero, silence: .seconds(600))
        let expected = StoreError.wrongSize(file: "\(source)", expected: 300_000, found: 20_000_000)
        let impatient = store
        await #expect(throws: expected) { try await impatient.pull("tiny") }
    }

    @Test func aBodyThatAlwaysEndsEarlyIsGivenUp() async throws {
        let server = try TestServer { [bytes] request in
            var reply = TestServer.Reply.file(bytes, request)
            reply.cutAfter = 10
            return reply
        }
        let error = await #expect(throws: StoreError.self) { try await pull(from: server) }
        guard case .network? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(server.requests.count == 3)
    }

    @Test func aSilentServerIsGivenUp() async throws {
        let server = try TestServer { [bytes] in
            var reply = TestServer.Reply.file(bytes, $0)
            reply.pause = .seconds(120)
            return reply
        }
        let error = await #expect(throws: StoreError.self) { try await pull(from: server) }
        #expect("\(try #require(error))".hasSuffix("it does not answer"))
    }

    @Test func aServerThatIsNotThereIsNamed() async throws {
        let server = try TestServer { _ in .init() }
        server.stop()
        let error = await #expect(throws: StoreError.self) { try await pull(from: server) }
        guard case .network? = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }
}
