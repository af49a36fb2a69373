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

    @Test func anUnknownOneIsNotFound() async throws {
        try await served { client in
            let response = try await client.get("/v1/models/other")
            #expect(response.status == .notFound)
            #expect(try response.json["error"]?["code"] == "model_not_found")
            #expect(try response.json["error"]?["message"]?.string?.contains("'fake'") == true)
        }
    }
}
