import Text

extension Message {
    private static let roles: [Role] = [.system, .developer, .user, .assistant, .tool]

    /// What an assistant's turn may have in OpenAI's API, and no template would be told of.
    private static let refusals = Refusals(
        [
            .init("function_call", "it was replaced by 'tool_calls'; send it as one of those"),
            .init("audio", "this server reads text; send what was said as 'content'"),
        ],
        known: []
    )

    /// A message as the wire has it, of a role and of parts that are served here.
    static func wire(_ field: JSONField) throws -> Message {
        _ = try field.object
        let role = Role(rawValue: try field["role"].string)
        guard roles.contains(role) else {
            throw field["role"].unexpected("one of " + roles.map { "'\($0.rawValue)'" }.joined(separator: ", "))
        }
        guard field["content"].value != [] || role == .assistant else {
            throw field["content"].unexpected("at least one part")
        }
        if role == .assistant { _ = try refusals.check(field) }
        for part in try field["content"].optional.flatMap({ $0.value?.array == nil ? nil : try $0.elements }) ?? [] {
            try check(part, role)
        }
        var message = try Message(field)
        try message.takeRefusals(field["refusal"])
        guard message.content != nil || !message.toolCalls.isEmpty else {
            throw field["content"].unexpected("a string or an array of parts")
        }
        for (index, call) in message.toolCalls.enumerated() {
            let place = field["tool_calls"][index]
            try checkArguments(call.arguments, place.member("function", orFlat: ["name"])["arguments"])
        }
        return message
    }

    /// Arguments have names: they are an object, or the text of one. Some clients send an empty text for none.
    ///
    /// - Parameter place: the field that has them.
    static func checkArguments(_ arguments: JSON, _ place: JSONField) throws {
        guard let text = arguments.string, !text.trimmed.isEmpty else { return }
        let why: String
        do throws(JSONError) {
            let value = try JSON(parsing: text)
            guard value.object == nil else { return }
            why = "it is \(value.kind)"
        } catch {
            why = "\(error)"
        }
        throw APIError.invalid(
            place.path,
            "'\(place.path)' must be the text of a JSON object, but \(why). Mend or leave out the call.",
            code: "invalid_value"
        )
    }

    /// What an assistant said in refusing is said like all else.
    private mutating func takeRefusals(_ field: JSONField) throws {
        if case .parts(let parts)? = content {
            content = .parts(
                parts.map { $0["type"] == "refusal" ? ["type": "text", "text": $0["refusal"] ?? .null] : $0 }
            )
        }
        guard role == .assistant, let refusal = try field.optional?.string else { return }
        extra["refusal"] = nil
        if content == nil { content = .text(refusal) }
    }

    private static func check(_ part: JSONField, _ role: Role) throws {
        switch try part["type"].string {
        case "text": _ = try part["text"].string
        case "refusal" where role == .assistant: _ = try part["refusal"].string
        case "image_url", "image", "input_image", "input_audio", "audio_url", "video_url", "file", "input_file":
            let kind = try part["type"].string
            throw APIError.unsupported(
                part.path,
                "'\(part.path)' is a part of type '\(kind)', which this model cannot read."
            )
        default: throw part["type"].unexpected("'text'")
        }
    }
}
