import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Server
import Testing
import Text

/// A server for one test, spoken to through its router.
func served(
    _ model: any GenerativeModel = FakeModel(),
    _ configure: (inout ServerOptions) -> Void = { _ in },
    _ test: @Sendable (any TestClientProtocol) async throws -> Void
) async throws {
    try await server(model, configure).application.test(.router, test)
}

func server(_ model: any GenerativeModel, _ configure: (inout ServerOptions) -> Void) -> YuyanServer {
    var options = ServerOptions()
    options.port = 0
    options.trapsSignals = false
    configure(&options)
    return YuyanServer(
        models: OneModel(model),
        options: options,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
    )
}

extension TestClientProtocol {
    /// - Parameter names: whether a body that names no model, where it has to, is given the name of the fake one.
    func post(
        _ path: String,
        _ body: String,
        headers: HTTPFields = [:],
        names: Bool = true
    ) async throws -> TestResponse {
        let body = names ? naming(body, path) : body
        let response = try await execute(
            uri: path,
            method: .post,
            headers: headers,
            body: ByteBuffer(string: body)
        )
        Proofs.note("POST", path, body, response)
        return response
    }

    private func naming(_ body: String, _ path: String) -> String {
        let talking = [
            "/v1/chat/completions", "/v2/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages",
            "/v1/messages/count_tokens", "/api/chat", "/api/generate",
        ]
        let embedding = ["/v1/embeddings", "/v2/embeddings", "/api/embed", "/api/embeddings"]
        guard (talking + embedding).contains(path), body.hasPrefix("{"), !body.contains("\"model\"") else {
            return body
        }
        let model = talking.contains(path) ? "fake" : "vectors"
        return "{\"model\": \"\(model)\"" + (body == "{}" ? "}" : ", " + body.dropFirst())
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        let response = try await execute(uri: path, method: .get, headers: headers)
        Proofs.note("GET", path, "", response)
        return response
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    var json: JSON {
        get throws { try JSON(parsing: text) }
    }

    /// What stands between the empty lines of an event stream, without the pings that a slow machine adds.
    var pieces: [String] {
        let pings = [": ping", "event: ping\ndata: {\"type\":\"ping\"}"]
        return text.components(separatedBy: "\n\n").filter { !pings.contains($0) }
    }

    /// An event stream as a fast machine sends it.
    var pingless: String { pieces.joined(separator: "\n\n") }

    /// The payloads of an event stream, without the `[DONE]` that it must end with.
    var events: [JSON] {
        get throws {
            let lines = pieces
            #expect(Array(lines.suffix(2)) == ["data: [DONE]", ""])
            return try lines.dropLast(2).map { try JSON(parsing: String($0.dropFirst("data: ".count))) }
        }
    }

    /// The payloads of an event stream whose events have names.
    var named: [JSON] {
        get throws {
            try pieces.dropLast().map { piece in
                let line = try #require(piece.split(separator: "\n").first { $0.hasPrefix("data: ") }, "\(piece)")
                return try JSON(parsing: String(line.dropFirst("data: ".count)))
            }
        }
    }
}

/// Whether the text is that of the file in `Tests/Golden/Server`; `RECORD_SNAPSHOTS=1` writes the file.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let folder = URL(filePath: #filePath).appending(path: "../../../Golden/Server").standardized
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let golden = try? String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "\(name); RECORD_SNAPSHOTS=1 records it anew", sourceLocation: sourceLocation)
}
