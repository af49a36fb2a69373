import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

@Suite struct OllamaTests {
    static let chat = "/api/chat", generate = "/api/generate"

    static func body(_ more: String = "") -> String {
        #"{"model": "fake:latest", "messages": [{"role": "user", "content": "Hi"}]"#
            + (more.isEmpty ? "" : ", " + more) + "}"
    }

    private func lines(_ response: TestResponse) throws -> [JSON] {
        try response.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    /// One seed means the same in every dialect; only -1 is none.
    @Test(arguments: [(-1, nil), (-3, UInt64.max - 2), (0, 0), (4, 4)] as [(Int, UInt64?)])
    func seedsAreThoseOfOthers(seed: Int, expected: UInt64?) async throws {
        let model = FakeModel()
        try await served(model) { client in
            _ = try await client.post(Self.chat, Self.body(#""options": {"seed": \#(seed)}"#))
            _ = try await client.post(ChatTests.path, ChatTests.body(#""seed": \#(seed)"#))
        }
        let seeds = model.watch.requests.map(\.sampling.seed)
        #expect(seeds == [expected, UInt64(bitPattern: Int64(seed))])
    }

    @Test func chatsInLinesUnlessTold() async throws {
        try await served { client in
            let response = try await client.post(Self.chat, Self.body())
            #expect(response.headers[.contentType] == "application/x-ndjson")
            try expectGolden(response.text.timeless, "ollama-chat-stream.txt")
        }
    }

    @Test func chatsWhole() async throws {
        try await served { client in
            let response = try await client.post(Self.chat, Self.body(#""stream": false, "tools": []"#))
            #expect(response.headers[.contentType] == "application/json")
            try expectGolden(response.text.timeless + "\n", "ollama-chat.txt")
        }
    }

    @Test func generatesInLinesAndWhole() async throws {
        try await served { client in
            let stream = try await client.post(Self.generate, #"{"prompt": "Hi"}"#)
            let whole = try await client.post(Self.generate, #"{"prompt": "Hi", "stream": false}"#)
            try expectGolden(stream.text.timeless + whole.text.timeless + "\n", "ollama-generate.txt")
        }
    }

    static let prompts: [(fields: String, prompt: String)] = [
        (#""prompt": "Hi""#, "user:Hi\n>"), (#""prompt": "Hi", "system": "Be""#, "system:Be\nuser:Hi\n>"),
        (#""prompt": "Hi", "raw": true"#, "<bos>Hi"),
    ]

    @Test(arguments: prompts)
    func aPromptIsAQuestionUnlessRaw(fields: String, prompt: String) async throws {
        let model = FakeModel()
        try await served(model) { client in _ = try await client.post(Self.generate, "{\(fields)}") }
        #expect(ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt) == prompt)
    }

    @Test(arguments: [chat, generate]) func handsTheOptionsToTheEngine(path: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let options = """
                "options": {"temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "repeat_penalty": 1.1, "seed": 7,
                "presence_penalty": -1, "frequency_penalty": 2, "stop": ["x"], "num_predict": 9, "num_ctx": 4096, "odd": 1}
                """
            let more = options + #", "keep_alive": "5m", "strange": 1"#
            let body = path == Self.chat ? Self.body(more) : #"{"prompt": "Hi", \#(more)}"#
            let response = try await client.post(path, body)
            #expect(response.headers[.init("x-ignored-fields")!] == "strange,options.odd")
        }
        let request = try #require(model.watch.requests.first)
        #expect(request.sampling.temperature == 0.5 && request.sampling.topP == 0.9 && request.sampling.topK == 40)
        #expect(request.sampling.minP == 0.1 && request.sampling.repetitionPenalty == 1.1)
        #expect(request.sampling.presencePenalty == -1 && request.sampling.frequencyPenalty == 2)
        #expect(request.sampling.seed == 7 && request.stop == ["x"] && request.maxTokens == 9)
    }

    /// They are about the machine, or ask for what is done anyway.
    @Test func optionsOfTheMachineAreTaken() async throws {
        try await served { client in
            let options = """
                "options": {"num_gpu": -1, "main_gpu": 0, "num_thread": 4, "num_batch": 512, "num_keep": -1, "repeat_last_n": 64, \
                "use_mmap": true, "use_mlock": false, "low_vram": false, "numa": false, "penalize_newline": true}
                """
            let flags = #", "truncate": true, "shift": false"#
            for (path, body) in [
                (Self.chat, Self.body(options + flags)), (Self.generate, #"{"prompt": "Hi", \#(options + flags)}"#),
            ] {
                let response = try await client.post(path, body), ignored = response.headers[.init("x-ignored-fields")!]
                #expect(response.status == .ok && ignored == nil, "\(response.text)")
            }
        }
    }

    @Test(arguments: [-1, -2, 0])
    func noLimitIsNoLimit(limit: Int) async throws {
        let model = FakeModel()
        try await served(model) { client in
            _ = try await client.post(Self.chat, Self.body(#""options": {"seed": -1, "num_predict": \#(limit)}"#))
        }
        #expect(model.watch.requests.first?.maxTokens == nil && model.watch.requests.first?.sampling.seed == nil)
    }

    @Test(arguments: [(chat, #"{"messages": []}"#), (chat, "{}"), (generate, "{}"), (generate, #"{"prompt": ""}"#)])
    func askingNothingLoads(path: String, body: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let line = try #require(try lines(try await client.post(path, body)).first)
            #expect(line["done"] == true && line["done_reason"] == "load" && line["model"] == "fake")
            let (load, total) = (line["load_duration"]?.integer, line["total_duration"]?.integer)
            #expect(load != nil && load == total && line["context"] == nil)
        }
        #expect(model.watch.started == 0)
    }

    static let wrong: [(path: String, more: String, status: Int, word: String)] = [
        (chat, #""format": "xml""#, 400, "'format'"), (chat, #""format": {"not": {}}"#, 400, "'format'"),
        (chat, #""think": 7"#, 400, "'think'"), (chat, #""think": "deep""#, 400, "'think'"),
        (chat, #""truncate": "no""#, 400, "'truncate'"), (generate, #""prompt": "x", "shift": 1"#, 400, "'shift'"),
        (chat, #""options": {"temperature": 3}"#, 400, "'options.temperature'"),
        (chat, #""options": {"num_predict": "all"}"#, 400, "'options.num_predict'"),
        (chat, #""options": {"mirostat": 1}"#, 400, "'options.mirostat'"), (chat, #""options": 1"#, 400, "'options'"),
        (chat, #""options": {"num_predict": 1000}"#, 400, "holds 128 tokens"),
        (chat, #""messages": [{"role": "user", "content": "x", "images": ["aGk="]}]"#, 400, "'messages[0].images'"),
        (chat, #""messages": [{"role": "nobody", "content": "x"}]"#, 400, "'messages[0].role'"),
        (generate, #""prompt": "x", "images": ["aGk="]"#, 400, "'images'"),
        (generate, #""prompt": 1"#, 400, "'prompt'"),
        (generate, #""prompt": "x", "context": [999]"#, 400, "'context[0]'"),
        (generate, #""prompt": "x", "suffix": "y""#, 400, "'suffix'"),
        (generate, #""prompt": "x", "template": "{{ .Prompt }}""#, 400, "'template'"),
        (generate, #""prompt": "", "think": 7"#, 400, "'think'"),
        (chat, #""messages": [], "format": "xml""#, 400, "'format'"),
        (chat, #""model": "nobody""#, 404, "'nobody'"),
    ]

    @Test(arguments: wrong.indices)
    func aRefusalIsInItsOwnForm(index: Int) async throws {
        let (path, more, status, word) = Self.wrong[index]
        try await served { client in
            let isWhole = path == Self.generate || more.contains("messages") || more.contains("model")
            let response = try await client.post(path, isWhole ? "{\(more)}" : Self.body(more))
            #expect(response.status.code == status)
            let members = try #require(try response.json.object)
            #expect(members.keys.elementsEqual(["error"]))
            #expect(members["error"]?.string?.contains(word) == true, "\(response.text)")
        }
    }

    @Test func aFailureIsTheLastLine() async throws {
        var model = FakeModel()
        model.failure = .badLogits(position: 7)
        try await served(model) { client in
            let last = try lines(try await client.post(Self.chat, Self.body())).last
            #expect(last?["error"]?.string?.isEmpty == false && last?["done"] == nil)
        }
    }

    @Test func tellsOfItsModels() async throws {
        try await served { client in
            let tags = try await client.get("/api/tags").json["models"]?[0]
            #expect(tags?["name"] == "fake" && tags?["modified_at"] == "2023-11-14T22:13:20Z")
            let shown = try await client.post("/api/show", #"{"model": "fake:latest"}"#).json
            #expect(shown["capabilities"] == ["completion"] && shown["template"] == "{{ messages }}")
            #expect(shown["model_info"]?["yuyan.context_length"] == 128)
            #expect(
                try await client.post("/api/show", #"{"name": "x"}"#).json["error"]?.string?.contains("'x'") == true
            )
            let nameless = try await client.post("/api/show", "{}")
            #expect(nameless.status == .badRequest && nameless.text.contains("'model' is missing"))
            #expect(try await client.get("/api/ps").json["models"]?[0]?["model"] == "fake")
            #expect(try await client.get("/api/version").json["version"] == .string(YuyanServer.version))
        }
    }

    /// The engine cannot tell who asked: every dialect hands it the same tokens and the same sampling.
    @Test func dialectsAgree() async throws {
        let model = FakeModel()
        try await served(model) { client in
            let options = #""temperature": 0.5, "seed": 3"#
            _ = try await client.post(ChatTests.path, ChatTests.body(options))
            _ = try await client.post(Self.chat, Self.body("\"options\": {\(options)}"))
            _ = try await client.post(Self.generate, "{\"prompt\": \"Hi\", \"options\": {\(options)}}")
        }
        let requests = model.watch.requests
        #expect(requests.count == 3)
        #expect(requests.allSatisfy { $0.prompt == requests[0].prompt && $0.sampling == requests[0].sampling })
    }
}
