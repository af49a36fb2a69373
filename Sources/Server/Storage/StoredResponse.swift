import Store
package import Text

/// Where a response stands, in OpenAI's words.
package enum ResponseStatus: String, CaseIterable, Sendable {
    case queued
    case inProgress = "in_progress"
    case completed, incomplete, failed, cancelled

    package var isFinal: Bool { self != .queued && self != .inProgress }
    /// Whether another response may go on from there.
    package var isAnswer: Bool { self == .completed || self == .incomplete }
}

/// A response that is kept, with what it was asked.
package struct StoredResponse: Sendable {
    package var id: String, created: Int
    package var status: ResponseStatus
    package var isBackground = false
    /// The response that it went on from.
    package var parent: String?
    /// The object that clients see.
    package var body: JSON
    /// Its own input, each with an identity: not that of its parents, and no instructions.
    package var input: [JSON] = []
    /// The text of its events, where it was made in the background and has ended.
    package var events: String?

    package init(id: String, created: Int, status: ResponseStatus, body: JSON) {
        (self.id, self.created, self.status, self.body) = (id, created, status, body)
    }

    init(_ row: Row) throws {
        id = try row.text("id")
        created = try row.integer("created_at")
        status = ResponseStatus(rawValue: try row.text("status")) ?? .failed
        isBackground = try row.integer("is_background") != 0
        parent = try row.optionalText("parent")
        body = try JSON(parsing: row.text("body"))
        input = try JSON(parsing: row.text("input")).array ?? []
        events = try row.optionalText("events")
    }

    /// What was said, as the next request's input has it.
    var output: [JSON] { body["output"]?.array ?? [] }

    mutating func move(to status: ResponseStatus, failure message: String? = nil) {
        self.status = status
        guard var members = body.object else { return }
        members["status"] = .string(status.rawValue)
        if let message { members["error"] = ["code": "server_error", "message": .string(message)] }
        body = .object(members)
    }
}
