import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

@Suite struct ChatTests {
    static let path = "/v1/chat/completions"

    static func body(_ more: String = "") -> String {
        #"{"model": "fake", "messages": [{"role": "user", "content": "Hi"}]"# + (more.isEmpty ? "" : ", " + more) + "}"
    }

    @Test func answersWithEveryField() async throws {
        try await served { client in
            let response = try await client.post(Self.path, Self.body())
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            try expectGolden(response.text + "\n", "chat.txt")
        }
    }

    @Test func streamsARoleTheTextAReasonAndDone() async throws {
        try await served { client in
            let response = try await client.post(Self.path, Self.body(#""stream": true"#))
            #expect(response.headers[.contentType] == "text/event-stream; charset=utf-8")
            #expect(response.headers[.cacheControl] == "no-cache")
            try expectGolden(response.pingless, "chat-stream.txt")
        }
    }

    @Test func streamsTheUsageLastWhereAsked() async throws {
        try await served { client in
            let more = #""stream": true, "stream_options": {"include_usage": true}"#
            let response = try await client.post(Self.path, Self.body(more))
            try expectGolden(response.pingless, "chat-stream-usage.txt")
            #expect(try response.events.dropLast().allSatisfy { $0["usage"] == .null })
        }
    }

    @Test(arguments: [path, QianfanTests.path]) func tellsTheLikelihoodOfItsTokens(path: String) async throws {
        try await served { client in
            let more = #""logprobs": true, "top_logprobs": 2, "max_tokens": 1"#
            let response = try await client.post(path, Self.body(more))
            let content = try response.json["choices"]?[0]?["logprobs"]?["content"]?[0]
            #expect(content?["token"] == "H")
            #expect(content?["bytes"] == [72])
            #expect(content?["top_logprobs"]?[1] == ["token": "b", "logprob": -0.25, "bytes": [98]])
        }
    }

    @Test(arguments: [path, QianfanTests.path]) func numbersItsChoices(path: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let response = try await client.post(path, Self.body(#""n": 3, "seed": 5"#)).json
            #expect(response["choices"]?.array?.map { $0["index"] } == [0, 1, 2])
            #expect(response["usage"]?["prompt_tokens"] == 9)
            #expect(response["usage"]?["completion_tokens"] == 12)
        }
        #expect(Set(model.watch.requests.map(\.sampling.seed)) == [5, 6, 7])
    }

    @Test func streamsSeveralChoicesAtOnce() async throws {
        try await served { client in
            let events = try await client.post(Self.path, Self.body(#""n": 10, "stream": true"#)).events
            for choice in 0..<10 {
                let own = events.compactMap { $0["choices"]?[0] }.filter { $0["index"] == .integer(choice) }
                #expect(own.first?["delta"]?["role"] == "assistant")
                #expect(own.compactMap { $0["delta"]?["content"]?.string }.joined() == "Hello, world!")
                #expect(own.last?["finish_reason"] == "stop")
            }
        }
    }

    @Test func handsTheFieldsToTheEngine() async throws {
        let model = FakeModel()
        try await served(model) { client in
            let more = """
                "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "repetition_penalty": 1.1, "seed": -1,
                "presence_penalty": -1, "frequency_penalty": 2, "logit_bias": {"5": -100}, "stop": "x", "max_tokens": 9
                """
            let reply = try await client.post(Self.path, Self.body(more))
            #expect(reply.status == .ok)
        }
        let request = try #require(model.watch.requests.first)
        #expect(request.sampling.temperature == 0.5 && request.sampling.topP == 0.9 && request.sampling.topK == 40)
        #expect(request.sampling.minP == 0.1 && request.sampling.repetitionPenalty == 1.1)
        #expect(request.sampling.presencePenalty == -1 && request.sampling.frequencyPenalty == 2)
        #expect(request.sampling.logitBias == [5: -100] && request.sampling.seed == .max)
        #expect(request.stop == ["x"] && request.maxTokens == 9 && request.topLogprobs == nil)
    }

    @Test func whatIsNotSaidIsAsTheMakersWant() async throws {
        let model = FakeModel()
        try await served(model) { client in _ = try await client.post(Self.path, Self.body()) }
        #expect(model.watch.requests.first?.sampling == Sampling(topP: 0.75))
    }

    @Test func rendersToolsAndTheirAnswers() async throws {
        var model = FakeModel()
        (model.card.chatTemplate, model.card.calls) = ("{{ tools }}{{ messages }}", ToolTests.form)
        try await served(model) { client in
            let body = """
                {"model": "fake", "tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}],
                 "tool_choice": "auto", "messages": [{"role": "user", "content": [{"type": "text", "text": "Rain?"}]},
                 {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function",
                  "function": {"name": "weather", "arguments": "{}"}}]},
                 {"role": "tool", "tool_call_id": "1", "content": "wet"}]}
                """
            let reply = try await client.post(Self.path, body)
            #expect(reply.status == .ok)
        }
        let prompt = try #require(model.watch.requests.first).prompt
        #expect(ByteVocabulary().text(of: prompt) == "[weather]user:Rain?\nassistant:-\ntool:wet\n>")
    }

    @Test func nullIsAsGoodAsAbsent() async throws {
        try await served { client in
            let more =
                #""temperature": null, "stop": null, "n": null, "stream_options": null, "tools": null, "seed": null"#
            let reply = try await client.post(Self.path, Self.body(more))
            #expect(reply.status == .ok)
        }
    }

    @Test func tellsWhichFieldsNobodyKnows() async throws {
        try await served { client in
            let response = try await client.post(
                Self.path,
                Self.body(#""temprature": 0, "user": "me", "metadata": {}"#)
            )
            #expect(response.status == .ok)
            #expect(response.headers[HTTPField.Name("x-ignored-fields")!] == "temprature")
        }
    }

    @Test func countsWhatDoesNotFit() async throws {
        var model = FakeModel()
        model.card.contextLength = 20
        try await served(model) { client in
            let error = try await client.post(Self.path, Self.body(#""max_tokens": 12"#)).json["error"]
            #expect(error?["code"] == "context_length_exceeded")
            #expect(error?["message"]?.string?.contains("holds 20 tokens, but the prompt has 9 and 12 more") == true)
            #expect(try await client.post(Self.path, Self.body(#""max_tokens": 11"#)).status == .ok)
            let long = #"{"messages": [{"role": "user", "content": "0123456789012345"}]}"#
            #expect(try await client.post(Self.path, long).json["error"]?["code"] == "context_length_exceeded")
        }
    }

    @Test func tellsAFailureInTheMiddleOfAStream() async throws {
        var model = FakeModel()
        model.failure = .badLogits(position: 7)
        try await served(model) { client in
            let response = try await client.post(Self.path, Self.body(#""stream": true"#))
            #expect(response.status == .ok)
            try expectGolden(response.pingless, "chat-stream-failure.txt")
            #expect(try await client.post(Self.path, Self.body()).status == .internalServerError)
        }
    }

    @Test func aFullQueueSaysWhenToComeBack() async throws {
        var model = FakeModel()
        model.refusal = .full(retryAfter: .seconds(3))
        try await served(model) { client in
            for more in ["", #""stream": true"#] {
                let response = try await client.post(Self.path, Self.body(more))
                #expect(response.status == .tooManyRequests)
                #expect(response.headers[.retryAfter] == "3")
            }
        }
    }

    @Test func aTemplatesRefusalIsTheClientsToMend() async throws {
        try await served { client in
            let response = try await client.post(
                Self.path,
                #"{"messages": [{"role": "user", "content": "refuse me"}]}"#
            )
            #expect(response.status == .badRequest)
            #expect(response.text.contains("roles must alternate"))
        }
    }
}

@Suite struct ContinuationTests {
    static let messages = #"[{"role": "user", "content": "Go"}, {"role": "assistant", "content": "So I said"}]"#

    static let endings: [(more: String, prompt: String)] = [
        ("", "user:Go\nassistant:So I said\n>"),
        (#""add_generation_prompt": false"#, "user:Go\nassistant:So I said\n"),
        (#""add_generation_prompt": false, "continue_final_message": true"#, "user:Go\nassistant:So I said"),
        (#""continue_final_message": true"#, "user:Go\nassistant:So I said"),
    ]

    @Test(arguments: endings)
    func thePromptEndsAsAskedFor(more: String, prompt: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let body = "{\"messages\": \(Self.messages)" + (more.isEmpty ? "" : ", \(more)") + "}"
            let reply = try await client.post(ChatTests.path, body)
            #expect(reply.status == .ok)
        }
        #expect(ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt) == prompt)
    }

    @Test func oneCannotGoOnAndBegin() async throws {
        try await served { client in
            let body =
                "{\"messages\": \(Self.messages), \"add_generation_prompt\": true, \"continue_final_message\": true}"
            let response = try await client.post(ChatTests.path, body)
            #expect(try response.json["error"]?["param"] == "continue_final_message")
        }
    }
}
