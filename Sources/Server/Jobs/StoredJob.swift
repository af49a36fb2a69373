import Foundation
import Store
package import Text

/// A job as it is kept and shown.
package struct StoredJob: Sendable {
    package let id: String
    package let request: FineTuningRequest
    package let status: JobStatus
    package let modelName: String
    package let created: Int
    package let finished, estimatedFinish, trainedTokens: Int?
    package let failure: FineTuningFailure?
    /// Identities of files.
    package let results: [String]

    init(_ row: Row) throws {
        id = try row.text("id")
        request = try .init(json: row.text("request"))
        let word = try row.text("status")
        guard let status = JobStatus(rawValue: word) else {
            throw StoreError.unreadable(column: "status", found: .text(word))
        }
        self.status = status
        modelName = try row.text("model_name")
        created = try row.integer("created_at")
        finished = try row.optionalInteger("finished_at")
        estimatedFinish = try row.optionalInteger("estimated_finish")
        trainedTokens = try row.optionalInteger("trained_tokens")
        failure = try row.optionalText("failure").map { try .init(json: $0) }
        results = try row.optionalText("result_file").map { [$0] } ?? []
    }
}

extension Decodable {
    init(json text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }
}

extension Encodable {
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

/// What happened in a job.
package struct StoredEvent: Sendable {
    package let id: String, level: String, message: String
    package let created: Int
    /// A JSON object of figures; nil where there is only the message.
    package let data: JSON?

    init(_ row: Row) throws {
        id = try row.text("id")
        level = try row.text("level")
        message = try row.text("message")
        created = try row.integer("created_at")
        data = try row.optionalText("data").map { try JSON(parsing: $0) }
    }
}

/// A point that a run could be served from.
package struct StoredCheckpoint: Sendable {
    package let id: String, name: String
    package let step: Int, created: Int
    package let metrics: JSON

    init(_ row: Row) throws {
        id = try row.text("id")
        name = try row.text("name")
        step = try row.integer("step")
        created = try row.integer("created_at")
        metrics = try JSON(parsing: row.text("metrics"))
    }
}
