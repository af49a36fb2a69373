import HTTPTypes
import HummingbirdTesting
import Inference
import Server
import Testing

@Suite struct AccessTests {
    static let keys: [(path: String, header: String?, status: HTTPResponse.Status)] = [
        ("/v1/models", nil, .unauthorized), ("/v1/models", "Bearer no", .unauthorized),
        ("/v1/models", "Bearer ", .unauthorized),
        ("/v1/models", "Basic one", .unauthorized), ("/v1/models", "Bearer one", .ok),
        ("/v1/models", "bearer two", .ok),
        ("/v1/models", "Bearer onee", .unauthorized), ("/v1/models", "Bearer on", .unauthorized),
        ("/metrics", nil, .unauthorized), ("/health", nil, .ok), ("/", nil, .ok),
        ("/tokenizer_info", nil, .unauthorized),
    ]

    @Test(arguments: keys)
    func aKeyOpens(path: String, header: String?, status: HTTPResponse.Status) async throws {
        try await served(FakeModel(), { $0.apiKeys = ["one", "two"] }) { client in
            let response = try await client.get(path, headers: header.map { [.authorization: $0] } ?? [:])
            #expect(response.status == status)
            if status == .unauthorized { #expect(response.headers[.wwwAuthenticate] == "Bearer") }
        }
    }

    @Test(arguments: [("one", 0), ("two", 1)])
    func theKeySaysWhoseTurnItIs(key: String, client: Int) async throws {
        let model = FakeModel()
        try await served(model, { $0.apiKeys = ["one", "two"] }) {
            _ = try await $0.post(ChatTests.path, ChatTests.body(), headers: [.authorization: "Bearer \(key)"])
        }
        #expect(model.watch.requests.map(\.client) == [client])
    }

    /// The test client's own authority is `localhost`.
    static let origins: [(origin: String, allowed: Set<String>, status: HTTPResponse.Status)] = [
        ("http://localhost", [], .ok), ("http://evil.example", [], .forbidden), ("null", [], .forbidden),
        ("http://notlocalhost", [], .forbidden), ("https://app.example", ["https://app.example"], .ok),
        ("https://app.example.evil", ["https://app.example"], .forbidden), ("http://any.example", ["*"], .ok),
    ]

    @Test(arguments: origins)
    func aStrangersPageMayNotCall(origin: String, allowed: Set<String>, status: HTTPResponse.Status) async throws {
        try await served(FakeModel(), { $0.allowedOrigins = allowed }) { client in
            let response = try await client.post(ChatTests.path, ChatTests.body(), headers: [.origin: origin])
            #expect(response.status == status)
            let told = response.headers[.accessControlAllowOrigin]
            #expect(told == (allowed.isEmpty || status == .forbidden ? nil : allowed.first))
        }
    }

    @Test func anAllowedPageMayAskFirst() async throws {
        try await served(FakeModel(), { ($0.allowedOrigins, $0.apiKeys) = (["https://app.example"], ["k"]) }) {
            client in
            let headers: HTTPFields = [
                .origin: "https://app.example", .accessControlRequestMethod: "POST",
                .accessControlRequestHeaders: "authorization, content-type",
            ]
            let response = try await client.execute(uri: ChatTests.path, method: .options, headers: headers)
            #expect(response.status == .noContent)
            #expect(response.headers[.accessControlAllowHeaders] == "authorization, content-type")
        }
    }

    static let hosts: [(host: String, path: String, status: Int)] = [
        ("localhost:8080", "/v1/models", 200), ("127.0.0.1", "/v1/models", 200), ("[::1]:80", "/v1/models", 200),
        ("LocalHost", "/v1/models", 200), ("evil.example", "/v1/models", 403), ("evil.example:8080", "/", 403),
        ("localhost.evil.example", "/metrics", 403), ("evil.example", "/health", 200),
        ("our.example", "/v1/models", 200),
    ]

    /// What a page can do that has its own name lead to this machine.
    @Test(arguments: hosts)
    func aServerOfThisMachineHasNoOtherName(host: String, path: String, status: Int) async throws {
        try await live(FakeModel(), { $0.allowedOrigins = ["http://our.example"] }) { port, _ in
            let client = try await RawClient.connect(to: port)
            try await client.send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
            #expect(await client.waitForEnd())
            #expect(client.received.hasPrefix("HTTP/1.1 \(status)"))
            #expect(client.received.contains("host_not_allowed") == (status == 403))
        }
    }

    @Test(arguments: [["*"], []])
    func aKeyOrAnyOriginMakesTheNameFree(origins: Set<String>) async throws {
        try await live(FakeModel(), { ($0.allowedOrigins, $0.apiKeys) = (origins, origins.isEmpty ? ["k"] : []) }) {
            port,
            _ in
            let client = try await RawClient.connect(to: port)
            let key = "Authorization: Bearer k"
            try await client.send("GET /v1/models HTTP/1.1\r\nHost: a.example\r\n\(key)\r\nConnection: close\r\n\r\n")
            #expect(await client.waitForEnd())
            #expect(client.received.hasPrefix("HTTP/1.1 200"))
        }
    }
}
