import Server
import Testing

@Suite struct UnreadableTests {
    private static let many = String(repeating: "X-A: b\r\n", count: 200)
    private static let long = "X-A: " + String(repeating: "b", count: 40_000) + "\r\n"

    @Test(arguments: [
        ("hello\r\n\r\n", 400, "invalid_http"),
        ("GET / HTTP/9.9\r\n\r\n", 400, "invalid_http"),
        ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 400, "invalid_http"),
        ("GET /health HTTP/1.1\r\nBad Name: x\r\n\r\n", 400, "invalid_http"),
        ("GET /health HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n", 431, "headers_too_large"),
        ("GET /health HTTP/1.1\r\nHost: localhost\r\n\(long)\r\n", 431, "headers_too_large"),
    ])
    func whatIsNotHTTPIsRefusedInTheHousesForm(request: String, status: Int, code: String) async throws {
        try await live { port, _ in
            let client = try await RawClient.connect(to: port)
            try await client.send(request)
            #expect(await client.waitFor("\r\n\r\n{"))
            #expect(await client.waitFor("}}"))
            let received = client.received.lowercased()
            #expect(received.hasPrefix("http/1.1 \(status)"))
            #expect(received.contains("x-request-id: req_"))
            #expect(received.contains(#""code":"\#(code)""#))
            try? await client.close()
        }
    }
}
