import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

private func served(
    _ models: [FakeVectors] = [FakeVectors()],
    _ test: @Sendable (any TestClientProtocol) async throws -> Void
) async throws {
    try await server(models, talks: true).application.test(.router, test)
}

/// `/v1/rerank`, and what a model that scores is asked for besides.
@Suite struct RerankTests {
    private static let ranking: FakeVectors = {
        var card = ModelCard(name: "ranker", created: 1, contextLength: 16, chatTemplate: nil)
        card.ranks = true
        return FakeVectors(card: card, ranks: true)
    }()

    @Test(arguments: ["/v1/rerank", "/v2/rerank", "/rerank"]) func theBestComesFirst(path: String) async throws {
        try await served([FakeVectors(), Self.ranking]) { client in
            let body = #"{"query": "q", "documents": ["a", {"text": "z"}, "m"], "top_n": 2, "return_documents": true}"#
            let reply = try await client.post(path, body).json, results = reply["results"]?.array ?? []
            #expect(results.compactMap { $0["index"]?.integer } == [1, 2])
            #expect(results.compactMap { $0["document"]?["text"]?.string } == ["z", "m"])
            let score = try #require(results.first?["relevance_score"]?.double)
            #expect(abs(score - 1 / (1 + exp(-22))) < 1e-6)
            #expect(reply["model"] == "ranker" && reply["usage"]?["total_tokens"] == 6 && reply["id"] == "rerank-1")
        }
    }

    @Test func whoScoresNeitherMakesVectorsNorTalks() async throws {
        try await served([FakeVectors(), Self.ranking]) { client in
            let asked = #"{"model": "ranker", "input": "Hi", "messages": [{"role": "user", "content": "Hi"}]}"#
            for path in ["/v1/embeddings", "/api/embed", "/v1/chat/completions"] {
                let refused = try await client.post(path, asked)
                #expect(refused.status == .badRequest, "\(refused.text)")
                #expect(refused.text.contains("'ranker' scores texts"), "\(refused.text)")
                #expect(refused.text.contains("/v1/rerank") && !refused.text.contains("/v1/embeddings"))
            }
            let shown = try await client.post("/api/show", #"{"model": "ranker"}"#).json
            #expect(shown["capabilities"] == ["rerank"])
        }
    }

    @Test func vectorsAreComparedWhereNobodyRanks() async throws {
        try await served { client in
            let body = #"{"model": "vectors", "query": "aa", "documents": ["abcdefghij", "aa"]}"#
            let results = try await client.post("/v1/rerank", body).json["results"]?.array ?? []
            #expect(results.first?["index"] == 1)
            #expect(abs((results.first?["relevance_score"]?.double ?? 0) - 1) < 1e-6)
            #expect(results.allSatisfy { $0["document"] == nil })
        }
    }

    /// Texts whose vectors' squares add up to 1.0000001.
    @Test(arguments: ["a", "b", "i", "o", "mm", "eee"])
    func whatIsTheSameIsNoMoreThanTheSame(text: String) async throws {
        try await served { client in
            let body = #"{"model": "vectors", "query": "\#(text)", "documents": ["\#(text)"]}"#
            let results = try await client.post("/v1/rerank", body).json["results"]
            let score = try #require(results?[0]?["relevance_score"]?.double)
            #expect(score <= 1 && score > 1 - 1e-6)
        }
    }

    static let wrong: [(body: String, param: String)] = [
        ("{}", "query"), (#"{"query": "", "documents": ["x"]}"#, "query"), (#"{"query": "x"}"#, "documents"),
        (#"{"query": "x", "documents": []}"#, "documents"),
        (#"{"query": "x", "documents": ["y", ""]}"#, "documents[1]"),
        (#"{"query": "x", "documents": [{"title": "y"}]}"#, "documents[0].text"),
        (#"{"query": "x", "documents": ["y"], "top_n": 0}"#, "top_n"),
        (#"{"query": "x", "documents": ["y"], "return_documents": 1}"#, "return_documents"),
        (#"{"query": "x", "documents": ["y"], "max_tokens_per_doc": 0}"#, "max_tokens_per_doc"),
        (#"{"query": "x", "documents": ["y"], "max_tokens_per_doc": 1.5}"#, "max_tokens_per_doc"),
        (#"{"query": "x", "documents": ["y", "more than sixteen tokens"]}"#, "documents[1]"),
        (#"{"query": "more than sixteen tokens", "documents": ["y"]}"#, "query"),
    ]

    @Test(arguments: wrong) func aWrongValueIsNamed(body: String, param: String) async throws {
        try await served { client in
            let response = try await client.post("/v1/rerank", body)
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["param"] == .string(param))
        }
    }

    @Test func aDocumentThatIsTooLongBesideItsQueryIsNamed() async throws {
        try await served([Self.ranking]) { client in
            let body = #"{"query": "ten tokens", "documents": ["short", "too long"]}"#
            let error = try await client.post("/v1/rerank", body).json["error"]
            #expect(error?["param"] == "documents[1]" && error?["code"] == "context_length_exceeded")
            #expect(error?["message"]?.string?.contains("'max_tokens_per_doc'") == true)
        }
    }

    /// The tokens of all that is read: two documents of two tokens or less, with the query each, or after it.
    @Test(arguments: ["ranker", "vectors"], ["/v1/rerank", "/v2/rerank", "/rerank"])
    func documentsAreCutToWhatIsAskedFor(model: String, path: String) async throws {
        try await served([FakeVectors(), Self.ranking]) { client in
            let asked = #""model": "\#(model)", "query": "q", "documents": ["a", {"text": "azb and more than fits"}]"#
            let reply = try await client.post(path, #"{\#(asked), "max_tokens_per_doc": 2, "return_documents": true}"#)
            #expect(reply.headers[HTTPField.Name("x-truncated-fields")!] == "documents[1]", "\(reply.text)")
            let json = try reply.json
            #expect(json["usage"]?["total_tokens"] == .integer(model == "ranker" ? 5 : 7))
            let texts = json["results"]?.array?.compactMap { $0["document"]?["text"]?.string } ?? []
            #expect(Set(texts) == ["a", "azb and more than fits"], "as they were sent")
            let whole = #"{"model": "\#(model)", "query": "q", "documents": ["ab"], "max_tokens_per_doc": 2}"#
            #expect(try await client.post(path, whole).headers[HTTPField.Name("x-truncated-fields")!] == nil)
        }
    }

    @Test func moreDocumentsThanCohereTakesAreRefused() async throws {
        try await served { client in
            let documents = Array(repeating: "\"x\"", count: 10_001).joined(separator: ",")
            let refused = try await client.post("/v1/rerank", #"{"query": "q", "documents": [\#(documents)]}"#)
            #expect(refused.status == .badRequest && refused.text.contains("at most 10000"), "\(refused.text)")
        }
    }
}
