import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// An assistant's last words go on, in every dialect's way of saying so.
@Suite struct PrefillTests {
    static func turns(_ last: String, _ more: String = "") -> String {
        #""messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "\#(last)"\#(more)}]"#
    }

    static let open: [(path: String, body: String)] = [
        ("/v1/chat/completions", turns("Hel") + #", "continue_final_message": true"#),
        ("/v1/chat/completions", turns("Hel") + #", "continue_final_message": true, "add_generation_prompt": false"#),
        ("/v1/chat/completions", turns("Hel", #", "prefix": true"#)),
        ("/v2/chat/completions", turns("Hel", #", "prefix": true"#)),
        ("/v1/messages", turns("Hel") + #", "max_tokens": 5"#),
        ("/api/chat", turns("Hel") + #", "stream": false"#),
    ]

    @Test(arguments: open.indices) func itGoesOnWithTheLastWords(index: Int) async throws {
        let model = FakeModel(), (path, body) = Self.open[index]
        try await served(model) { client in
            let response = try await client.post(path, "{\(body)}")
            #expect(response.status == .ok, "\(response.text)")
        }
        let prompt = ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt)
        #expect(prompt == "user:Hi\nassistant:Hel")
    }

    static let begun: [(path: String, body: String, prompt: String)] = [
        ("/v1/chat/completions", turns("Hel"), "user:Hi\nassistant:Hel\n>"),
        ("/v1/chat/completions", turns("Hel") + #", "continue_final_message": false"#, "user:Hi\nassistant:Hel\n>"),
        ("/v1/chat/completions", turns("Hel", #", "prefix": false"#), "user:Hi\nassistant:Hel\n>"),
        ("/v1/chat/completions", turns("Hel") + #", "add_generation_prompt": false"#, "user:Hi\nassistant:Hel\n"),
        ("/v1/messages", turns("") + #", "max_tokens": 5"#, "user:Hi\n>"),
        ("/api/chat", turns("") + #", "stream": false"#, "user:Hi\nassistant:\n>"),
    ]

    @Test(arguments: begun.indices) func anotherAnswerBegins(index: Int) async throws {
        let model = FakeModel(), (path, body, prompt) = Self.begun[index]
        try await served(model) { client in
            let response = try await client.post(path, "{\(body)}")
            #expect(response.status == .ok, "\(response.text)")
        }
        #expect(ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt) == prompt)
    }

    static let refused: [(path: String, body: String, field: String)] = [
        (
            "/v1/chat/completions", turns("Hel") + #", "continue_final_message": true, "add_generation_prompt": true"#,
            "continue_final_message"
        ),
        (
            "/v1/chat/completions", #""messages": [{"role": "user", "content": "Hi"}], "continue_final_message": true"#,
            "continue_final_message"
        ),
        ("/v1/chat/completions", turns("") + #", "continue_final_message": true"#, "continue_final_message"),
        (
            "/v1/chat/completions",
            turns("Hel") + #", "continue_final_message": true, "response_format": {"type": "json_object"}"#,
            "response_format"
        ),
        ("/v1/messages", turns("Hel ") + #", "max_tokens": 5"#, "messages[1].content"),
        ("/v1/messages", turns("Hel\\n") + #", "max_tokens": 5"#, "messages[1].content"),
        (
            "/v1/messages",
            turns("Hel") + #", "max_tokens": 5, "thinking": {"type": "enabled", "budget_tokens": 1024}"#,
            "thinking"
        ),
        ("/api/chat", turns("Hel") + #", "format": "json""#, "format"),
        ("/v2/chat/completions", turns("Hel", #", "prefix": true"#) + #", "guided_regex": "a""#, "guided_regex"),
    ]

    @Test(arguments: refused.indices) func whatContradictsItselfIsRefused(index: Int) async throws {
        let (path, body, field) = Self.refused[index]
        try await served { client in
            let response = try await client.post(path, "{\(body)}")
            #expect(response.status == .badRequest)
            #expect(response.text.contains("'\(field)'"), "\(response.text)")
        }
    }

    /// Words that a template trims, or that look like its own, are found again all the same.
    @Test(arguments: ["  Hel", "user:Hi", ">", "\\n", "assistant:", "a  "])
    func whateverTheWordsAre(words: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let body = "{\(Self.turns(words)), \"continue_final_message\": true}"
            let response = try await client.post("/v1/chat/completions", body)
            #expect(response.status == .ok)
        }
        let prompt = ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt)
        #expect(prompt == "user:Hi\nassistant:" + words.replacing("\\n", with: "\n"))
    }

    /// An answer that was begun within thoughts goes on there.
    @Test(arguments: [("<think>\\nWell", ", yes", "OK"), ("<think>a</think>Well", "", ", yes</think>OK")])
    func thoughtsGoOnAsThoughts(begun: String, thought: String, words: String) async throws {
        try await served(ToolTests.model([", yes", "</think>", "OK"])) { client in
            let body = "{\(Self.turns(begun)), \"continue_final_message\": true}"
            let message = try await client.post("/v1/chat/completions", body).json["choices"]?[0]?["message"]
            #expect(message?["reasoning_content"]?.string ?? "" == thought)
            #expect(message?["content"]?.string == words)
        }
    }
}
