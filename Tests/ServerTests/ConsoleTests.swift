import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import Testing

@Suite struct ConsoleTests {
    /// A folder of pages in a folder with something that must not be served.
    static func pages() throws -> Pages {
        let folder = FileManager.default.temporaryDirectory.appending(path: "console-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = [
            "Console/index.html": "<p>", "Console/app.js": "1", "Console/lib/a.css": "p {}", "secret.txt": "no",
        ]
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        return Pages(in: [folder.appending(path: "nowhere"), folder.appending(path: "Console")])
    }

    static func test(_ pages: Pages, _ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let router = Router(context: AppContext.self)
        Console(pages).mount(on: router.group())
        try await Application(responder: router.buildResponder()).test(.router, body)
    }

    static let types = [
        ("/", "text/html; charset=utf-8"), ("/console/index.html", "text/html; charset=utf-8"),
        ("/console/app.js", "text/javascript; charset=utf-8"), ("/console/lib/a.css", "text/css; charset=utf-8"),
    ]

    @Test(arguments: types)
    func servesItsPages(path: String, type: String) async throws {
        try await Self.test(try Self.pages()) { client in
            let response = try await client.get(path)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == type)
            #expect(response.headers[.contentSecurityPolicy]?.contains("default-src 'self'") == true)
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test func isNotSentTwice() async throws {
        try await Self.test(try Self.pages()) { client in
            let headers = try await client.get("/").headers
            let tag = try #require(headers[.eTag]), modified = try #require(headers[.lastModified])
            #expect(try await client.get("/", headers: [.ifNoneMatch: "\"x\", \(tag)"]).status == .notModified)
            #expect(try await client.get("/", headers: [.ifModifiedSince: modified]).status == .notModified)
            #expect(try await client.get("/", headers: [.ifNoneMatch: "\"x\""]).status == .ok)
        }
    }

    @Test(arguments: [
        "/console/../secret.txt", "/console/%2e%2e/secret.txt", "/console/..%2fsecret.txt", "/console//etc/passwd",
        "/console/lib", "/console/lib/", "/console/", "/console/%00", "/../secret.txt", "/console/lib/../../secret.txt",
    ])
    func servesNothingBesideThem(path: String) async throws {
        try await Self.test(try Self.pages()) { client in
            let response = try await client.get(path)
            #expect(response.status == .notFound)
            #expect(!response.text.contains("no\n"))
        }
    }

    @Test func saysWhereItLooked() async throws {
        try await Self.test(Pages(in: [URL(filePath: "/nowhere")])) { client in
            let response = try await client.get("/")
            #expect(response.status == .notFound)
            #expect(response.text.contains("/nowhere"))
        }
    }

    @Test func theBuildPutsThePagesWhereTheyAreFound() {
        #expect(Pages.installed["index.html"] != nil)
    }
}
