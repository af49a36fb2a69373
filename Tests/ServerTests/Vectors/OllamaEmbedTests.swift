import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing
import Text

private func served(_ test: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
    try await server([FakeVectors()], talks: true).application.test(.router, test)
}

/// `/api/embed` and its forerunner, Ollama's ways of asking for vectors.
@Suite struct OllamaEmbedTests {
    @Test func everyTextHasItsVector() async throws {
        try await served { client in
            let several = try await client.post("/api/embed", #"{"model": "vectors:latest", "input": ["Hi", "x"]}"#)
            let json = try several.json
            #expect(json["embeddings"]?.array?.map { $0[0]?.double } == [3, 2], "\(several.text)")
            #expect(json["model"] == "vectors" && json["prompt_eval_count"] == 5)
            #expect((json["total_duration"]?.integer ?? 0) > 0)
            let one = try await client.post("/api/embed", #"{"model": "vectors", "input": "Hi", "dimensions": 2}"#).json
            #expect(one["embeddings"]?[0]?.array?.count == 2)
            let none = try await client.post("/api/embed", #"{"model": "vectors", "input": []}"#).json
            #expect(none["embeddings"] == [])
            let old = try await client.post("/api/embeddings", #"{"model": "vectors", "prompt": "Hi", "odd": 1}"#)
            #expect(try old.json["embedding"]?[0]?.double == 3 && old.headers[.init("x-ignored-fields")!] == "odd")
        }
    }

    /// Ollama cuts unless it is told not to.
    @Test func whatIsCutIsTold() async throws {
        try await served { client in
            let long = #""model": "vectors", "input": "\#(String(repeating: "x", count: 40))""#
            let refusal = try await client.post("/api/embed", "{\(long), \"truncate\": false}")
            #expect(refusal.status == .badRequest && refusal.text.contains("'truncate'"))
            for more in ["", ", \"truncate\": true"] {
                let cut = try await client.post("/api/embed", "{\(long)\(more)}")
                #expect(try cut.json["embeddings"]?[0]?[0]?.double == 16, "\(cut.text)")
                #expect(cut.headers[.init("x-truncated-fields")!] == "input")
            }
            let two = #"{"model": "vectors", "input": ["x", "\#(String(repeating: "x", count: 40))"]}"#
            #expect(try await client.post("/api/embed", two).headers[.init("x-truncated-fields")!] == "input[1]")
            let short = try await client.post("/api/embed", #"{"model": "vectors", "input": "x"}"#)
            #expect(short.headers[.init("x-truncated-fields")!] == nil)
        }
    }

    static let wrong: [(path: String, body: String, status: Int, word: String)] = [
        ("/api/embed", #"{"model": "vectors"}"#, 400, "'input'"),
        ("/api/embed", #"{"model": "vectors", "input": 1}"#, 400, "'input'"),
        ("/api/embed", #"{"model": "vectors", "input": ["a", 1]}"#, 400, "'input[1]'"),
        ("/api/embed", #"{"model": "vectors", "input": ""}"#, 400, "'input'"),
        ("/api/embed", #"{"model": "vectors", "input": "a", "dimensions": 9}"#, 400, "'dimensions'"),
        ("/api/embed", #"{"model": "vectors", "input": "a", "truncate": 1}"#, 400, "'truncate'"),
        ("/api/embed", #"{"model": "vectors", "input": "a", "keep_alive": "x"}"#, 400, "'keep_alive'"),
        ("/api/embed", #"{"model": "vectors", "input": "a", "options": {"top_p": 3}}"#, 400, "'options.top_p'"),
        ("/api/embed", #"{"model": "fake", "input": "a"}"#, 400, "'fake'"),
        ("/api/embed", #"{"model": "nobody", "input": "a"}"#, 404, "'nobody'"),
        ("/api/embed", #"{"model": 7, "input": "a"}"#, 400, "'model'"),
        ("/api/embeddings", #"{"model": "vectors", "prompt": ["a"]}"#, 400, "'prompt'"),
    ]

    @Test(arguments: wrong.indices) func aRefusalIsInItsOwnForm(index: Int) async throws {
        let (path, body, status, word) = Self.wrong[index]
        try await served { client in
            let response = try await client.post(path, body)
            #expect(response.status.code == status)
            #expect(try response.json["error"]?.string?.contains(word) == true, "\(response.text)")
        }
    }

    private static func body(_ path: String, _ options: String) -> String {
        "{\"\(path == "/api/embed" ? "input" : "prompt")\": \"Hi\", \"options\": \(options)}"
    }

    /// They are about the machine or about text that is written, of which there is none.
    @Test(arguments: ["/api/embed", "/api/embeddings"]) func optionsChangeNothing(path: String) async throws {
        let options = """
            {"num_ctx": 64, "num_gpu": -1, "main_gpu": 0, "num_thread": 4, "num_batch": 512, "num_keep": -1, "repeat_last_n": 64, \
            "use_mmap": true, "use_mlock": false, "low_vram": false, "numa": false, "penalize_newline": true, "temperature": 0.5, \
            "top_p": 0.9, "top_k": 40, "min_p": 0.1, "repeat_penalty": 1.1, "presence_penalty": -1, "frequency_penalty": 2, "seed": 7, \
            "stop": ["x"], "num_predict": 9, "odd": 1}
            """
        try await served { client in
            let plain = try await client.post(path, Self.body(path, "null")).json
            let response = try await client.post(path, Self.body(path, options))
            #expect(response.headers[.init("x-ignored-fields")!] == "options.odd", "\(response.text)")
            for key in ["embedding", "embeddings"] { #expect(try response.json[key] == plain[key]) }
        }
    }

    @Test(arguments: BadFieldTests.options, ["/api/embed", "/api/embeddings"])
    func aWrongOptionIsNamed(wrong: (String, [JSON]), path: String) async throws {
        let (name, values) = wrong
        try await served { client in
            for value in values {
                let body = Self.body(path, "{\"\(name)\": \(value.text())}")
                let response = try await client.post(path, body), error = try response.json["error"]?.string
                #expect(response.status == .badRequest && error?.contains("'options.\(name)'") == true, "\(body)")
            }
        }
    }
}
