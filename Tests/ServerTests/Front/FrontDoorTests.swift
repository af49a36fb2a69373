import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Text

@Suite struct FrontDoorTests {
    static let requestID = HTTPField.Name("x-request-id")!

    @Test(arguments: ["/v1/nothing", "/nothing", "/v1", "/v1/", "/v1/chat", "/%00", "/..%2f..%2fx"])
    func anUnknownPathIsNotFound(path: String) async throws {
        try await served { client in
            let response = try await client.get(path)
            #expect(response.status == .notFound)
            #expect(response.headers[.contentType] == "application/json")
            #expect(try response.json["error"]?.object?.keys == ["message", "type", "param", "code"])
        }
    }

    static let methods: [(HTTPRequest.Method, String, String)] = [
        (.get, "/v1/chat/completions", "POST"), (.put, "/tokenize", "POST"), (.delete, "/v1/completions", "POST"),
        (.post, "/v1/models", "GET, HEAD"), (.post, "/v1/models/a/b", "DELETE, GET, HEAD"), (.post, "/", "GET, HEAD"),
        (.patch, "/console/app.js", "GET, HEAD"), (.options, "/health", "GET, HEAD"),
    ]

    @Test(arguments: methods)
    func aWrongMethodIsToldTheRightOnes(method: HTTPRequest.Method, path: String, allow: String) async throws {
        try await served { client in
            let response = try await client.execute(uri: path, method: method)
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.allow] == allow)
        }
    }

    @Test func everyAnswerHasItsOwnID() async throws {
        try await served { client in
            var ids: Set<String> = []
            for path in ["/health", "/nowhere", "/v1/models", "/"] {
                let response = try await client.get(path)
                ids.insert(try #require(response.headers[Self.requestID]))
                #expect(Int(response.headers[HTTPField.Name("openai-processing-ms")!] ?? "") != nil)
            }
            #expect(ids.count == 4 && ids.allSatisfy { $0.hasPrefix("req_") && $0.count == 28 })
        }
    }

    static let ids = [("my-id.7", true), ("a b", false), (String(repeating: "x", count: 129), false), ("<a>", false)]

    @Test(arguments: ids)
    func aHarmlessIDIsKept(id: String, isKept: Bool) async throws {
        try await served { client in
            let response = try await client.get("/health", headers: [Self.requestID: id])
            #expect((response.headers[Self.requestID] == id) == isKept)
        }
    }

    @Test func aLargeBodyIsRefused() async throws {
        try await served(FakeModel(), { $0.bodyLimit = 1000 }) { client in
            let body = ChatTests.body("\"user\": \"\(String(repeating: "x", count: 1000))\"")
            let response = try await client.post(ChatTests.path, body)
            #expect(response.status == .contentTooLarge)
            #expect(try response.json["error"]?["code"] == "body_too_large")
        }
    }

    @Test func aPackedBodyIsRefused() async throws {
        try await served { client in
            let response = try await client.post(ChatTests.path, "x", headers: [.contentEncoding: "gzip"])
            #expect(response.status == .unsupportedMediaType)
        }
    }

    @Test func aBodyOfMegabytesIsRead() async throws {
        var model = FakeModel()
        model.card.contextLength = 4 << 20
        try await served(model) { client in
            let text = String(repeating: "long ", count: 400_000)
            let response = try await client.post(
                ChatTests.path,
                #"{"messages": [{"role": "user", "content": "\#(text)"}]}"#
            )
            #expect(response.status == .ok)
        }
    }
}
