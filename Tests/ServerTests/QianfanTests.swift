import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// Qianfan's second API: OpenAI's chat with fields and errors of its own.
@Suite struct QianfanTests {
    static let path = "/v2/chat/completions", key = "bce-v3/ALTAK-abc123/0123456789abcdef"

    @Test func answersWholeAndInEvents() async throws {
        try await served(ToolTests.model(ToolTests.calling)) { client in
            let whole = try await client.post(Self.path, ChatTests.body(ToolTests.tools))
            let message = try whole.json["choices"]?[0]?["message"]
            #expect(try whole.json["id"] == "as-1")
            #expect(
                message?["reasoning_content"] == "Where?"
                    && message?["tool_calls"]?[0]?["function"]?["name"] == "weather"
            )
            let stream = try await client.post(Self.path, ChatTests.body(ToolTests.tools + #", "stream": true"#))
            let thoughts = try stream.events.compactMap { $0["choices"]?[0]?["delta"]?["reasoning_content"]?.string }
            #expect(thoughts.joined().contains("Where?"))
        }
    }

    @Test func itsFieldsReachTheEngine() async throws {
        let model = ToolTests.model(["x"])
        try await served(model) { client in
            let fields =
                #""penalty_score": 1.5, "enable_thinking": false, "web_search": {"enable": false}, "top_k": 5, "user": "u", "stop": "z""#
            let response = try await client.post(Self.path, ChatTests.body(fields))
            #expect(response.status == .ok && response.headers[.init("x-ignored-fields")!] == nil, "\(response.text)")
            let twice = #""repetition_penalty": 1.5, "penalty_score": 1.5, "response_format": {"type": "json_object"}"#
            _ = try await client.post(Self.path, ChatTests.body(twice))
        }
        #expect(model.watch.requests.last?.constraint?.takes("{}", whole: true) == true)
        #expect(model.watch.requests.map(\.sampling.repetitionPenalty) == [1.5, 1.5])
        #expect(model.watch.requests.first?.sampling.topK == 5)
    }

    static let thinking: [(field: String, says: JSON?)] = [
        (#""enable_thinking": true"#, true), (#""thinking": {"type": "enabled"}"#, true),
        (#""thinking": {"type": "disabled"}"#, false), (#""temperature": 1"#, nil),
        (#""enable_thinking": false, "thinking": {"type": "disabled"}"#, false),
    ]

    @Test(arguments: thinking.indices) func thinkingIsSwitchedEitherWay(index: Int) async throws {
        var model = ThinkingModel()
        model.base = ToolTests.model(["x"])
        let (field, says) = Self.thinking[index], asked = model
        try await served(asked) { client in _ = try await client.post(Self.path, ChatTests.body(field)) }
        let prompt = ByteVocabulary().text(of: try #require(model.base.watch.requests.first).prompt)
        #expect(prompt == (says?.text() ?? "nil"))
    }

    @Test(arguments: [false, true]) func everyChunkTellsTheUsageWhereAsked(isIncluded: Bool) async throws {
        try await served { client in
            let options =
                #""stream": true, "stream_options": {"chunk_include_usage": true, "include_usage": \#(isIncluded)}"#
            let usages = try await client.post(Self.path, ChatTests.body(options)).events.map { $0["usage"] }
            let counts = usages.map { $0?["completion_tokens"]?.integer }
            #expect(counts == [1, 1, 2, 3, 4, 4] + (isIncluded ? [4] : []))
            #expect(usages.allSatisfy { $0?["prompt_tokens"] == 9 && $0?["total_tokens"]?.integer ?? 0 >= 9 })
        }
    }

    @Test func itsKeysAreKeys() async throws {
        try await served(FakeModel(), { $0.apiKeys = [Self.key] }) { client in
            let headers: HTTPFields = [.authorization: "Bearer " + Self.key]
            #expect(try await client.post(Self.path, ChatTests.body(), headers: headers).status == .ok)
            let refusal = try await client.post(
                Self.path,
                ChatTests.body(),
                headers: [.authorization: "Bearer bce-v3/x"]
            )
            #expect(refusal.status == .unauthorized)
            #expect(try refusal.json["error"]?["code"] == "invalid_iam_token")
        }
    }

    static let wrong: [(more: String, status: Int, code: String, word: String)] = [
        (#""penalty_score": 3"#, 400, "invalid_argument", "'penalty_score'"),
        (#""penalty_score": 0.5"#, 400, "invalid_argument", "'penalty_score'"),
        (#""penalty_score": "high""#, 400, "invalid_argument", "'penalty_score'"),
        (#""penalty_score": 1.5, "repetition_penalty": 1.2"#, 400, "invalid_argument", "'penalty_score'"),
        (#""enable_thinking": "yes""#, 400, "invalid_argument", "'enable_thinking'"),
        (#""thinking": {"type": "maybe"}"#, 400, "invalid_argument", "'thinking.type'"),
        (#""thinking": true"#, 400, "invalid_argument", "'thinking"),
        (#""web_search": {"enable": true}"#, 400, "invalid_argument", "'web_search'"),
        (#""web_search": 1"#, 400, "invalid_argument", "'web_search'"),
        (#""stream_options": {"chunk_include_usage": true}"#, 400, "invalid_argument", "'stream_options'"),
        (
            #""stream": true, "stream_options": {"chunk_include_usage": 1}"#, 400, "invalid_argument",
            "'stream_options.chunk_include_usage'"
        ),
        (#""thinking": 3"#, 400, "invalid_argument", "'thinking'"),
        (#""temperature": 9"#, 400, "invalid_argument", "'temperature'"),
        (#""top_p": -1"#, 400, "invalid_argument", "'top_p'"),
        (#""stop": 7"#, 400, "invalid_argument", "'stop'"),
        (#""tools": [{"type": "magic"}]"#, 400, "invalid_argument", "'tools[0].type'"),
        (#""response_format": {"type": "xml"}"#, 400, "invalid_argument", "'response_format.type'"),
        (#""max_tokens": 4000"#, 400, "tokens_too_long", "128 tokens"),
        (#""seed": 1.5"#, 400, "invalid_argument", "'seed'"),
    ]

    @Test(arguments: wrong.indices) func aRefusalIsInItsOwnForm(index: Int) async throws {
        let (more, status, code, word) = Self.wrong[index]
        try await served { client in
            let response = try await client.post(Self.path, ChatTests.body(more))
            #expect(response.status.code == status)
            let error = try #require(try response.json["error"]?.object)
            #expect(error.keys == ["code", "message", "type"] && error["code"]?.string == code, "\(response.text)")
            #expect(error["message"]?.string?.contains(word) == true, "\(response.text)")
        }
    }

    @Test func whatComesNoFurtherThanTheDoorIsRefusedInItsFormToo() async throws {
        var model = FakeModel()
        model.refusal = .full(retryAfter: .seconds(3))
        try await served(model) { client in
            let broken = try await client.post(Self.path, "{").json["error"]
            #expect(broken?["code"] == "malformed_json" && broken?["type"] == "invalid_request_error")
            let unknown = try await client.post(Self.path, #"{"model": "nobody", "messages": []}"#)
            #expect(try unknown.status == .notFound && unknown.json["error"]?["code"] == "invalid_model")
            let busy = try await client.post(Self.path, ChatTests.body())
            #expect(busy.status == .tooManyRequests && busy.headers[.retryAfter] == "3")
            #expect(try busy.json["error"]?["type"] == "rate_limit_exceeded")
            #expect(try await client.get(Self.path).json["error"]?["code"] != nil)
        }
    }

    @Test func itsModelsAreListed() async throws {
        try await served { client in
            let listed = try await client.get("/v2/models").json
            #expect(listed["data"]?[0]?["id"] == "fake")
        }
    }
}

/// Its prompt is what it is told of thinking.
private struct ThinkingModel: GenerativeModel {
    var base = FakeModel()
    var card: ModelCard { base.card }
    var vocabulary: any Vocabulary { base.vocabulary }
    var defaults: Sampling { base.defaults }
    var grammars: GrammarShop { base.grammars }
    var statistics: EngineStatistics { base.statistics }
    var keptEngine: Engine? { nil }
    var isIdle: Bool { base.isIdle }

    func render(_ conversation: Conversation) throws -> String {
        conversation.extra["enable_thinking"]?.text() ?? "nil"
    }

    func generate(_ request: GenerationRequest) throws(EngineError) -> GenerativeModel.Events {
        try base.generate(request)
    }
}
