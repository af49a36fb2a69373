import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// OpenAI's Responses API.
@Suite struct ResponsesTests {
    static let path = "/v1/responses"
    static let tools = """
        "tools": [{"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {"city": \
        {"type": "string"}}, "required": ["city"]}}, {"type": "function", "name": "now"}]
        """

    static func body(_ more: String = "") -> String { #"{"input": "Hi""# + (more.isEmpty ? "" : ", " + more) + "}" }

    @Test func answersWholeAndInEvents() async throws {
        try await served(ToolTests.model(ToolTests.calling)) { client in
            let whole = try await client.post(Self.path, Self.body(Self.tools))
            #expect(whole.status == .ok, "\(whole.text)")
            try expectGolden(whole.text + "\n", "responses.txt")
            let stream = try await client.post(Self.path, Self.body(Self.tools + #", "stream": true"#))
            try expectGolden(stream.pingless, "responses-stream.txt")
            let events = try stream.named
            #expect(events.map { $0["sequence_number"]?.integer } == Array(0..<events.count))
            #expect(events.last?["type"] == "response.completed")
            // The ids differ in nothing, so the last event has what the whole says.
            #expect(try events.last?["response"]?["output"]?[2] == whole.json["output"]?[2])
        }
    }

    @Test func theInputBecomesMessages() async throws {
        let model = ToolTests.model(["x"])
        let body = """
            {"instructions": "Be", "max_output_tokens": 9, "input": [{"role": "user", "content": "a"}, {"type": "reasoning", "summary": []}, \
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "b"}]}, \
            {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"}, \
            {"type": "function_call_output", "call_id": "c1", "output": "9"}, {"role": "user", "content": [{"type": "input_text", "text": "d"}]}]}
            """
        try await served(model) { client in
            let response = try await client.post(Self.path, body)
            #expect(response.status == .ok, "\(response.text)")
        }
        let request = try #require(model.watch.requests.first)
        #expect(ByteVocabulary().text(of: request.prompt) == "system:Be\nuser:a\nassistant:b\ntool:9\nuser:d\n>")
        #expect(request.maxTokens == 9)
    }

    @Test func aFormIsKeptAndACutIsTold() async throws {
        let model = FakeModel()
        try await served(model) { client in
            let form =
                #""text": {"format": {"type": "json_schema", "name": "n", "strict": true, "schema": {"type": "integer"}}}"#
            let response = try await client.post(Self.path, Self.body(form + #", "max_output_tokens": 2"#)).json
            #expect(
                response["status"] == "incomplete" && response["incomplete_details"]?["reason"] == "max_output_tokens"
            )
            #expect(response["output"]?[0]?["status"] == "incomplete" && response["usage"]?["output_tokens"] == 2)
        }
        #expect(model.watch.requests.first?.constraint?.takes("7", whole: true) == true)
    }

    @Test func thoughtsAreASummaryWhereOneIsAskedFor() async throws {
        try await served(ToolTests.model(ToolTests.calling)) { client in
            let body = Self.body(
                Self.tools + #", "reasoning": {"effort": "low", "summary": "detailed"}, "stream": true"#
            )
            let events = try await client.post(Self.path, body).named
            let names = events.prefix(8).compactMap { $0["type"]?.string?.dropFirst("response.".count) }
            #expect(
                names == [
                    "created", "in_progress", "output_item.added", "reasoning_summary_part.added",
                    "reasoning_summary_text.delta", "reasoning_summary_text.delta", "reasoning_summary_text.done",
                    "reasoning_summary_part.done",
                ]
            )
            let item = events.last?["response"]?["output"]?[0]
            #expect(item?["summary"] == [["type": "summary_text", "text": "Where?"]] && item?["content"] == nil)
        }
    }

    @Test func likelihoodsAreToldWhereTheyAreIncluded() async throws {
        try await served { client in
            let ask = #""include": ["message.output_text.logprobs"], "top_logprobs": 2"#
            let part = try await client.post(Self.path, Self.body(ask)).json["output"]?[0]?["content"]?[0]
            #expect(part?["logprobs"]?.array?.count == 4)
            #expect(
                part?["logprobs"]?[0]?["bytes"] == [72] && part?["logprobs"]?[0]?["top_logprobs"]?.array?.count == 2
            )
            let events = try await client.post(Self.path, Self.body(ask + #", "stream": true"#)).named
            let deltas = events.filter { $0["type"] == "response.output_text.delta" }
            #expect(
                deltas.allSatisfy { $0["logprobs"]?[0]?["logprob"] == -0.25 && $0["logprobs"]?[0]?["bytes"] == nil }
            )
            #expect(events.last?["response"]?["output"]?[0]?["content"]?[0]?["logprobs"] == part?["logprobs"])
        }
    }

    /// However a text is cut: an engine hands over what has come, and markers may be several tokens.
    static let cuts = [
        "<think>ab</think>\nHi".map(String.init), ["<think>ab</think>\nHi"], ["<thi", "nk>ab</th", "ink>\nHi"],
        ["<think>", "ab</think>", "\nH", "i"],
    ]

    @Test(arguments: cuts) func tokensOfThoughtsAreCounted(words: [String]) async throws {
        var model = ToolTests.model(words)
        model.spells = true
        let spelling = model
        try await served(spelling) { client in
            let usage = try await client.post(Self.path, Self.body()).json["usage"]
            #expect(usage?["output_tokens_details"]?["reasoning_tokens"] == 17 && usage?["output_tokens"] == 20)
            #expect(usage?["input_tokens_details"] == ["cached_tokens": 2, "cache_write_tokens": 7])
            let chat = try await client.post(ChatTests.path, ChatTests.body(#""logprobs": true"#)).json
            #expect(chat["usage"]?["completion_tokens_details"]?["reasoning_tokens"] == 17)
            #expect(chat["choices"]?[0]?["logprobs"]?["content"]?.array?.count == 3)
        }
    }

    /// An end of thoughts that nobody began, and thoughts that follow thoughts; each character is a token.
    @Test(arguments: [
        ("</think>\n\nHi", 8, 4), ("<think>ab</think>\n</think>Hi", 26, 2),
        ("<think>a</think><think>b</think>Hi", 32, 2), ("Hi </think>", 0, 11),
    ])
    func tokensAreOfThoughtsOrWords(text: String, thoughts: Int, words: Int) async throws {
        for cut in [[text], text.map(String.init)] {
            var model = ToolTests.model(cut)
            model.spells = true
            let spelling = model
            try await served(spelling) { client in
                let chat = try await client.post(ChatTests.path, ChatTests.body(#""logprobs": true"#)).json
                #expect(chat["usage"]?["completion_tokens_details"]?["reasoning_tokens"] == .integer(thoughts))
                let choice = chat["choices"]?[0]
                #expect(choice?["logprobs"]?["content"]?.array?.count == words, "\(chat)")
                #expect(choice?["message"]?["content"] == (thoughts == 0 ? .string(text) : "Hi"))
            }
        }
    }

    @Test func aLongInputIsShortenedByWholeTurns() async throws {
        let model = FakeModel()
        let turns = (0..<6).map { turn in
            #"{"role": "user", "content": "question \#(turn)"}, {"role": "assistant", "content": "answer \#(turn)"}"#
        }
        let input =
            #"{"instructions": "Be", "input": [\#(turns.joined(separator: ", ")), {"role": "user", "content": "last"}]"#
        try await served(model) { client in
            let refused = try await client.post(Self.path, input + "}")
            #expect(try refused.fault == ["input", "context_length_exceeded"])
            let response = try await client.post(Self.path, input + #", "truncation": "auto", "max_output_tokens": 4}"#)
            #expect(try response.json["truncation"] == "auto", "\(response.text)")
        }
        let prompt = ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt)
        #expect(prompt.hasPrefix("system:Be\nuser:question 4\n") && prompt.hasSuffix("user:last\n>"), "\(prompt)")
    }

    @Test func anInputIsCounted() async throws {
        try await served { client in
            let count = try await client.post(Self.path + "/input_tokens", Self.body()).json
            #expect(count == ["object": "response.input_tokens", "input_tokens": 9])
            let long = #"{"input": "\#(String(repeating: "x", count: 500))"}"#
            #expect(try await client.post(Self.path + "/input_tokens", long).json["input_tokens"] == 507)
        }
    }

    @Test func aStreamThatFailsEndsWithAFailedResponse() async throws {
        var model = FakeModel()
        model.failure = .badLogits(position: 3)
        let failing = model
        try await served(failing) { client in
            let events = try await client.post(Self.path, Self.body(#""stream": true"#)).named
            #expect(events.last?["type"] == "response.failed" && events.last?["response"]?["status"] == "failed")
            #expect(events.last?["response"]?["error"]?["code"] == "server_error")
            #expect(events.dropLast().last?["item"]?["status"] == "incomplete")
        }
    }

    static let refused: [(body: String, param: String)] = [
        ("{}", "input"), (#"{"input": []}"#, "input"), (#"{"input": 7}"#, "input"),
        (#"{"input": [{"role": "wizard", "content": "x"}]}"#, "input[0].role"),
        (#"{"input": [{"type": "web_search_call"}]}"#, "input[0]"),
        (#"{"input": [{"role": "user", "content": []}]}"#, "input[0].content"),
        (#"{"input": [{"role": "user", "content": [{"type": "input_image"}]}]}"#, "input[0].content[0]"),
        (body(#""conversation": "c""#), "conversation"), (body(#""tools": [{"type": "web_search"}]"#), "tools[0].type"),
        (body(#""tool_choice": "required""#), "tool_choice"),
        (body(#""tool_choice": {"type": "function"}"#), "tool_choice.name"),
        (body(#""tool_choice": {"type": "function", "function": {}}"#), "tool_choice.function.name"),
        (body(#""tool_choice": {"type": "allowed_tools", "tools": []}"#), "tool_choice.mode"),
        (
            body(#""tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function"}]}"#),
            "tool_choice.tools[0].name"
        ),
        (body(#""text": {"format": {"type": "xml"}}"#), "text.format.type"),
        (
            body(#""text": {"format": {"type": "json_schema", "name": "n", "schema": {"not": {}}}}"#),
            "text.format.schema"
        ),
        (body(#""text": {"format": {"type": "json_schema", "name": "n"}}"#), "text.format.schema"),
        (body(#""text": {"format": {"type": "json_schema", "schema": {}}}"#), "text.format.name"),
        (body(#""reasoning": {"effort": "huge"}"#), "reasoning.effort"),
        (#"{"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]}"#, "input[0].call_id"),
        (
            #"{"input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{"}]}"#,
            "input[0].arguments"
        ),
        (body(#""max_output_tokens": 0"#), "max_output_tokens"), (body(#""temperature": 3"#), "temperature"),
        (body(#""instructions": 7"#), "instructions"),
        (body(#""top_logprobs": 2"#), "top_logprobs"), (body(#""include": ["all"]"#), "include[0]"),
        (body(#""include": [null]"#), "include[0]"),
        (body(#""reasoning": {"summary": "concise"}"#), "reasoning.summary"),
        (body(#""reasoning": {"mode": "pro"}"#), "reasoning.mode"), (body(#""moderation": {}"#), "moderation"),
        (body(#""context_management": [{"type": "compaction"}]"#), "context_management"),
        (body(#""stream": true, "stream_options": {"include_obfuscation": 1}"#), "stream_options.include_obfuscation"),
        (body(#""prompt": {"id": "p"}"#), "prompt"), (body(#""stream_options": {}"#), "stream_options"),
        (#"{"input": [{"type": "item_reference", "id": "msg_1"}]}"#, "input[0].id"),
    ]

    @Test(arguments: refused) func whatIsWrongIsNamed(body: String, param: String) async throws {
        try await served { client in
            let response = try await client.post(Self.path, body)
            #expect(
                try response.status == .badRequest && response.json["error"]?["param"] == .string(param),
                "\(response.text)"
            )
        }
    }
}

extension ResponsesTests {
    @Test func optionsOfAStreamAreTaken() async throws {
        try await served { client in
            let options = #""stream": true, "stream_options": {"include_obfuscation": false}"#
            let events = try await client.post(Self.path, Self.body(options)).named
            #expect(events.last?["type"] == "response.completed")
        }
    }

    /// Pings come between the events, here of every dialect, where the model is slow.
    @Test func aSlowStreamIsReadAsIfItWereFast() async throws {
        var model = FakeModel()
        model.pace = .milliseconds(50)
        try await served(model, { $0.pingInterval = .milliseconds(5) }) { client in
            let stream = try await client.post(Self.path, Self.body(#""stream": true"#))
            let events = try stream.named
            #expect(stream.text.contains("\n: ping\n"))
            #expect(events.map { $0["sequence_number"]?.integer } == Array(0..<events.count))
            #expect(events.last?["type"] == "response.completed")
            let messages = try await client.post(MessagesTests.path, MessagesTests.body(#""stream": true"#))
            #expect(messages.text.contains("event: ping\n"))
            #expect(try messages.named.last?["type"] == "message_stop")
            let chat = try await client.post(ChatTests.path, ChatTests.body(#""stream": true"#))
            #expect(try chat.text.contains(": ping\n") && !chat.events.isEmpty)
            try expectGolden(chat.pingless, "chat-stream.txt")
        }
    }

    @Test func nothingIsCompactedAndThatIsSaid() async throws {
        try await served { client in
            let response = try await client.post(Self.path + "/compact", #"{"model": "fake", "input": "Hi"}"#)
            #expect(try response.status == .notImplemented && response.fault[1] == "not_supported")
            #expect(response.headers[.init("x-should-retry")!] == "false")
        }
    }
}
