import Text

/// The input of a response: what the request sent, as items that can be kept and shown.
struct ResponseInput: Sendable {
    /// Each with an identity and a status.
    private(set) var items: [JSON] = []

    /// - Parameters:
    ///   - stamp: what their identities are made of.
    ///   - find: an item that was said or asked before, by its identity; nil where there is none.
    init(_ field: JSONField, stamp: String, find: (String) throws -> JSON?) throws {
        let suffix = stamp.dropFirst("resp_".count)
        if let text = field.value?.string {
            items = [Self.message("user", [Self.text(text, "user")], "msg_\(suffix)i0", Self.standardStatus)]
            return
        }
        guard field.value?.array != nil else { throw field.unexpected("a string or an array of items") }
        let fields = try field.elements
        guard !fields.isEmpty else { throw field.unexpected("a string, or at least one item") }
        for (index, field) in fields.enumerated() {
            items.append(try Self.referenced(field, find) ?? Self.item(field, "\(suffix)i\(index)"))
        }
    }

    /// The item that a reference stands for; nil where the field is none. One without a type has nothing but an identity.
    private static func referenced(_ field: JSONField, _ find: (String) throws -> JSON?) throws -> JSON? {
        let members = try field.object, type = try field["type"].optional?.string
        guard type == "item_reference" || type == nil && members.keys == ["id"] else { return nil }
        let id = try field["id"].string
        guard let item = try find(id) else {
            throw APIError.invalid(
                field["id"].path,
                "There is no item '\(id.prefix(80))' of a response that is stored here. Send the item itself.",
                code: "item_not_found"
            )
        }
        return item
    }

    private static func item(_ field: JSONField, _ suffix: String) throws -> JSON {
        var item = try field.object
        let kind = try field["type"].optional?.string ?? "message"
        guard let prefix = prefixes[kind] else {
            throw APIError.unsupported(
                field.path,
                "'\(field.path)' is an item of type '\(kind.prefix(80))', which is not read here."
            )
        }
        let id = try field["id"].optional?.nonEmptyString ?? prefix + suffix
        let status = try OpenAIFields.one(of: statuses, field["status"]) ?? standardStatus
        switch kind {
        case "message": return try message(field, id, status)
        case "reasoning":
            try checkThoughts(field)
            if field["summary"].optional == nil { item["summary"] = [] }
        default: try checkCall(field, kind)
        }
        item["id"] = .string(id)
        item["status"] = .string(status)
        return .object(item)
    }

    /// What identities of items begin with, by their type.
    private static let prefixes = [
        "message": "msg_", "function_call": "fc_", "function_call_output": "fco_", "reasoning": "rs_",
    ]

    private static let statuses = ResponseItem.Status.allCases.map(\.rawValue)
    private static let standardStatus = ResponseItem.Status.completed.rawValue

    /// Who made a call changes nothing, and still has to be told as it is called.
    private static func checkCall(_ field: JSONField, _ kind: String) throws {
        _ = try field["call_id"].nonEmptyString
        if kind == "function_call" {
            _ = try field["name"].nonEmptyString
            _ = try field["namespace"].optional?.string
        }
        _ = try field["created_by"].optional?.string
        guard let caller = field["caller"].optional, caller.value?.object == nil else { return }
        guard caller.value?.string != nil else { throw caller.unexpected("a string or an object") }
    }

    private static func checkThoughts(_ field: JSONField) throws {
        for (name, type) in [("summary", "summary_text"), ("content", "reasoning_text")] {
            for part in try field[name].optional?.elements ?? [] {
                _ = try part.object
                try OpenAIFields.word(of: [type], part["type"])
                _ = try part["text"].string
            }
        }
        _ = try field["encrypted_content"].optional?.string
    }

    private static func message(_ field: JSONField, _ id: String, _ status: String) throws -> JSON {
        let role = try field["role"].string
        guard ["user", "assistant", "system", "developer"].contains(role) else {
            throw field["role"].unexpected("'user', 'assistant', 'system' or 'developer'")
        }
        try OpenAIFields.one(of: ["commentary", "final_answer"], field["phase"])
        let content = field["content"]
        if let text = content.value?.string { return message(role, [Self.text(text, role)], id, status) }
        guard content.value?.array != nil else { throw content.unexpected("a string or an array of parts") }
        guard content.value != [] || role == "assistant" else { throw content.unexpected("at least one part") }
        return message(role, try content.elements.map { try part($0, role) }, id, status)
    }

    private static func message(_ role: String, _ parts: [JSON], _ id: String, _ status: String) -> JSON {
        [
            "id": .string(id), "type": "message", "role": .string(role), "status": .string(status),
            "content": .array(parts),
        ]
    }

    private static func part(_ field: JSONField, _ role: String) throws -> JSON {
        _ = try field.object
        switch try field["type"].string {
        case "refusal": return ["type": "refusal", "refusal": .string(try field["refusal"].string)]
        case "input_text", "output_text", "text":
            try checkNotes(field)
            return text(try field["text"].string, role)
        case let type:
            throw APIError.unsupported(
                field.path,
                "'\(field.path)' is a part of type '\(type.prefix(80))', which this model cannot read."
            )
        }
    }

    /// What stands beside a text is not kept, and still has to be what it is called.
    private static func checkNotes(_ part: JSONField) throws {
        let kinds = ["file_citation", "url_citation", "container_file_citation", "file_path"]
        for note in try part["annotations"].optional?.elements ?? [] {
            _ = try note.object
            try OpenAIFields.word(of: kinds, note["type"])
        }
        for score in try part["logprobs"].optional?.elements ?? [] { _ = try score.object }
    }

    /// Assistants put out, others put in.
    private static func text(_ text: String, _ role: String) -> JSON {
        guard role == "assistant" else { return ["type": "input_text", "text": .string(text)] }
        return ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
    }
}
