import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Text

@Suite struct ModelsTests {
    @Test func listsAndDescribes() async throws {
        try await served { client in
            let model: JSON = [
                "id": "fake", "object": "model", "created": 1_700_000_000, "owned_by": "yuyan", "context_length": 128,
                "max_model_len": 128, "has_chat_template": true,
            ]
            let list = try await client.get("/v1/models")
            #expect(try list.json == ["object": "list", "data": [model]])
            #expect(try await client.get("/v1/models/fake").json == model)
        }
    }

    @Test func aNameMayHoldSlashes() async throws {
        var model = FakeModel()
        model.card.name = "org/fake model"
        try await served(model) { client in
            let slashed = try await client.get("/v1/models/org/fake%20model")
            #expect(try slashed.json["id"] == "org/fake model")
            #expect(try await client.get("/v1/models/org%2Ffake%20model").json["id"] == "org/fake model")
        }
    }

    /// Anthropic's clients say which version of its API they speak.
    @Test func anthropicsClientsAreToldInItsWords() async throws {
        let headers: HTTPFields = [HTTPField.Name("anthropic-version")!: "2023-06-01"]
        try await served { client in
            let model: JSON = [
                "type": "model", "id": "fake", "display_name": "fake", "created_at": "2023-11-14T22:13:20Z",
                "max_input_tokens": 128, "max_tokens": 128,
            ]
            let list = try await client.get("/v1/models?limit=1", headers: headers)
            #expect(try list.json == ["data": [model], "has_more": false, "first_id": "fake", "last_id": "fake"])
            #expect(list.headers[HTTPField.Name("request-id")!] != nil)
            #expect(try await client.get("/v1/models/fake", headers: headers).json == model)
            let rest = try await client.get("/v1/models?after_id=fake", headers: headers).json
            #expect(rest == ["data": [], "has_more": false, "first_id": .null, "last_id": .null])
            let missing = try await client.get("/v1/models/other", headers: headers)
            #expect(try missing.status == .notFound && missing.json["error"]?["type"] == "not_found_error")
        }
    }

    @Test(arguments: ["limit=0", "limit=1001", "limit=x", "after_id=x", "before_id=x", "after_id=fake&before_id=fake"])
    func aWrongPageIsRefused(query: String) async throws {
        let headers: HTTPFields = [HTTPField.Name("anthropic-version")!: "2023-06-01"]
        try await served { client in
            let response = try await client.get("/v1/models?" + query, headers: headers)
            #expect(try response.status == .badRequest && response.json["type"] == "error")
            #expect(response.text.contains("'\(query.prefix { $0 != "=" })'"), "\(response.text)")
        }
    }

    @Test func anUnknownOneIsNotFound() async throws {
        try await served { client in
            let response = try await client.get("/v1/models/other")
            #expect(response.status == .notFound)
            #expect(try response.json["error"]?["code"] == "model_not_found")
            #expect(try response.json["error"]?["message"]?.string?.contains("'fake'") == true)
        }
    }
}
