import Checkpoints
import Foundation
import Testing

@Suite struct ModelStoreTests {
    let bytes = StoreFixture.bytes

    @Test func anEmptyStoreListsNothing() throws {
        #expect(try StoreFixture().store.list().isEmpty)
        #expect(try ModelStore(home: "/nowhere/at/all").list().isEmpty)
    }

    @Test func aFilePutThereByHandIsAModel() throws {
        let fixture = try StoreFixture()
        try fixture.put("My-Model.gguf", [1])
        try fixture.put("Tiny.bin", bytes)
        try fixture.put("half.gguf.part", [1])
        #expect(try fixture.store.list().map(\.name) == ["my-model", "tiny"])
        #expect(try fixture.store.locate("MY-MODEL").path == fixture.path("My-Model.gguf"))
        #expect(try fixture.store.locate("My-Model.gguf").record == nil)
        #expect(try fixture.store.locate("small").path == fixture.path("Tiny.bin"))
    }

    @Test func aFileIsFoundWithoutTheEndOfItsName() throws {
        let fixture = try StoreFixture(file: "Tiny-Q4_K_M.gguf")
        try fixture.put("Tiny-Q4_K_M.gguf", bytes)
        #expect(try fixture.store.locate("tiny-q4_k_m").name == "tiny")
    }

    @Test func aFileThatSomethingHappenedToIsFoundOut() async throws {
        let fixture = try StoreFixture(), store = fixture.store
        try fixture.put("Tiny.bin", bytes)
        let verified = try store.locate("tiny")
        #expect(verified.record?.sha256 == StoreFixture.hash && !verified.isChanged)
        try fixture.put("Tiny.bin", bytes)  // the same again: another time of change
        #expect(try store.list().first?.isChanged == true)
        #expect(try store.locate("tiny").isChanged == false)
        var flipped = bytes
        flipped[1000] ^= 1
        try fixture.put("Tiny.bin", flipped)
        let error = #expect(throws: StoreError.self) { try store.locate("small") }
        #expect("\(try #require(error))".contains("yuyan pull tiny fetches it again"))
        try store.remove("tiny")
        #expect(throws: StoreError.notPulled("tiny")) { try store.locate("tiny") }
    }

    @Test func whatAnUnfinishedPullLeftIsRemovedByItsName() throws {
        let fixture = try StoreFixture()
        try fixture.put("other.gguf.part", [1])
        try fixture.store.remove("other.gguf")
        #expect(!fixture.exists("other.gguf.part"))
        #expect(throws: StoreError.self) { try fixture.store.remove("other.gguf") }
    }

    @Test func aHomeThatIsAFileIsNamed() throws {
        let path = golden("tiny-llama.gguf")
        #expect(
            throws: StoreError.system(path: path, reason: "this is a file, not a folder; set YUYAN_HOME to a folder")
        ) {
            try ModelStore(home: path).list()
        }
    }

    @Test func aRunThatHasEndedIsAModel() throws {
        let fixture = try StoreFixture(), runs = fixture.home.appending(path: "runs")
        for (name, file) in [("poems", "config.json"), ("tuned", "adapter_config.json"), ("small", "config.json")] {
            let folder = runs.appending(path: "\(name)/model")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: folder.appending(path: file))
        }
        try FileManager.default.createDirectory(at: runs.appending(path: "begun"), withIntermediateDirectories: true)
        let poems = try fixture.store.locate("poems")
        #expect(poems.name == "poems" && poems.path == runs.appending(path: "poems/model").path)
        #expect(try fixture.store.locate("tuned").name == "tuned")
        try fixture.put("Tiny.bin", bytes)
        #expect(try fixture.store.locate("small").path == fixture.path("Tiny.bin"), "the store comes first")
        for name in ["begun", "..", "", "../runs/poems"] {
            #expect(throws: StoreError.self) { try fixture.store.locate(name) }
        }
    }

    @Test func aPathIsAModel() throws {
        let path = golden("tiny-llama.gguf")
        #expect(try StoreFixture().store.locate(path).path == path)
    }

    @Test func whatIsNotPulledSaysHow() throws {
        let fixture = try StoreFixture()
        let error = #expect(throws: StoreError.notPulled("small")) { try fixture.store.locate("small") }
        #expect("\(try #require(error))" == "small is not in the store yet: yuyan pull small")
    }

    @Test(arguments: [
        ("/nowhere/at/all.gguf", "there is no such file"),
        ("/etc", "this folder has no config.json or adapter_config.json"),
    ])
    func aPathThatIsNoModelSaysWhy(path: String, reason: String) throws {
        let error = #expect(throws: StoreError.self) { try StoreFixture().store.locate(path) }
        #expect("\(try #require(error))".hasPrefix("\(path): \(reason)"))
    }

    @Test(arguments: [
        ("ftp://example.com/a.gguf", nil, "only http, https and file addresses can be fetched"),
        ("https://example.com/a.gguf", "zz", "a SHA-256 has 64 hexadecimal digits"),
        ("https://example.com/a.gguf", String(repeating: "g", count: 64), "a SHA-256 has 64 hexadecimal digits"),
    ])
    func whatCannotBeFetchedIsRefusedAtOnce(reference: String, sha256: String?, reason: String) async throws {
        let store = try StoreFixture().store
        let error = await #expect(throws: StoreError.self) { try await store.pull(reference, sha256: sha256) }
        #expect("\(try #require(error))".hasSuffix(reason))
    }

    @Test func aMisspeltNameIsAnsweredWithTheNearest() throws {
        let store = try ModelStore(home: StoreFixture().home.path)
        let error = #expect(throws: StoreError.self) { try store.locate("smolm2-135m-instruct") }
        guard case .unknownModel(_, let known)? = error else { return #expect(Bool(false)) }
        #expect(known.first == "smollm2-135m-instruct")
    }

    @Test func anAdoptedFileIsVerifiedNotFetched() async throws {
        let fixture = try StoreFixture()
        try fixture.put("Tiny.bin", bytes)
        try await fixture.store.pull("tiny")
        #expect(try fixture.store.locate("tiny").record?.sha256 == StoreFixture.hash)
    }

    @Test func removingTakesTheNoteAndTheRest() throws {
        let fixture = try StoreFixture()
        for suffix in ["", ".json", ".part", ".part.json"] { try fixture.put("Tiny.bin" + suffix, [1]) }
        try fixture.store.remove("small")
        for suffix in ["", ".json", ".part", ".part.json"] { #expect(!fixture.exists("Tiny.bin" + suffix)) }
        #expect(throws: StoreError.notPulled("tiny")) { try fixture.store.remove("tiny") }
    }

    @Test(arguments: ["nothing", "../outside.gguf", ".", "/etc/hostname", ".locks"])
    func whatIsNotInTheStoreIsNotRemoved(name: String) throws {
        let fixture = try StoreFixture()
        try fixture.put("Tiny.bin", bytes)
        let outside = fixture.home.appending(path: "outside.gguf")
        try Data([1]).write(to: outside)
        #expect(throws: StoreError.self) { try fixture.store.remove(name) }
        #expect(FileManager.default.fileExists(atPath: outside.path) && fixture.exists("Tiny.bin"))
    }

    @Test func aFlippedBitIsSeenByTheNextPull() async throws {
        let server = try TestServer { [bytes] request in .file(bytes, request) }
        defer { server.stop() }
        let source = ModelSource.url(try #require(URL(string: server.url + "/Tiny.bin")))
        let fixture = try StoreFixture(sources: [source]), log = ProgressLog()
        try await fixture.store.pull("tiny")
        try await fixture.store.pull("tiny", progress: log.report)
        #expect(server.requests.count == 1 && !log.all.contains { $0.phase == .retrying })
        var damaged = bytes
        damaged[200_000] ^= 4
        try fixture.put("Tiny.bin", damaged)
        try await fixture.store.pull("tiny", progress: log.report)
        #expect(server.requests.count == 2 && fixture.holds("Tiny.bin", bytes))
        #expect(log.all.contains { $0.phase == .retrying })
    }

    @Test func twoPullsAtOnceFetchOnce() async throws {
        let server = try TestServer { [bytes] request in
            var reply = TestServer.Reply.file(bytes, request)
            reply.pause = .milliseconds(300)
            return reply
        }
        defer { server.stop() }
        let source = ModelSource.url(try #require(URL(string: server.url + "/Tiny.bin")))
        let fixture = try StoreFixture(sources: [source]), log = ProgressLog()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await fixture.store.pull("tiny", progress: log.report) } }
            try await group.waitForAll()
        }
        #expect(server.requests.count == 1)
        #expect(fixture.holds("Tiny.bin", bytes))
        #expect(log.all.contains { $0.phase == .waiting })
    }

    @Test func aCancelledPullKeepsWhatItHas() async throws {
        let server = try TestServer { [bytes] request in
            var reply = TestServer.Reply.file(bytes, request)
            if request.rangeStart == nil { (reply.cutAfter, reply.isChunked) = (100_000, false) }
            if request.rangeStart != nil { reply.isHeld = true }
            return reply
        }
        defer { server.stop() }
        let source = ModelSource.url(try #require(URL(string: server.url + "/Tiny.bin")))
        let fixture = try StoreFixture(sources: [source])
        let pull = Task { try await fixture.store.pull("tiny") }
        while server.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
        pull.cancel()
        await #expect(throws: CancellationError.self) { try await pull.value }
        #expect(fixture.holds("Tiny.bin.part", Array(bytes.prefix(100_000))))
        #expect(try fixture.store.list().isEmpty)
    }

    @Test func aFolderThatCannotBeMadeIsNamed() async throws {
        let fixture = try StoreFixture()
        try Data([1]).write(to: fixture.home.appending(path: "models"))
        let error = await #expect(throws: StoreError.self) { try await fixture.store.pull("tiny") }
        guard case .system(fixture.store.folder, _)? = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
    }

    @Test func progressEndsWithTheWhole() async throws {
        let server = try TestServer { [bytes] in .file(bytes, $0) }
        defer { server.stop() }
        let source = ModelSource.url(try #require(URL(string: server.url + "/Tiny.bin")))
        let fixture = try StoreFixture(sources: [source]), log = ProgressLog()
        try await fixture.store.pull("tiny", progress: log.report)
        let fetching = log.all.filter { $0.phase == .fetching }
        #expect(fetching.last?.completed == bytes.count && fetching.last?.total == bytes.count)
        #expect(log.all.last?.phase == .verifying && log.all.last?.completed == bytes.count)
    }
}

@Suite struct CatalogueTests {
    let entries = Catalogue.builtIn.entries

    @Test func everyNameLeadsToOneEntry() {
        let names = entries.flatMap { [$0.name, $0.file.lowercased()] + $0.aliases }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0 == $0.lowercased() })
        #expect(Catalogue.builtIn[Catalogue.defaultModel]?.kind == .chat)
        #expect(Catalogue.builtIn[Catalogue.smallModel]?.kind == .chat)
    }

    @Test(arguments: Catalogue.builtIn.entries)
    func everyEntryIsWhole(entry: CatalogueEntry) {
        #expect(entry.sha256.wholeMatch(of: /[0-9a-f]{64}/) != nil)
        #expect(entry.bytes > 0 && entry.context > 0 && !entry.sources.isEmpty && !entry.licence.isEmpty)
    }
}
