import HTTPTypes
import Inference
import Text

/// `priority`, as vLLM has it: a whole number, 0 where nobody says, and lower is sooner.
enum Priority {
    static let field = "priority"

    /// How many steps a request goes before others. The engine counts the other way.
    static func steps(_ body: JSONField) throws -> Int {
        -(try body[field].optional?.integer(in: GenerationRequest.priorities) ?? 0)
    }
}

extension APIError {
    static var mayNotHurry: APIError {
        APIError(
            status: .forbidden,
            kind: .permission,
            message:
                "'\(Priority.field)' below 0 goes before others, and this caller may not: send 0 or more, or one of the "
                + "server's urgent keys (--urgent-key).",
            param: Priority.field,
            code: "priority_not_allowed"
        )
    }
}
