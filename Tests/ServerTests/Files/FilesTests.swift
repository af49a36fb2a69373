import Foundation
import HTTPTypes
import HummingbirdTesting
import Server
import Synchronization
import Testing
import Text

@Suite struct FilesTests {
    let home: Home

    init() throws { home = try Home() }

    @Test func whatIsUploadedIsListedDescribedReadAndDeleted() async throws {
        try await housed(home) { client in
            let content = "{\"a\": \"雨燕\"}\r\n--not the boundary\r\n"
            let response = try await client.upload(Form(filename: "数据 \\\"1\\\".jsonl", content: content))
            #expect(response.status == .ok)
            let file = try response.json, id = try #require(file["id"]?.string)
            let expected: JSON = [
                "id": .string(id), "object": "file", "bytes": .integer(content.utf8.count),
                "created_at": 1_700_000_000, "filename": "数据 \"1\".jsonl", "purpose": "fine-tune",
                "status": "processed",
            ]
            #expect(file == expected)
            #expect(id.wholeMatch(of: /file-[0-9a-f]{24}/) != nil)
            #expect(try await client.get("/v1/files/\(id)").json == file)
            let list: JSON = [
                "object": "list", "data": [file], "first_id": .string(id), "last_id": .string(id), "has_more": false,
            ]
            #expect(try await client.get("/v1/files").json == list)
            let body = try await client.get("/v1/files/\(id)/content")
            #expect(body.text == content)
            #expect(body.headers[.contentType] == "application/octet-stream")
            #expect(body.headers[.contentDisposition] == "attachment")
            let deleted: JSON = ["id": .string(id), "object": "file", "deleted": true]
            #expect(try await client.delete("/v1/files/\(id)").json == deleted)
            for gone in [
                try await client.get("/v1/files/\(id)"), try await client.get("/v1/files/\(id)/content"),
                try await client.delete("/v1/files/\(id)"),
            ] {
                #expect(gone.status == .notFound)
                #expect(try gone.fault == ["file_id", "file_not_found"])
            }
        }
    }

    @Test func filesAreThereAfterTheEnd() async throws {
        try await housed(home) { client in
            let id = try await client.uploaded("kept")
            // What a killed process leaves, opened by another.
            try await housed(try Home(copyOf: home)) { other in
                let response = try await other.get("/v1/files/\(id)/content")
                #expect(response.text == "kept")
            }
        }
    }

    @Test func aLargeFileComesBackWhole() async throws {
        let content = String((0..<120_000).map { "line \($0)\r\n" }.joined())
        try await housed(home) { client in
            let id = try await client.uploaded(content)
            #expect(try await client.get("/v1/files/\(id)/content").text == content)
        }
    }

    @Test func equalContentsAreIndependentFiles() async throws {
        try await housed(home) { client in
            let ids = [try await client.uploaded("same"), try await client.uploaded("same")]
            _ = try await client.delete("/v1/files/\(ids[0])")
            #expect(try await client.get("/v1/files/\(ids[1])/content").text == "same")
        }
    }

    @Test func aFileGoesWhenItsTimeIsOver() async throws {
        try await housed(home) { client in
            let fields = [
                ("purpose", "user_data"), ("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600"),
            ]
            let file = try await client.upload(Form(fields: fields)).json
            #expect(file["expires_at"] == 1_700_003_600)
            let path = "/v1/files/\(file["id"]?.string ?? "")"
            home.clock.withLock { $0 += 3599 }
            #expect(try await client.get(path).status == .ok)
            home.clock.withLock { $0 += 1 }
            #expect(try await client.get(path).status == .notFound)
            _ = try await client.uploaded("another")
            #expect(try await client.get("/v1/files").ids.count == 1)
        }
    }

    @Test func listsHavePages() async throws {
        try await housed(home) { client in
            var ids: [String] = []
            for index in 0..<5 {
                ids.append(try await client.uploaded("\(index)", purpose: index < 3 ? "batch" : "evals"))
            }
            let newest = Array(ids.reversed())
            #expect(try await client.get("/v1/files").ids == newest)
            #expect(try await client.get("/v1/files?order=asc").ids == ids)
            #expect(try await client.get("/v1/files?purpose=batch").ids == Array(ids[..<3].reversed()))
            let first = try await client.get("/v1/files?limit=2")
            #expect(try first.ids == Array(newest[..<2]))
            #expect(try first.json["has_more"] == true)
            let second = try await client.get("/v1/files?limit=3&after=\(newest[1])")
            #expect(try second.ids == Array(newest[2...]))
            #expect(try second.json["has_more"] == false)
        }
    }

    static let badQueries = ["limit=0": "limit", "limit=x": "limit", "order=up": "order", "after=file-1": "after"]

    @Test(arguments: badQueries.keys.sorted())
    func aBadQueryIsNamed(query: String) async throws {
        try await housed(home) { client in
            let response = try await client.get("/v1/files?\(query)")
            #expect(response.status == .badRequest)
            #expect(try response.json["error"]?["param"]?.string == Self.badQueries[query])
        }
    }

    @Test func withoutStorageItSaysSo() async throws {
        try await served { client in
            for path in ["/v1/files", "/v1/files/file-1", "/v1/fine_tuning/jobs"] {
                let response = try await client.get(path)
                #expect(response.status == .notImplemented)
                #expect(try response.fault == [nil, "no_storage"])
                #expect(response.headers[HTTPField.Name("x-should-retry")!] == "false")
            }
        }
    }

    @Test func aFullDiskRefusesAndLosesNothing() async throws {
        try await housed(home, pages: 60) { client in
            var kept: [String] = [], status = HTTPResponse.Status.ok
            let name = String(repeating: "n", count: 1000)
            for index in 0..<400 where status == .ok {
                let response = try await client.upload(Form(filename: name, content: "\(index)"))
                status = response.status
                if status == .ok { kept.append(try response.json["id"]?.string ?? "") }
            }
            #expect(status.code == 507)
            #expect(try await client.get("/v1/files").ids == kept.reversed())
            #expect(try await client.get("/v1/files/\(kept.last ?? "")/content").text == "\(kept.count - 1)")
        }
    }
}
