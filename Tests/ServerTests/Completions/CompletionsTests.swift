import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

@Suite struct CompletionsTests {
    static let path = "/v1/completions"

    @Test func continuesAPrompt() async throws {
        try await served { client in
            let response = try await client.post(Self.path, #"{"model": "fake", "prompt": "Say"}"#)
            #expect(response.status == .ok)
            try expectGolden(response.text + "\n", "completion.txt")
        }
    }

    @Test func streams() async throws {
        try await served { client in
            let body = #"{"prompt": "Say", "stream": true, "echo": true, "stream_options": {"include_usage": true}}"#
            try expectGolden(try await client.post(Self.path, body).pingless, "completion-stream.txt")
        }
    }

    static let prompts: [(form: String, prompts: [[Int]])] = [
        (#""Hi""#, [[256, 72, 105]]), (#"["Hi", "你"]"#, [[256, 72, 105], [256, 228, 189, 160]]),
        ("[72, 105]", [[72, 105]]), ("[[72], [105, 33]]", [[72], [105, 33]]),
        (#"["Hi", [7]]"#, [[256, 72, 105], [7]]),
    ]

    @Test(arguments: prompts)
    func takesFourKindsOfPrompt(form: String, prompts: [[Int]]) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let response = try await client.post(Self.path, "{\"prompt\": \(form)}").json
            #expect(response["choices"]?.array?.map { $0["index"]?.integer } == Array(prompts.indices))
            #expect(response["usage"]?["prompt_tokens"]?.integer == prompts.map(\.count).reduce(0, +))
        }
        #expect(Set(model.watch.requests.map(\.prompt)) == Set(prompts))
    }

    @Test func scoresAPromptAsEvaluatorsAsk() async throws {
        try await served { client in
            let body =
                #"{"prompt": [[72, 105, 33]], "max_tokens": 1, "logprobs": 1, "echo": true, "seed": 1, "temperature": 0}"#
            let response = try await client.post(Self.path, body)
            try expectGolden(response.text + "\n", "completion-scores.txt")
            let logprobs = try response.json["choices"]?[0]?["logprobs"]
            #expect(logprobs?["token_logprobs"]?.array?.count == 4)
            #expect(logprobs?["token_logprobs"]?[0] == .null && logprobs?["top_logprobs"]?[0] == .null)
            #expect(logprobs?["text_offset"] == [0, 1, 2, 3])
        }
    }

    @Test func mayOnlyEcho() async throws {
        try await served { client in
            let body = #"{"prompt": "Hi", "max_tokens": 0, "echo": true, "logprobs": 0}"#
            let choice = try await client.post(Self.path, body).json["choices"]?[0]
            #expect(choice?["text"] == "Hi")
            #expect(choice?["logprobs"]?["tokens"] == ["<bos>", "H", "i"])
            #expect(choice?["logprobs"]?["top_logprobs"]?[2] == ["i": -0.5])
        }
    }

    /// As OpenAI's description has it, also without an echo: the prompt is read, and nothing follows.
    @Test(arguments: [false, true]) func nothingMayBeAskedFor(isStreamed: Bool) async throws {
        try await served { client in
            let body = #"{"prompt": "Hi", "max_tokens": 0, "stream": \#(isStreamed)}"#
            let response = try await client.post(Self.path, body)
            let choices = try (isStreamed ? response.events : [response.json]).compactMap { $0["choices"]?[0] }
            #expect(response.status == .ok && choices.allSatisfy { $0["text"] == "" }, "\(response.text)")
            #expect(choices.last?["finish_reason"] == "length")
        }
    }

    @Test func keepsTheOrderOfPromptsAndChoices() async throws {
        try await served { client in
            let body = #"{"prompt": ["One", "Two"], "n": 2, "echo": true, "max_tokens": 1}"#
            let choices = try await client.post(Self.path, body).json["choices"]?.array
            #expect(choices?.map { $0["text"] } == ["OneHello", "OneHello", "TwoHello", "TwoHello"])
        }
    }

    @Test func picksTheBest() async throws {
        try await served { client in
            let response = try await client.post(Self.path, #"{"prompt": "Hi", "n": 2, "best_of": 4}"#).json
            #expect(response["choices"]?.array?.count == 2)
            #expect(response["choices"]?[0]?["logprobs"] == .null)
            #expect(response["usage"]?["completion_tokens"] == 16)
        }
    }

    @Test func waitsWhereTheQueueIsFull() async throws {
        var model = FakeModel()
        model.capacity = 2
        model.pace = .milliseconds(1)
        try await served(model) { client in
            let prompts = (0..<20).map { "\"\($0)\"" }.joined(separator: ",")
            let response = try await client.post(Self.path, "{\"prompt\": [\(prompts)], \"echo\": true}")
            let texts = try response.json["choices"]?.array?.compactMap { $0["text"]?.string }
            #expect(texts == (0..<20).map { "\($0)Hello, world!" })
        }
    }

    static let marks = [
        ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"], ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
        ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    ]

    @Test(arguments: marks) func fillsInBetweenTwoTexts(marks: [String]) async throws {
        var model = FakeModel()
        model.marks = marks
        let filling = model
        try await served(filling) { client in
            for prompt in [#""ab""#, "[97, 98]"] {
                let response = try await client.post(Self.path, #"{"prompt": \#(prompt), "suffix": "c"}"#)
                #expect(try response.json["choices"]?[0]?["text"] == "Hello, world!", "\(response.text)")
            }
            let echo = try await client.post(Self.path, #"{"prompt": "ab", "suffix": "c", "echo": true}"#)
            #expect(try echo.fault[0] == "echo")
        }
        #expect(model.watch.requests.map(\.prompt) == Array(repeating: [256, 258, 97, 98, 259, 99, 260], count: 2))
    }

    @Test func aModelThatFillsInNothingSaysSo() async throws {
        try await served { client in
            let response = try await client.post(Self.path, #"{"prompt": "a", "suffix": "b"}"#)
            #expect(try response.fault == ["suffix", "unsupported_parameter"] && response.text.contains("'fake'"))
            #expect(try await client.post(Self.path, #"{"prompt": "a", "suffix": ""}"#).status == .ok)
        }
    }

    @Test func aPredictionReachesTheEngine() async throws {
        let model = FakeModel()
        try await served(model) { client in
            let parts =
                #"{"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}"#
            _ = try await client.post(Self.path, #"{"prompt": "x", "prediction": \#(parts)}"#)
            let plain = #""prediction": {"type": "content", "content": "你"}"#
            _ = try await client.post(ChatTests.path, ChatTests.body(plain))
        }
        #expect(model.watch.requests.map(\.prediction) == [[97, 98], [228, 189, 160]])
    }

    static let wrong: [(body: String, param: String)] = [
        (#"{}"#, "prompt"), (#"{"prompt": null}"#, "prompt"), (#"{"prompt": 7}"#, "prompt"),
        (#"{"prompt": []}"#, "prompt"),
        (#"{"prompt": [[]]}"#, "prompt"), (#"{"prompt": [-1]}"#, "prompt[0]"), (#"{"prompt": [258]}"#, "prompt[0]"),
        (#"{"prompt": [1000000000]}"#, "prompt[0]"), (#"{"prompt": [9223372036854775808]}"#, "prompt[0]"),
        (#"{"prompt": [1.5]}"#, "prompt[0]"), (#"{"prompt": [1, "x"]}"#, "prompt[1]"),
        (#"{"prompt": [[1], [true]]}"#, "prompt[1][0]"),
        (#"{"prompt": "x", "max_tokens": -1}"#, "max_tokens"), (#"{"prompt": "x", "max_tokens": 1000}"#, "prompt"),
        (#"{"prompt": "x", "logprobs": 21}"#, "logprobs"), (#"{"prompt": "x", "logprobs": true}"#, "logprobs"),
        (#"{"prompt": "x", "echo": 1}"#, "echo"), (#"{"prompt": "x", "best_of": 0}"#, "best_of"),
        (#"{"prompt": "x", "n": 3, "best_of": 2}"#, "best_of"),
        (#"{"prompt": "x", "stream": true, "best_of": 2}"#, "best_of"),
        (#"{"prompt": "x", "suffix": "y"}"#, "suffix"), (#"{"prompt": "x", "temperature": 3}"#, "temperature"),
    ]

    @Test(arguments: wrong)
    func aWrongValueIsNamed(body: String, param: String) async throws {
        try await served { client in
            let response = try await client.post(Self.path, body)
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["param"] == .string(param), "\(response.text)")
        }
    }

    @Test func aMillionTokensAreReadAndCounted() async throws {
        try await served { client in
            let ids = String(repeating: "7,", count: 1_000_000) + "7"
            let response = try await client.post(Self.path, "{\"prompt\": [\(ids)]}")
            #expect(try response.json["error"]?["message"]?.string?.contains("1000001") == true)
        }
    }

    @Test func tooManyPromptsAreRefused() async throws {
        try await served(FakeModel(), { $0.maximumPrompts = 2 }) { client in
            let response = try await client.post(Self.path, #"{"prompt": ["a", "b", "c"]}"#)
            #expect(try response.json["error"]?["param"] == "prompt")
        }
    }
}
