import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Server
import Store
import Synchronization
import Testing
import Text

/// A folder that a server keeps things in, gone with the test, and a clock that the test moves.
final class Home: Sendable {
    let folder: URL
    let clock = Mutex(1_700_000_000)

    init(copyOf other: Home? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)")
        guard let other else {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return
        }
        try FileManager.default.copyItem(at: other.folder, to: folder)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func storage(pages: Int? = nil) throws -> ServerStorage {
        let database = try SQLiteDatabase(
            at: folder.appending(path: "yuyan.db"),
            migrations: ServerStorage.migrations,
            pages: pages
        )
        let blobs = try Blobs(at: folder.appending(path: "files"))
        return try ServerStorage(database: database, blobs: blobs, seal: Seal(in: folder)) {
            self.clock.withLock(\.self)
        }
    }

    var tuner: FakeTuner { FakeTuner(folder: folder.appending(path: "runs")) }
}

/// A server with a home, spoken to through its router, whose jobs run meanwhile.
@discardableResult
func housed<Value: Sendable>(
    _ home: Home,
    tuner: FakeTuner? = nil,
    pages: Int? = nil,
    _ configure: (inout ServerOptions) -> Void = { _ in },
    _ test: @Sendable (any TestClientProtocol) async throws -> Value
) async throws -> Value {
    var options = ServerOptions()
    (options.port, options.trapsSignals) = (0, false)
    configure(&options)
    let server = try housedServer(home, tuner: tuner, pages: pages, options)
    server.jobs?.start()
    let value = try await server.application.test(.router, test)
    await server.jobs?.stop()
    return value
}

func housedServer(
    _ home: Home,
    tuner: FakeTuner? = nil,
    pages: Int? = nil,
    _ options: ServerOptions
) throws -> YuyanServer {
    let storage = try home.storage(pages: pages)
    return YuyanServer(
        models: TunedModels(over: OneModel(FakeModel()), in: storage, on: Shelf(budget: 2)) { tuned in
            Shelf.Item(name: tuned.name, bytes: 1) {
                var model = FakeModel()
                model.card.name = tuned.name
                model.words = ["I", " am", " tuned"]
                return model
            }
        },
        storage: storage,
        tuner: tuner ?? home.tuner,
        options: options,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
    )
}

/// A form with a file, as clients send it.
struct Form {
    var fields: [(String, String)] = [("purpose", "fine-tune")]
    var filename: String? = "rows.jsonl"
    var content = #"{"messages": []}"# + "\n"
    var boundary = "----boundary7"

    var text: String {
        var text = ""
        for (name, value) in fields { text += part(#"name="\#(name)""#, value) }
        if let filename { text += part(#"name="file"; filename="\#(filename)""#, content) }
        return text + "--\(boundary)--\r\n"
    }

    func part(_ parameters: String, _ content: String) -> String {
        "--\(boundary)\r\nContent-Disposition: form-data; \(parameters)\r\n\r\n\(content)\r\n"
    }
}

extension TestClientProtocol {
    func upload(_ form: Form = Form()) async throws -> TestResponse {
        try await post(
            "/v1/files",
            form.text,
            headers: [.contentType: "multipart/form-data; boundary=\(form.boundary)"]
        )
    }

    func uploaded(_ content: String = "{}", purpose: String = "fine-tune") async throws -> String {
        let response = try await upload(Form(fields: [("purpose", purpose)], content: content))
        return try #require(try response.json["id"]?.string)
    }

    func delete(_ path: String, _ body: String = "") async throws -> TestResponse {
        let response = try await execute(uri: path, method: .delete, body: ByteBuffer(string: body))
        Proofs.note("DELETE", path, body, response)
        return response
    }
}

extension TestResponse {
    var ids: [String] {
        get throws { try json["data"]?.array?.compactMap { $0["id"]?.string } ?? [] }
    }

    /// The field that a refusal names, and its code.
    var fault: [String?] {
        get throws { [try json["error"]?["param"]?.string, try json["error"]?["code"]?.string] }
    }
}
