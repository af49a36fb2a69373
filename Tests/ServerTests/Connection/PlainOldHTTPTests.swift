import Testing

@Suite struct PlainOldHTTPTests {
    @Test(arguments: [("1.0", false), ("1.1", true)])
    func streamsHaveChunksOnlyWhereTheseAreKnown(version: String, chunked: Bool) async throws {
        try await live { port, _ in
            let client = try await RawClient.connect(to: port)
            let body = #"{"model":"fake","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
            try await client.send(
                "POST /v1/chat/completions HTTP/\(version)\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await client.waitFor("data: [DONE]\n\n"))
            let received = client.received.lowercased()
            #expect(received.hasPrefix("http/\(version) 200"))
            #expect(received.contains("transfer-encoding: chunked") == chunked)
            #expect(received.contains("\r\n\r\ndata: ") == !chunked)
            if !chunked { #expect(await client.waitForEnd()) }
            try? await client.close()
        }
    }

    @Test(arguments: ["", "Connection: keep-alive\r\n", "Expect: 100-continue\r\n"])
    func anOldRequestHasAConnectionOfItsOwn(header: String) async throws {
        try await live { port, _ in
            let client = try await RawClient.connect(to: port)
            try await client.send("GET /health HTTP/1.0\r\n\(header)\r\n")
            #expect(await client.waitForEnd())
            #expect(client.received.hasPrefix("HTTP/1.0 200"))
            #expect(!client.received.contains("100 Continue"))
        }
    }
}
