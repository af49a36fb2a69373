import Text

/// `instruction` and `input` are the question, `output` is the answer, `history` what was said before: pairs of texts.
struct AlpacaLayout {
    func example(_ row: JSONField) throws -> ChatExample {
        ChatExample(try prompt(row) + [.assistant(.text(try row["output"].string))])
    }

    func preference(_ row: JSONField) throws -> PreferenceExample {
        PreferenceExample(
            ChatExample(try prompt(row)),
            chosen: try answer(row["chosen"]),
            rejected: try answer(row["rejected"])
        )
    }

    private func prompt(_ row: JSONField) throws -> [Message] {
        var messages: [Message] = []
        if let system = try row["system"].optional?.string, !system.isEmpty { messages.append(.system(.text(system))) }
        for pair in try row["history"].structured().optional?.elements ?? [] {
            guard try pair.elements.count == 2 else { throw pair.unexpected("a question and its answer") }
            messages.append(.user(.text(try pair[0].string)))
            messages.append(.assistant(.text(try pair[1].string)))
        }
        let instruction = try row["instruction"].string, input = try row["input"].optional?.string ?? ""
        let question = [instruction, input].filter { !$0.isEmpty }.joined(separator: "\n")
        guard !question.isEmpty else { throw row["instruction"].unexpected("a text that is not empty") }
        return messages + [.user(.text(question))]
    }

    private func answer(_ field: JSONField) throws -> [Message] {
        if field.value?.object != nil { return [try ShareGPTLayout().message(field)] }
        return [.assistant(.text(try field.string))]
    }
}
