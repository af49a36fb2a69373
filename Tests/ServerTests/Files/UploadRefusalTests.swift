import Foundation
import HTTPTypes
import HummingbirdTesting
import Server
import Testing

@Suite struct UploadRefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let form: Form, status: Int, fault: [String?]

        init(_ name: String, _ form: Form, status: Int = 400, _ fault: String?, _ code: String) {
            (testDescription, self.form, self.status, self.fault) = (name, form, status, [fault, code])
        }
    }

    static func fields(_ fields: (String, String)...) -> Form { Form(fields: fields) }

    static let expiry = [
        fields(("purpose", "batch"), ("expires_after[seconds]", "3600")),
        fields(("purpose", "batch"), ("expires_after[seconds]", "3600"), ("expires_after[anchor]", "now")),
    ]

    static let cases = [
        Case("no purpose", fields(), "purpose", "missing_required_parameter"),
        Case("unknown purpose", fields(("purpose", "fun")), "purpose", "invalid_value"),
        Case("two purposes", fields(("purpose", "batch"), ("purpose", "evals")), "purpose", "invalid_value"),
        Case("no file", Form(filename: nil), "file", "missing_required_parameter"),
        Case("a file without a name", Form(filename: ""), "file", "invalid_value"),
        Case("an empty file", Form(content: ""), "file", "empty_file"),
        Case("a file that is a value", fields(("purpose", "batch"), ("file", "text")), "file", "invalid_value"),
        Case("no anchor", expiry[0], "expires_after.anchor", "invalid_value"),
        Case("a wrong anchor", expiry[1], "expires_after.anchor", "invalid_value"),
        Case(
            "too soon",
            fields(("purpose", "batch"), ("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "60")),
            "expires_after.seconds",
            "invalid_value"
        ),
        Case(
            "a novel of a field",
            fields(("purpose", String(repeating: "x", count: 5000))),
            "purpose",
            "invalid_value"
        ),
        Case("too large", Form(content: String(repeating: "x", count: 20_001)), status: 413, nil, "body_too_large"),
        Case("a boundary that is none", Form(boundary: "a;b"), status: 415, nil, "unsupported_media_type"),
        Case("a boundary too long", Form(boundary: String(repeating: "x", count: 71)), nil, "invalid_multipart"),
    ]

    @Test(arguments: cases)
    func whatIsWrongIsNamedAndNothingIsKept(refused: Case) async throws {
        let home = try Home()
        try await housed(home, { $0.fileLimit = 20_000 }) { client in
            let response = try await client.upload(refused.form)
            #expect(response.status.code == refused.status)
            #expect(try response.fault == refused.fault)
            #expect(try await client.get("/v1/files").ids.isEmpty)
            let drafts = home.folder.appending(path: "files/drafts")
            #expect(try FileManager.default.contentsOfDirectory(atPath: drafts.path).isEmpty)
        }
    }

    @Test func anotherTypeOfBodyIsRefused() async throws {
        try await housed(try Home()) { client in
            for headers in [HTTPFields(), [.contentType: "application/json"]] {
                let response = try await client.post("/v1/files", "{}", headers: headers)
                #expect(response.status == .unsupportedMediaType)
            }
        }
    }

    @Test func aBodyThatIsCutIsRefused() async throws {
        try await housed(try Home()) { client in
            let form = Form(), type = "multipart/form-data; boundary=\(form.boundary)"
            let bytes = Array(form.text.utf8)
            for length in stride(from: 0, to: bytes.count - 4, by: 7) {
                let text = String(decoding: bytes[..<length], as: UTF8.self)
                let response = try await client.post("/v1/files", text, headers: [.contentType: type])
                #expect(response.status == .badRequest, "cut at \(length)")
                #expect(response.headers[.connection] == "close")
            }
            #expect(try await client.get("/v1/files").ids.isEmpty)
        }
    }

    @Test func aFieldThatNobodyKnowsIsNamed() async throws {
        try await housed(try Home()) { client in
            let response = try await client.upload(Self.fields(("purpose", "batch"), ("colour", "red")))
            #expect(response.status == .ok)
            #expect(response.headers[HTTPField.Name("x-ignored-fields")!] == "colour")
        }
    }
}
