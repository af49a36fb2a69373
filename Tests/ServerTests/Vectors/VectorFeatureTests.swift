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

@Suite struct EmbeddingsTests {
    static let inputs: [(input: String, counts: [Double])] = [
        (#""Hi""#, [3]), (#"["Hi", "x"]"#, [3, 2]), ("[72, 105, 106, 107]", [4]), ("[[72], [1, 2]]", [1, 2]),
    ]

    static let paths = ["/v1/embeddings", "/v2/embeddings"]

    @Test(arguments: inputs, paths)
    func everyFormOfInputHasItsVectors(asked: (input: String, counts: [Double]), path: String) async throws {
        try await served { client in
            let reply = try await client.post(path, #"{"model": "vectors", "input": \#(asked.input)}"#).json
            let data = reply["data"]?.array ?? []
            #expect(data.compactMap { $0["embedding"]?[0]?.double } == asked.counts)
            #expect(data.compactMap { $0["index"]?.integer } == Array(asked.counts.indices))
            #expect(reply["object"] == "list" && reply["model"] == "vectors")
            #expect(reply["usage"]?["total_tokens"] == .integer(Int(asked.counts.reduce(0, +))))
        }
    }

    @Test(arguments: paths) func base64IsLittleEndianFloats(path: String) async throws {
        try await served { client in
            let body = #"{"input": "Hi", "encoding_format": "base64"}"#
            let reply = try await client.post(path, body).json
            let text = try #require(reply["data"]?[0]?["embedding"]?.string)
            let expected: [Float] = [3, 105, 0.5, -0.25]
            let bytes = expected.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
            #expect(Data(base64Encoded: text) == Data(bytes))
        }
    }

    @Test(arguments: paths) func shortenedVectorsHaveLengthOne(path: String) async throws {
        try await served { client in
            let reply = try await client.post(path, #"{"input": [3, 4], "dimensions": 2}"#).json
            let vector = reply["data"]?[0]?["embedding"]?.array?.compactMap(\.double) ?? []
            #expect(vector.count == 2 && abs(vector[0] * vector[0] + vector[1] * vector[1] - 1) < 1e-6)
        }
    }

    static let wrong: [(body: String, param: String, code: String)] = [
        ("{}", "input", "invalid_value"), (#"{"input": []}"#, "input", "invalid_value"),
        (#"{"input": ""}"#, "input", "invalid_value"), (#"{"input": ["x", ""]}"#, "input[1]", "invalid_value"),
        (#"{"input": [[1], []]}"#, "input[1]", "invalid_value"), (#"{"input": [1, 999]}"#, "input[1]", "invalid_value"),
        (#"{"input": {}}"#, "input", "invalid_value"),
        (#"{"input": "x", "dimensions": 5}"#, "dimensions", "invalid_value"),
        (#"{"input": "x", "encoding_format": "hex"}"#, "encoding_format", "invalid_value"),
        (#"{"input": "more than sixteen tokens"}"#, "input", "context_length_exceeded"),
        (#"{"input": ["x", "more than sixteen tokens"]}"#, "input[1]", "context_length_exceeded"),
        (#"{"input": [[1], [1], [1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8]]}"#, "input[2]", "context_length_exceeded"),
        (#"{"input": "x", "model": "other"}"#, "model", "model_not_found"),
        (#"{"input": "x", "model": "fake"}"#, "model", "unsupported_model"),
        (#"{"input": "x", "model": null}"#, "model", "missing_required_parameter"),
    ]

    @Test(arguments: wrong) func aWrongValueIsNamed(body: String, param: String, code: String) async throws {
        try await served { client in
            let response = try await client.post("/v1/embeddings", body)
            #expect(response.status == (code == "model_not_found" ? .notFound : .badRequest))
            let error = try response.json["error"]
            #expect(error?["param"] == .string(param) && error?["code"] == .string(code))
        }
    }

    @Test func whoIsUnknownIsToldWhoMakesVectors() async throws {
        try await served { client in
            let told = try await client.post("/v1/embeddings", #"{"input": "x", "model": "other"}"#).text
            #expect(told.contains("Those that make vectors: 'vectors'") && !told.contains("'fake'"), "\(told)")
            let all = try await client.get("/v1/models/other").text
            #expect(all.contains("'fake', 'vectors'"), "\(all)")
        }
    }

    @Test func aTextThatIsTooLongIsToldWithItsFigures() async throws {
        try await served { client in
            let told = try await client.post("/v1/embeddings", #"{"input": ["x", "more than sixteen tokens"]}"#).text
            #expect(told.contains("'input[1]' has 25 tokens, but the model reads 16"), "\(told)")
        }
    }

    @Test(arguments: ["[1.5]", "[true]", #"["x", 7]"#])
    func whatIsNeitherATextNorIdsIsTold(input: String) async throws {
        try await served { client in
            let response = try await client.post("/v1/embeddings", #"{"input": \#(input)}"#)
            #expect(response.status == .badRequest && response.text.contains("a text or token ids"), "\(response.text)")
        }
    }

    @Test(arguments: [
        ("/v1/embeddings", #"{"input": "x", "dimension": 2}"#, "dimension"),
        ("/v1/rerank", #"{"query": "q", "documents": ["a"], "top_k": 1}"#, "top_k"),
        ("/v2/rerank", #"{"query": "q", "documents": ["a"], "max_chunks_per_doc": 1}"#, "max_chunks_per_doc"),
    ])
    func aMisspeltFieldIsTold(path: String, body: String, field: String) async throws {
        try await served { client in
            let response = try await client.post(path, body)
            #expect(response.status == .ok && response.headers[HTTPField.Name("x-ignored-fields")!] == field)
        }
    }

    @Test func tooManyTextsAreRefused() async throws {
        try await served { client in
            let texts = Array(repeating: "\"x\"", count: 2049).joined(separator: ",")
            let response = try await client.post("/v1/embeddings", #"{"input": [\#(texts)]}"#)
            #expect(response.status == .badRequest)
        }
    }

    @Test func aFullQueueAnswersWhenToComeBack() async throws {
        try await served([FakeVectors(refusal: .full(retryAfter: .seconds(2)))]) { client in
            let response = try await client.post("/v1/embeddings", #"{"input": "x"}"#)
            #expect(response.status == .tooManyRequests && response.headers[.retryAfter] == "2")
        }
    }

    @Test func withoutAModelForVectorsThatIsSaid() async throws {
        try await served([]) { client in
            let response = try await client.post("/v1/embeddings", #"{"input": "x"}"#)
            #expect(response.status == .notFound)
        }
    }

    @Test func aServerOfVectorsAloneIsReadyOnceTheyAreOpen() async throws {
        try await server([FakeVectors()], talks: false).application.test(.router) { client in
            let before = try await client.get("/ready").status
            let answer = try await client.post("/v1/embeddings", #"{"input": "Hi"}"#).status
            let after = try await client.get("/ready").status
            #expect(before == .serviceUnavailable && answer == .ok && after == .ok)
        }
    }

    @Test func modelsOfVectorsAreListed() async throws {
        try await served { client in
            let names = try await client.get("/v1/models").json["data"]?.array?.compactMap { $0["id"]?.string }
            #expect(names == ["fake", "vectors"])
            #expect(try await client.get("/v1/models/vectors").json["id"] == "vectors")
            let kinds = try await client.get("/v1/models").json["data"]?.array?.map { $0["kind"]?.string }
            #expect(kinds == [nil, "embedding"])
        }
    }

    @Test func whoMakesVectorsDoesNotTalk() async throws {
        try await served { client in
            let asked =
                #"{"model": "vectors", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5, "input": "Hi"}"#
            for path in ["/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/v1/responses"] {
                let response = try await client.post(path, asked)
                #expect(response.status == .badRequest && response.text.contains("/v1/embeddings"), "\(response.text)")
            }
        }
    }
}
