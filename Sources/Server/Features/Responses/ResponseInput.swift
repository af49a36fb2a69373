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
            items = [Self.message("user", [Self.text(text, "user")], id: "msg_\(suffix)i0")]
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
        _ = try field["id"].optional?.string
        let kind = try field["type"].optional?.string ?? "message"
        switch kind {
        case "message": return try message(field, suffix)
        case "function_call", "function_call_output", "reasoning":
            let prefixes = ["function_call": "fc_", "function_call_output": "fco_"]
            if field["id"].optional == nil { item["id"] = .string((prefixes[kind] ?? "rs_") + suffix) }
            if field["status"].optional == nil { item["status"] = "completed" }
            if kind == "reasoning" {
                _ = try field["summary"].optional?.elements
                _ = try field["content"].optional?.elements
                _ = try field["encrypted_content"].optional?.string
                if field["summary"].optional == nil { item["summary"] = [] }
            }
            return .object(item)
        default:
            throw APIError.unsupported(
                field.path,
                "'\(field.path)' is an item of type '\(kind.prefix(80))', which is not read here."
            )
        }
    }

    private static func message(_ field: JSONField, _ suffix: String) throws -> JSON {
        let role = try field["role"].string
        guard ["user", "assistant", "system", "developer"].contains(role) else {
            throw field["role"].unexpected("'user', 'assistant', 'system' or 'developer'")
        }
        let content = field["content"]
        let id = try field["id"].optional?.string ?? "msg_\(suffix)"
        if let text = content.value?.string { return message(role, [Self.text(text, role)], id: id) }
        guard content.value?.array != nil else { throw content.unexpected("a string or an array of parts") }
        guard content.value != [] || role == "assistant" else { throw content.unexpected("at least one part") }
        return message(role, try content.elements.map { try part($0, role) }, id: id)
    }

    private static func message(_ role: String, _ parts: [JSON], id: String) -> JSON {
        ["id": .string(id), "type": "message", "role": .string(role), "status": "completed", "content": .array(parts)]
    }

    private static func part(_ field: JSONField, _ role: String) throws -> JSON {
        switch try field["type"].string {
        case "refusal": return ["type": "refusal", "refusal": .string(try field["refusal"].string)]
        case "input_text", "output_text", "text": return text(try field["text"].string, role)
        case let type:
            throw APIError.unsupported(
                field.path,
                "'\(field.path)' is a part of type '\(type.prefix(80))', which this model cannot read."
            )
        }
    }

    /// Assistants put out, others put in.
    private static func text(_ text: String, _ role: String) -> JSON {
        guard role == "assistant" else { return ["type": "input_text", "text": .string(text)] }
        return ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
    }
}
