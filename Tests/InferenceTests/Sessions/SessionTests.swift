import Checkpoints
import Foundation
import Inference
import Tensors
import Testing
import Text

/// Conversations that are saved, and go on in another engine as if they had never stopped.
@Suite struct SessionTests {
    static let folder = FileManager.default.temporaryDirectory.appending(path: "sessions-\(UUID().uuidString)").path
    static let prompt = (0..<75).map { ($0 * 7 + 3) % 90 + 3 }

    static func engine(_ type: CacheType = .f16, blocks: Int = 64) throws -> (Engine, ServedModel) {
        let served = try ServedModel.open(path: BundleLogitsTests.golden("llama"), name: "tiny")
        var options = Engine.Options()
        (options.cacheType, options.cacheTokens) = (type, blocks * 16)
        return (Engine(served, options: options), served)
    }

    static func request(_ prompt: [Int]) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt,
            sampling: Sampling(temperature: 0.9, seed: 5),
            maxTokens: 40,
            topLogprobs: 2,
            ignoreEOS: true
        )
    }

    private func saved(_ type: CacheType, _ name: String) async throws -> (path: String, said: [Int]) {
        let (engine, served) = try Self.engine(type)
        let said = try await engine.generate(Self.request(Self.prompt)).collect().tokens.map(\.id)
        let text = try await engine.cached(Self.prompt + said)
        #expect(text.tokens.count == 112, "whole blocks of 75 + 39 tokens; the last one said is not computed")
        let path = try SessionFolder(path: Self.folder).path(name)
        let identity = try #require(served.identity), layout = try #require(engine.cacheLayout)
        try Session(identity: identity, layout: layout, text: text, messages: [.user("你好"), .assistant("Hi")]).write(
            to: path
        )
        await engine.shutdown()
        return (path, said)
    }

    /// The slow twin reads it all again.
    @Test(arguments: CacheType.allCases) func whatIsRestoredSaysTheSame(type: CacheType) async throws {
        let (path, said) = try await saved(type, "same-\(type.rawValue)")
        let next = Self.prompt + said + [9, 8, 7], session = try Session(path: path)
        let (fresh, served) = try Self.engine(type), (restored, _) = try Self.engine(type)
        try session.check(served.identity, restored.cacheLayout, path: path)
        #expect(session.messages == [.user("你好"), .assistant("Hi")])
        #expect(try await restored.restore(session.text) == 112)
        let slow = try await fresh.generate(Self.request(next)).collect()
        let fast = try await restored.generate(Self.request(next)).collect()
        #expect(fast.tokens == slow.tokens && fast.text == slow.text)
        #expect((slow.usage.cachedTokens, fast.usage.cachedTokens) == (0, 112))
        #expect(
            try await restored.cached(next + fast.tokens.map(\.id)).blocks.prefix(7) == session.text.blocks.prefix(7)
        )
    }

    @Test func aSmallCacheTakesWhatItHasRoomFor() async throws {
        let (path, said) = try await saved(.f16, "small")
        let (engine, _) = try Self.engine(blocks: 4), text = try Session(path: path).text
        #expect(try await engine.restore(text) == 64)
        #expect(try await engine.restore(text) == 64, "again changes nothing")
        let answer = try await engine.generate(Self.request(Array((Self.prompt + said).prefix(20)))).collect()
        #expect(answer.usage.cachedTokens == 16)
    }

    @Test func whatIsOfAnotherModelIsRefused() async throws {
        let (path, _) = try await saved(.f16, "other"), session = try Session(path: path)
        let (engine, served) = try Self.engine(.q8_0)
        #expect(throws: SessionError.self) { try session.check("another", session.layout, path: path) }
        #expect(throws: SessionError.self) { try session.check(nil, session.layout, path: path) }
        #expect(throws: SessionError.self) { try session.check(served.identity, engine.cacheLayout, path: path) }
        await #expect(throws: EngineError.self) { try await engine.restore(session.text) }
        var text = session.text
        try #require(text.tokens.count > 3)
        text.tokens[3] = 5_000
        let (halves, _) = try Self.engine()
        await #expect(throws: EngineError.self) { try await halves.restore(text) }
        text.tokens[3] = -1
        await #expect(throws: EngineError.self) { try await halves.restore(text) }
        #expect(try await halves.cached(Self.prompt).tokens.isEmpty, "nothing of it came in")
    }

    @Test func otherWeightsHaveAnotherIdentity() throws {
        let names = ["llama", "qwen2", "qwen3", "gemma3"]
        let found = try names.map { try ServedModel.open(path: BundleLogitsTests.golden($0), name: $0).identity }
        #expect(Set(found).count == names.count && !found.contains(nil))
        let copy = Self.folder + "-weights"
        try FileManager.default.copyItem(atPath: BundleLogitsTests.golden("llama"), toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        #expect(try ServedModel.open(path: copy, name: "copy").identity == found[0], "the folder's name is not in it")
        let file = URL(filePath: copy + "/model.safetensors")
        var bytes = try Data(contentsOf: file)
        for index in stride(from: bytes.count / 2, to: bytes.count, by: 2) { bytes[index] ^= 1 }
        try bytes.write(to: file)
        #expect(try ServedModel.open(path: copy, name: "tuned").identity != found[0])
    }
}

// MARK: Hostile files

extension SessionTests {
    @Test func aFileThatWasCutOrChangedIsRefused() async throws {
        let (path, _) = try await saved(.f16, "cut"), bytes = try Data(contentsOf: URL(filePath: path))
        let draft = Self.folder + "/draft.session"
        let lengths =
            Array(0..<600) + Array(stride(from: 600, to: bytes.count, by: 977)) + Array(bytes.count - 70..<bytes.count)
        for length in lengths {
            try bytes.prefix(length).write(to: URL(filePath: draft))
            let error = #expect(throws: SessionError.self, "cut to \(length) bytes") { try Session(path: draft) }
            #expect(error?.isDamage == true, "cut to \(length) bytes: \(String(describing: error))")
        }
        for place in stride(from: 0, to: bytes.count, by: 331) {
            var changed = bytes
            changed[place] ^= 0x40
            try changed.write(to: URL(filePath: draft))
            #expect(throws: SessionError.self, "byte \(place) changed") { try Session(path: draft) }
        }
    }

    static let headers = [
        "", "[]", "{}", #"{"identity": 1}"#, header(tokens: "16"), header(tokens: "-16"), header(tokens: "4294967296"),
        header(tokens: "15"), header(tokens: "1e300"), header(bytes: "0"), header(bytes: "1099511627776"),
        header(tokens: "0", messages: "[1]"), header(tokens: "0", messages: #"[{"role": "user"}]"#),
        String(repeating: "[", count: 100_000),
    ]

    static func header(tokens: String = "4294967280", bytes: String = "9223372036854775807", messages: String = "[]")
        -> String
    {
        """
        {"identity": "x", "tokens": \(tokens), "messages": \(messages), "cache": {"type": "f16", "layers": 1, "kv_heads": 1, \
        "head_width": 16, "block_bytes": \(bytes)}}
        """
    }

    /// Its digest is right: whoever made it knew how.
    @Test(arguments: headers.indices) func aHeaderIsNotBelieved(index: Int) throws {
        let header = Array(Self.headers[index].utf8), path = Self.folder + "/header-\(index).session"
        var bytes = Array("YUYANSE1".utf8) + withUnsafeBytes(of: UInt32(header.count).littleEndian, Array.init) + header
        bytes += Array(sha256(of: bytes).utf8)
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
        let error = #expect(throws: SessionError.self) { try Session(path: path) }
        #expect(error?.isDamage == true, "\(String(describing: error))")
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", "a b", "ä", "-x", String(repeating: "x", count: 65)])
    func aNameLeadsNowhereElse(name: String) {
        #expect(throws: SessionError.badName(name)) { try SessionFolder(path: "/nowhere").path(name) }
    }

    @Test func sessionsAreListedAndRemoved() async throws {
        let folder = SessionFolder(path: Self.folder + "-list")
        #expect(folder.entries.isEmpty)
        #expect(try folder.session("none") == nil)
        let layout = CacheLayout(type: "f16", layers: 1, kvHeads: 1, headWidth: 16, blockBytes: 64)
        for name in ["b", "a"] {
            let text = CachedText(tokens: Array(0..<16), blocks: [Array(repeating: 7, count: 64)])
            try Session(identity: "x", layout: layout, text: text, model: "tiny " + name).write(to: folder.path(name))
        }
        try Data("no session".utf8).write(to: URL(filePath: folder.path("c")))
        #expect(folder.entries.map(\.name) == ["a", "b", "c"])
        #expect(folder.entries.map(\.model) == ["tiny a", "tiny b", nil])
        #expect(folder.entries.map(\.tokens) == [16, 16, nil])
        #expect(try folder.remove("c") == true)
        #expect(try folder.session("a")?.text.tokens == Array(0..<16))
        #expect(try folder.remove("a") == true)
        #expect(try folder.remove("a") == false)
        #expect(folder.entries.map(\.name) == ["b"])
    }
}

extension SessionError {
    fileprivate var isDamage: Bool { if case .damaged = self { true } else { false } }
}
