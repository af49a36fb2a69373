import HTTPTypes
package import Hummingbird
import NIOCore
import Store

/// `/v1/files`, as OpenAI defines it: uploaded, listed, described, read and deleted.
package struct Files: Feature {
    let facilities: Facilities

    package init(_ facilities: Facilities) { self.facilities = facilities }

    package func mount(on router: RouterGroup<AppContext>) {
        router.post("v1/files", use: create)
        router.get("v1/files", use: list)
        router.get("v1/files/:id", use: show)
        router.delete("v1/files/:id", use: delete)
        router.get("v1/files/:id/content", use: content)
    }

    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage()
        let upload = try await FileUpload(request, to: storage, limit: facilities.options.fileLimit)
        let file = try await storage.run {
            try storage.files.sweep()
            return try storage.files.add(upload.draft, as: upload.form)
        }
        var response = Response { Files.write(file, to: &$0) }
        response.headers.ignored = upload.ignored
        return response
    }

    @Sendable func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage(), page = try Cursor(request, standard: 10_000)
        let purpose = request.uri.queryParameters["purpose"].map(String.init)
        let files = try await storage.run { try storage.files.list(purpose: purpose, page) }
        return Response(files, id: \.id) { Files.write($0, to: &$1) }
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let file = try await find(context, try facilities.requireStorage())
        return Response { Files.write(file, to: &$0) }
    }

    @Sendable func delete(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage(), id = try context.parameters.require("id")
        switch try await storage.run({ try storage.files.remove(id) }) {
        case .unknown: throw APIError.fileNotFound(id, param: "file_id")
        case .held(let holder):
            throw APIError(
                status: .conflict,
                kind: .invalidRequest,
                message: "'\(holder)' needs this file. Delete it when that has ended, or cancel that.",
                param: "file_id",
                code: "file_in_use"
            )
        case .removed: break
        }
        return Response { writer in
            writer.field("id", id)
            writer.field("object", "file")
            writer.field("deleted", true)
        }
    }

    private func find(_ context: AppContext, _ storage: ServerStorage) async throws -> StoredFile {
        let id = try context.parameters.require("id")
        guard let file = try await storage.run({ try storage.files.find(id) }) else {
            throw APIError.fileNotFound(id, param: "file_id")
        }
        return file
    }

    private static func write(_ file: StoredFile, to writer: inout JSONWriter) {
        writer.field("id", file.id)
        writer.field("object", "file")
        writer.field("bytes", file.blob.size)
        writer.field("created_at", file.created)
        if let expires = file.expires { writer.field("expires_at", expires) }
        writer.field("filename", file.name)
        writer.field("purpose", file.purpose)
        writer.field("status", "processed")
    }
}

// MARK: The contents

extension Files {
    private static let piece = 256 << 10

    /// The bytes as they came; never as a page of this server, whatever they are.
    @Sendable func content(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage(), file = try await find(context, storage)
        let reader = try await storage.run { try storage.files.open(file) }
        let size = file.blob.size
        let body = ResponseBody(contentLength: size) { writer in
            var offset = 0
            while offset < size {
                let start = offset
                let bytes = try await storage.run { try reader.bytes(at: start, count: min(Files.piece, size - start)) }
                guard !bytes.isEmpty else { throw StoreError.noBlob(digest: file.blob.digest) }
                try await writer.write(ByteBuffer(bytes: bytes))
                offset += bytes.count
            }
            try await writer.finish(nil)
        }
        let headers: HTTPFields = [
            .contentType: "application/octet-stream", .contentDisposition: "attachment",
            .xContentTypeOptions: "nosniff",
        ]
        return Response(status: .ok, headers: headers, body: body)
    }
}
