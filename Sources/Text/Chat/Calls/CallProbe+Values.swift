import Foundation

// MARK: Arguments one by one, in a notation of their own

extension CallProbe {
    /// What stands around the parts of a call with two members.
    private struct Parts {
        var before: Substring, head: String, keyed: String, value: String, between: String, rest: Substring
    }

    func valueForm() -> CallForm? {
        guard let plain = parts(7), plain.value == "7", let tail = ["{": "}", "(": ")"][plain.head],
            let text = parts("probe_value"), let quote = quote(around: "probe_value", in: text.value),
            let both = turn([["probe_key": 7, "probe_other": 8], ["probe_key": 7, "probe_other": 8]])
        else { return nil }
        let end = TurnEnders.trimming(trimmed(plain.rest))
        guard end.hasPrefix(tail) else { return nil }
        var form = CallForm(
            open: opening(plain.before),
            mid: .init(""),
            close: .init(String(end.dropFirst(tail.count))),
            arguments: .values(
                head: plain.head,
                keyed: plain.keyed,
                between: plain.between,
                tail: tail,
                notation(quote)
            )
        )
        guard let last = both.range(of: "8" + tail), let next = both[last.upperBound...].range(of: Self.names[1]) else {
            return form
        }
        form.join = .init(String(both[last.upperBound..<next.lowerBound]))
        return form
    }

    /// A call whose first member has that value and whose second has 8.
    private func parts(_ value: JSON) -> Parts? {
        guard let text = turn([["probe_key": value, "probe_other": 8]]), let name = text.range(of: Self.names[0]),
            let places = text[name.upperBound...].places(of: ["probe_key", "probe_other", "8"])
        else { return nil }
        let (key, other, last) = (places[0], places[1], places[2])
        let keyed = String(text[other.upperBound..<last.lowerBound])
        let middle = text[key.upperBound..<other.lowerBound]
        guard !keyed.isEmpty, middle.hasPrefix(keyed), let between = middle.lastIndex(of: ",") else { return nil }
        return Parts(
            before: text[..<name.lowerBound],
            head: String(text[name.upperBound..<key.lowerBound]),
            keyed: keyed,
            value: String(middle[..<between].dropFirst(keyed.count)),
            between: String(middle[between...]),
            rest: text[last.upperBound...]
        )
    }

    private func quote(around word: String, in text: String) -> String? {
        guard let place = text.firstRange(of: word) else { return nil }
        let (open, close) = (text[..<place.lowerBound], text[place.upperBound...])
        return open == close && !open.isEmpty ? String(open) : nil
    }

    private func notation(_ quote: String) -> CallForm.Notation {
        let within = parts("probe\(quote)word")?.value ?? ""
        return CallForm.Notation(
            quote: quote,
            isEscaped: within.contains("\\" + quote),
            yes: parts(true)?.value ?? "true",
            no: parts(false)?.value ?? "false",
            nothing: parts(nil)?.value ?? "null",
            nestsJSON: parts(["probe_in": "probe_deep"])?.value.contains("\"probe_in\": \"probe_deep\"") ?? true
        )
    }
}
