import HTTPTypes
import Hummingbird
import NIOCore
import Store

/// A file on its way in: the body of `POST /v1/files`, written to a draft as it comes.
struct FileUpload: Sendable {
    let draft: BlobDraft, form: FileRecords.Form
    let ignored: [String]

    private static let purposes = ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]
    /// What the fields and the headers of a form may add to its file.
    private static let margin = 1 << 20

    init(_ request: Request, to storage: ServerStorage, limit: Int) async throws {
        let boundary = try MultipartParser.boundary(of: request.headers[.contentType])
        guard (request.headers[.contentLength].flatMap { Int($0) } ?? 0) <= limit + Self.margin else {
            throw APIError.tooLarge(limit: limit)
        }
        var reading = Reading(draft: try await storage.run { try storage.files.draft() }, limit: limit)
        do {
            var parser = MultipartParser(boundary: boundary)
            for try await buffer in request.body {
                for event in try parser.feed(buffer.readableBytesView) { try reading.take(event) }
                try await reading.write(with: storage, atLeast: Reading.batch)
            }
            try parser.finish()
            try await reading.write(with: storage, atLeast: 1)
        } catch var error as APIError {
            error.headers[.connection] = "close"  // the rest is not worth reading
            throw error
        }
        draft = reading.draft
        form = try Self.form(reading)
        ignored = reading.fields.keys.filter { !Self.known.contains($0) }.sorted()
    }
}

// MARK: As it comes

extension FileUpload {
    /// What has come so far.
    struct Reading: ~Copyable {
        let draft: BlobDraft, limit: Int
        private(set) var fields: [String: String] = [:]
        private(set) var filename: String?
        private var current: MultipartHead?
        private var size = 0
        private var pending: [UInt8] = []

        /// A disk is not bothered for less, in bytes.
        static let batch = 256 << 10
        private static let fieldLimit = 4 << 10

        init(draft: BlobDraft, limit: Int) { (self.draft, self.limit) = (draft, limit) }

        mutating func take(_ event: MultipartParser.Event) throws(APIError) {
            switch event {
            case .part(let head): try begin(head)
            case .bytes(let bytes):
                if current?.name == "file" { try add(bytes) } else { try extend(bytes) }
            }
        }

        private mutating func begin(_ head: MultipartHead) throws(APIError) {
            current = head
            guard head.name == "file" else {
                guard fields.updateValue("", forKey: head.name) == nil else {
                    throw .invalid(head.name, "'\(head.name.prefix(80))' was sent twice.", code: "invalid_value")
                }
                return
            }
            guard filename == nil else { throw .invalid("file", "Upload one 'file' at a time.", code: "invalid_value") }
            guard let name = head.filename, !name.isEmpty, name.utf8.count <= 1024 else {
                throw .invalid("file", "'file' must be a file: a part with a filename.", code: "invalid_value")
            }
            filename = name
        }

        private mutating func add(_ bytes: [UInt8]) throws(APIError) {
            size += bytes.count
            guard size <= limit else { throw .tooLarge(limit: limit) }
            pending.append(contentsOf: bytes)
        }

        private mutating func extend(_ bytes: [UInt8]) throws(APIError) {
            guard let name = current?.name else { return }
            fields[name, default: ""] += String(decoding: bytes, as: UTF8.self)
            guard fields[name, default: ""].utf8.count <= Self.fieldLimit else {
                throw .invalid(
                    name,
                    "'\(name.prefix(80))' is longer than \(Self.fieldLimit) bytes.",
                    code: "invalid_value"
                )
            }
        }

        mutating func write(with storage: ServerStorage, atLeast least: Int) async throws {
            guard pending.count >= least else { return }
            let bytes = pending
            pending = []
            try await storage.run { [draft] in try draft.write(bytes) }
        }
    }
}

// MARK: What it is to be

extension FileUpload {
    private static let anchor = "expires_after[anchor]", seconds = "expires_after[seconds]"
    private static let known: Set<String> = ["purpose", anchor, seconds]

    private static func form(_ reading: borrowing Reading) throws(APIError) -> FileRecords.Form {
        guard let filename = reading.filename else {
            throw .invalid("file", "'file' must be sent: a part with a filename.", code: "missing_required_parameter")
        }
        guard reading.draft.size > 0 else { throw .invalid("file", "'file' is empty.", code: "empty_file") }
        guard let purpose = reading.fields["purpose"] else {
            throw .invalid("purpose", "'purpose' must be sent.", code: "missing_required_parameter")
        }
        guard purposes.contains(purpose) else {
            let names = purposes.map { "'\($0)'" }.joined(separator: ", ")
            throw .invalid(
                "purpose",
                "'purpose' must be one of \(names), not '\(purpose.prefix(40))'.",
                code: "invalid_value"
            )
        }
        return .init(name: filename, purpose: purpose, lifetime: try lifetime(reading.fields))
    }

    private static func lifetime(_ fields: [String: String]) throws(APIError) -> Int? {
        guard fields[anchor] != nil || fields[seconds] != nil else { return nil }
        guard fields[anchor] == "created_at" else {
            throw .invalid(
                "expires_after.anchor",
                "'expires_after.anchor' must be 'created_at'.",
                code: "invalid_value"
            )
        }
        guard let number = fields[seconds].flatMap(Int.init), (3600...2_592_000).contains(number) else {
            throw .invalid(
                "expires_after.seconds",
                "'expires_after.seconds' must be between 3600 (an hour) and 2592000 (30 days).",
                code: "invalid_value"
            )
        }
        return number
    }
}
