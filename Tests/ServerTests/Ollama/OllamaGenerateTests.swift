import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

/// What `/api/generate` has beyond a prompt: another template, a conversation so far, a text behind.
@Suite struct OllamaGenerateTests {
    static let path = "/api/generate"

    @Test func aConversationGoesOnByItsTokens() async throws {
        let model = FakeModel()
        try await served(model) { client in
            let first = try await client.post(Self.path, #"{"prompt": "One", "stream": false}"#).json
            let context = first["context"]?.array?.compactMap { $0.integer } ?? []
            #expect(ByteVocabulary().text(of: context).hasPrefix("user:One\n>"))
            let body = #"{"prompt": "Two", "context": \#(context)}"#
            let second = try await client.post(Self.path, body)
            #expect(second.status == .ok, "\(second.text)")
            let last = try #require(second.text.split(separator: "\n").last)
            let more = try JSON(parsing: String(last))["context"]?.array?.compactMap(\.integer) ?? []
            #expect(more.starts(with: context) && more.count > context.count)
        }
        // The fake's words are a token each, of their first bytes.
        let prompts = model.watch.requests.map { ByteVocabulary().text(of: $0.prompt) }
        #expect(prompts == ["user:One\n>", "user:One\n>H, !\nuser:Two\n>"])
    }

    @Test func anotherTemplateMakesThePrompt() async throws {
        let model = FakeModel()
        try await served(model) { client in
            let template = #""template": "<{% for m in messages %}{{ m.role }}={{ m.content }};{% endfor %}>""#
            let response = try await client.post(Self.path, #"{"prompt": "Hi", "system": "Be", \#(template)}"#)
            #expect(response.status == .ok, "\(response.text)")
        }
        let prompt = ByteVocabulary().text(of: try #require(model.watch.requests.first).prompt)
        #expect(prompt == "<system=Be;user=Hi;>")
    }

    @Test func aTextBehindIsLedTo() async throws {
        var model = FakeModel()
        model.marks = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
        let filling = model
        try await served(filling) { client in
            let response = try await client.post(Self.path, #"{"prompt": "a(", "suffix": ")", "stream": false}"#)
            #expect(try response.status == .ok && response.json["context"] == nil, "\(response.text)")
            let shown = try await client.post("/api/show", #"{"model": "fake"}"#).json
            #expect(shown["capabilities"] == ["completion", "insert"])
        }
        let prompt = try #require(model.watch.requests.first).prompt
        #expect(filling.vocabulary.text(of: prompt).hasSuffix("<|fim_prefix|>a(<|fim_suffix|>)<|fim_middle|>"))
    }

    static let exclusive = [
        (#""raw": true, "system": "x""#, "system"), (#""raw": true, "template": "x""#, "template"),
        (#""raw": true, "context": [1]"#, "context"), (#""suffix": "y", "system": "x""#, "system"),
        (#""suffix": "y", "context": [1]"#, "context"),
    ]

    @Test(arguments: exclusive) func aPromptAsItIsIsAllThereIs(fields: String, named: String) async throws {
        try await served { client in
            let response = try await client.post(Self.path, #"{"prompt": "x", \#(fields)}"#)
            #expect(response.status == .badRequest && response.text.contains("'\(named)'"), "\(response.text)")
        }
    }

    @Test func withoutATemplateThereIsNoSystem() async throws {
        var model = FakeModel()
        model.card.chatTemplate = nil
        let plain = model
        try await served(plain) { client in
            let response = try await client.post(Self.path, #"{"prompt": "x", "system": "y"}"#)
            #expect(response.status == .badRequest && response.text.contains("'system'"), "\(response.text)")
            #expect(try await client.post(Self.path, #"{"prompt": "x"}"#).status == .ok)
        }
    }

    @Test func whatIsRawHasNoContext() async throws {
        try await served { client in
            let response = try await client.post(Self.path, #"{"prompt": "x", "raw": true, "stream": false}"#)
            #expect(try response.status == .ok && response.json["context"] == nil)
        }
    }

    /// Loading is no part of computing, and both make the whole.
    @Test func durationsAddUp() async throws {
        try await served { client in
            let line = try await client.post(Self.path, #"{"prompt": "x", "stream": false}"#).json
            func duration(_ name: String) -> Int { line[name + "_duration"]?.integer ?? -1 }
            #expect(duration("load") >= 0)
            #expect(duration("total") == duration("load") + duration("prompt_eval") + duration("eval"))
        }
    }

    @Test func detailsAreAllThere() async throws {
        var model = FakeModel()
        model.card.details = ModelDetails(
            format: "gguf",
            family: "llama",
            parameters: 134_515_008,
            quantisation: "Q8_0"
        )
        let known = model
        let all: JSON = [
            "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "134.52M",
            "quantization_level": "Q8_0",
        ]
        try await served(known) { client in
            #expect(try await client.get("/api/tags").json["models"]?[0]?["details"] == all)
            let shown = try await client.post("/api/show", #"{"model": "fake"}"#).json
            #expect(shown["details"] == all && shown["model_info"]?["general.parameter_count"] == 134_515_008)
            #expect(shown["model_info"]?["llama.context_length"] == 128)
        }
        try await served { client in
            let details = try await client.get("/api/tags").json["models"]?[0]?["details"]
            #expect(details?.object?.keys == all.object?.keys && details?["families"] == [])
        }
    }

    @Test func nothingIsOfACloud() async throws {
        try await served { client in
            let status = try await client.get("/api/status").json
            #expect(status == ["cloud": ["disabled": true, "source": "config"]])
        }
    }
}

extension String {
    /// Without how long a model took to open, which no test decides.
    var timeless: String {
        replacing(/"(load|total)_duration":\d+/) { "\"\($0.output.1)_duration\":0" }
    }
}
