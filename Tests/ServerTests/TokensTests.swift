import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Text

@Suite struct TokensTests {
    static let forms: [(body: String, tokens: JSON)] = [
        (#"{"prompt": "Hi", "add_special_tokens": false}"#, [72, 105]), (#"{"prompt": "Hi"}"#, [256, 72, 105]),
        (#"{"content": "Hi"}"#, [72, 105]), (#"{"content": "Hi", "add_special": true}"#, [256, 72, 105]),
        (#"{"content": "Hi", "parse_special": false, "return_token_strs": true}"#, [72, 105]),
        (#"{"content": "Hi", "with_pieces": true}"#, [["id": 72, "piece": "H"], ["id": 105, "piece": "i"]]),
        (#"{"prompt": "", "add_special_tokens": false}"#, []),
        (#"{"messages": [{"role": "user", "content": "x"}]}"#, [117, 115, 101, 114, 58, 120, 10, 62]),
    ]

    @Test(arguments: forms)
    func tokenizes(body: String, tokens: JSON) async throws {
        try await served { client in
            let reply = try await client.post("/tokenize", body).json
            #expect(reply["tokens"] == tokens)
            #expect(reply["count"]?.integer == tokens.array?.count)
            #expect(reply["max_model_len"] == 128)
        }
    }

    @Test func detokenizes() async throws {
        try await served { client in
            let reply = try await client.post("/detokenize", #"{"tokens": [228, 189, 160]}"#).json
            #expect(reply == ["prompt": "你", "content": "你"])
        }
    }

    @Test func tellsTheSpecialTokens() async throws {
        try await served { client in
            let reply = try await client.get("/tokenizer_info").json
            #expect(reply["eos_token"] == "<eos>" && reply["bos_token"] == "<bos>" && reply["pad_token"] == .null)
            #expect(reply["chat_template"] == "{{ messages }}")
        }
    }

    @Test(arguments: [
        ("/tokenize", #"{"prompt": "x", "add_specials": true}"#),
        ("/detokenize", #"{"tokens": [1], "add_specials": 1}"#),
    ])
    func whatNobodyKnowsIsNamed(path: String, body: String) async throws {
        try await served { client in
            let response = try await client.post(path, body)
            #expect(response.status == .ok && response.headers[HTTPField.Name("x-ignored-fields")!] == "add_specials")
        }
    }

    @Test func whoMakesVectorsIsToldApart() async throws {
        try await server([FakeVectors()], talks: true).application.test(.router) { client in
            let answers = [
                try await client.post("/tokenize", #"{"model": "vectors", "prompt": "x"}"#),
                try await client.post("/detokenize", #"{"model": "vectors", "tokens": [1]}"#),
                try await client.get("/tokenizer_info?model=vectors"),
            ]
            for answer in answers {
                #expect(try answer.status == .badRequest && answer.fault == ["model", "unsupported_model"])
                #expect(answer.text.contains("'vectors' makes vectors"), "\(answer.text)")
            }
        }
    }

    static let wrong: [(path: String, body: String, param: String)] = [
        ("/tokenize", "{}", "prompt"), ("/tokenize", #"{"prompt": 7}"#, "prompt"),
        ("/tokenize", #"{"content": []}"#, "content"),
        ("/tokenize", #"{"prompt": "x", "add_special_tokens": 1}"#, "add_special_tokens"),
        ("/tokenize", #"{"prompt": "x", "add_special": 1}"#, "add_special"),
        ("/tokenize", #"{"prompt": "x", "content": "x"}"#, "content"),
        ("/tokenize", #"{"messages": [{"role": "user", "content": "x"}], "tool_choice": 7}"#, "tool_choice"),
        ("/tokenize", #"{"content": "x", "add_special": 1}"#, "add_special"),
        ("/tokenize", #"{"content": "x", "with_pieces": 1}"#, "with_pieces"),
        ("/tokenize", #"{"content": "x", "parse_special": 1}"#, "parse_special"),
        ("/tokenize", #"{"content": "x", "return_token_strs": 1}"#, "return_token_strs"),
        ("/tokenize", #"{"prompt": "x", "chat_template": "{{ x }}"}"#, "chat_template"),
        ("/tokenize", #"{"messages": "x"}"#, "messages"), ("/detokenize", "{}", "tokens"),
        ("/detokenize", #"{"tokens": [-1]}"#, "tokens[0]"), ("/detokenize", #"{"tokens": [1, 258]}"#, "tokens[1]"),
        ("/detokenize", #"{"tokens": ["x"]}"#, "tokens[0]"),
    ]

    @Test(arguments: wrong)
    func aWrongValueIsNamed(path: String, body: String, param: String) async throws {
        try await served { client in
            let response = try await client.post(path, body)
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["param"] == .string(param))
        }
    }
}
