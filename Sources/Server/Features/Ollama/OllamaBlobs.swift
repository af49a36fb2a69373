import Checkpoints
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Text

/// Files that clients send before they make models of them, by their SHA-256: `HEAD` and `POST /api/blobs/sha256:…`.
enum OllamaBlobs {
    static func digest(_ field: JSONField) throws -> String { try digest(try field.string, field.path) }

    static func digest(_ text: String, _ param: String) throws(APIError) -> String {
        guard text.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil else {
            throw .invalid(param, "'\(param)' must be 'sha256:' and 64 hexadecimal digits.", code: "invalid_value")
        }
        return text
    }

    static func path(_ digest: String, _ store: ModelStore) -> String {
        store.folder + "/.blobs/" + digest.replacing(":", with: "-")
    }
}

extension Ollama {
    @Sendable func hasBlob(_ request: Request, _ context: AppContext) async throws -> Response {
        let (path, _) = try blob(context)
        return Response(status: FileManager.default.fileExists(atPath: path) ? .ok : .notFound)
    }

    @Sendable func addBlob(_ request: Request, _ context: AppContext) async throws -> Response {
        let (path, digest) = try blob(context), limit = facilities.options.fileLimit, workshop = facilities.workshop
        guard (request.headers[.contentLength].flatMap { Int($0) } ?? 0) <= limit else {
            throw APIError.tooLarge(limit: limit)
        }
        let part = path + ".\(UUID().uuidString).part"
        defer { unlink(part) }
        let handle = try await workshop.run { try Self.opened(part) }
        defer { try? handle.close() }
        var size = 0
        for try await buffer in request.body {
            size += buffer.readableBytes
            guard size <= limit else { throw APIError.tooLarge(limit: limit) }
            let bytes = Data(buffer.readableBytesView)
            try await workshop.run { try Self.write(bytes, to: handle) }
        }
        try await workshop.run {
            let found = "sha256:" + (try sha256(ofFile: part))
            guard found == digest else {
                throw APIError.invalid(
                    "digest",
                    "The file's digest is \(found), not the 'digest' it was sent as.",
                    code: "wrong_file"
                )
            }
            guard rename(part, path) == 0 else { throw APIError.failed("The blob cannot be kept; is the disk full?") }
        }
        return Response(status: .created)
    }

    private func blob(_ context: AppContext) throws -> (path: String, digest: String) {
        context.notes.refusals = { OllamaChat.write($0, to: &$1) }
        let keeper = try facilities.requireKeeper()
        let name = try context.parameters.require("digest")
        let digest = try OllamaBlobs.digest(name.removingPercentEncoding ?? name, "digest")
        return (OllamaBlobs.path(digest, keeper.store), digest)
    }

    private static func opened(_ path: String) throws -> FileHandle {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw APIError.failed("The store of models cannot be written to.") }
        return handle
    }

    private static func write(_ bytes: Data, to handle: FileHandle) throws {
        do { try handle.write(contentsOf: bytes) } catch {
            throw APIError(
                status: .init(code: 507, reasonPhrase: "Insufficient Storage"),
                kind: .server,
                message: "The store of models cannot be written to: its disk may be full.",
                code: "storage_full"
            )
        }
    }
}
