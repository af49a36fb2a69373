import Foundation

/// Finds a template's form of calls by showing it some.
struct CallProbe {
    /// The text that a template makes of messages, without tools and without a prompt; nil if it refuses.
    let render: ([Message]) -> String?
    /// What the assistant's turn begins with.
    let prompt: String

    static let names = ["probe_tool", "probe_second"], ids = ["call00001", "call00002"]
    private static let user = Message.user("probe text")

    func form() -> CallForm? {
        jsonForm() ?? memberForm() ?? valueForm()
    }

    func turn(_ calls: [JSON]) -> Substring? {
        let calls = calls.enumerated().map {
            Message.ToolCall(id: Self.ids[$0], name: Self.names[$0], arguments: $1)
        }
        guard let text = render([Self.user, Message(.assistant, nil, toolCalls: calls)]) else { return nil }
        return answer(in: text)
    }

    /// The part of a text that the assistant wrote.
    private func answer(in text: String) -> Substring? {
        var start = text.startIndex
        if let user = text.range(of: "probe text") { start = user.upperBound }
        var beginning = prompt.range(of: "probe text").map { String(prompt[$0.upperBound...]) } ?? ""
        for thought in ThoughtForm.known {
            if let open = beginning.range(of: thought.open) { beginning = String(beginning[..<open.lowerBound]) }
        }
        let common = zip(text[start...], beginning).prefix { $0 == $1 }.count
        return text[text.index(start, offsetBy: common)...]
    }

    /// What a template puts behind the assistant's words.
    private var ending: String {
        guard let text = render([Self.user, .assistant("probe answer")]),
            let words = text.range(of: "probe answer")
        else { return "" }
        return String(text[words.upperBound...])
    }

    func trimmed(_ close: Substring) -> String {
        let common = zip(close.reversed(), ending.reversed()).prefix { $0 == $1 }.count
        return String(close.dropLast(common))
    }

    func opening(_ text: Substring) -> String {
        var text = text
        for thought in ThoughtForm.known {
            if let end = text.range(of: thought.close) { text = text[end.upperBound...] }
        }
        return String(text.drop { $0 == "\n" || $0 == " " })
    }
}

// MARK: Arguments as one object

extension CallProbe {
    private func jsonForm() -> CallForm? {
        let first: JSON = ["probe_key": "probe_value"], second: JSON = ["probe_other": "probe_word"]
        guard let text = turn([first]), let name = text.range(of: Self.names[0]),
            let arguments = text[name.upperBound...].object(holding: "probe_key")
        else { return nil }
        let open = opening(text[..<name.lowerBound])
        var form = CallForm(
            open: open,
            mid: piece(text[name.upperBound..<arguments.lowerBound], Self.ids[0]),
            close: piece(Substring(trimmed(text[arguments.upperBound...])), Self.ids[0])
        )
        guard let both = turn([first, second]), let one = both.object(holding: "probe_key"),
            let other = both[one.upperBound...].range(of: Self.names[1]),
            let last = both[other.upperBound...].object(holding: "probe_other")
        else { return form }
        form.join = piece(both[one.upperBound..<other.lowerBound], Self.ids[0])
        form.close = piece(Substring(trimmed(both[last.upperBound...])), Self.ids[1])
        return form
    }

    private func piece(_ text: Substring, _ id: String) -> CallForm.Piece {
        guard let place = text.range(of: id) else { return .init(String(text)) }
        return .init(String(text[..<place.lowerBound]), String(text[place.upperBound...]))
    }
}

// MARK: Arguments one by one

extension CallProbe {
    private func memberForm() -> CallForm? {
        let first: JSON = ["probe_key": "probe_value", "probe_other": "probe_word"]
        guard let text = turn([first]), let name = text.range(of: Self.names[0]),
            let places = text[name.upperBound...].places(of: ["probe_key", "probe_value", "probe_other", "probe_word"])
        else { return nil }
        let keyed = String(text[places[0].upperBound..<places[1].lowerBound])
        // Quotes around texts would have to be told from those within them.
        guard !keyed.isEmpty, keyed == text[places[2].upperBound..<places[3].lowerBound], !keyed.contains("\""),
            !keyed.contains("'")
        else { return nil }
        let end = trimmed(text[places[3].upperBound...])
        let head = String(text[name.upperBound..<places[0].lowerBound])
        let between = String(text[places[1].upperBound..<places[2].lowerBound])
        guard let (tail, close) = split(end, after: between) else { return nil }
        var form = CallForm(open: opening(text[..<name.lowerBound]), mid: .init(""), close: .init(close))
        form.arguments = .members(head: head, keyed: keyed, between: between, tail: tail)
        form.empty = empty(close)
        guard let both = turn([first, ["probe_key": "probe_value"]]),
            let last = both.range(of: "probe_word"), let other = both[last.upperBound...].range(of: Self.names[1])
        else { return form }
        let join = both[last.upperBound..<other.lowerBound]
        form.join = join.hasPrefix(tail) ? .init(String(join.dropFirst(tail.count))) : nil
        return form
    }

    /// What a call without arguments has between its name and its end.
    private func empty(_ close: String) -> String {
        guard let text = turn([[:]]), let name = text.range(of: Self.names[0]) else { return "" }
        let rest = trimmed(text[name.upperBound...])
        return rest.hasSuffix(close) ? String(rest.dropLast(close.count)) : ""
    }

    /// What ends the last value ends every value, so it is the beginning that both texts have.
    private func split(_ end: String, after between: String) -> (tail: String, close: String)? {
        let tail = String(zip(end, between).prefix { $0 == $1 }.map(\.0))
        return tail.contains { $0 == ">" || $0 == "]" } ? (tail, String(end.dropFirst(tail.count))) : nil
    }
}

extension Substring {
    /// Where the object stands that has this member first.
    fileprivate func object(holding name: String) -> Range<Index>? {
        guard let key = range(of: "\"\(name)\""), let start = self[..<key.lowerBound].lastIndex(of: "{"),
            let end = self[key.upperBound...].firstIndex(of: "}")
        else { return nil }
        let object = self[start...end]
        return (try? JSON(parsing: String(object)))?.object == nil ? nil : start..<index(after: end)
    }

    /// Where texts stand that follow each other.
    func places(of texts: [String]) -> [Range<Index>]? {
        var rest = self, places: [Range<Index>] = []
        for text in texts {
            guard let place = rest.range(of: text) else { return nil }
            places.append(place)
            rest = rest[place.upperBound...]
        }
        return places
    }
}
