/// What calls without their marker begin with, laid out as small models like to: white space between any two texts of JSON, in
/// a fence of Markdown or not, several one after the other or in an array (Decision 0128).
package struct LooseHead: Sendable, Hashable {
    /// The texts of JSON before the name, behind it, and behind the arguments.
    package let before: [String], behind: [String], end: [String]

    package static let fence = "```", language = "json"

    /// Nil where calls are written otherwise, or need their marker.
    package init?(_ form: CallForm) {
        let open = form.open.dropFirst(form.marker.count).drop { $0 == "\n" || $0 == " " }
        guard !form.needsMarker, form.arguments == .json, form.mid.after == nil, form.close.after == nil,
            open.first == "{", open.count > 2, open.last == "\"", form.mid.before.first == "\"",
            let before = Self.texts(open.dropLast()), let behind = Self.texts(form.mid.before.dropFirst()),
            let end = Self.texts(form.close.before.prefix { $0 == "}" }), !end.isEmpty
        else { return nil }
        (self.before, self.behind, self.end) = (before, behind, end)
    }

    /// The texts of JSON that a part of it is made of; nil where it is none.
    private static func texts(_ part: Substring) -> [String]? {
        var texts: [String] = [], rest = part.drop(while: \.isWhitespace)
        while let first = rest.first {
            guard first == "\"" || "{}[]:,".contains(first) else { return nil }
            var length = 1
            if first == "\"" {
                guard let end = rest.dropFirst().firstIndex(of: "\"") else { return nil }
                length = rest.distance(from: rest.startIndex, to: end) + 1
            }
            texts.append(String(rest.prefix(length)))
            rest = rest.dropFirst(length).drop(while: \.isWhitespace)
        }
        return texts
    }

    package static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 }

    enum Match {
        case no, beginning
        /// It is of so many bytes, and calls that function.
        case whole(Int, function: String)
    }

    /// Whether a text begins so.
    /// - Parameter functions: those that may be called; nil: any.
    func match(_ text: [UInt8], functions: [String]?) -> Match {
        match(text, behind: Self.fences.flatMap { [$0, $0 + ["["]] }, functions)
    }

    /// Whether another call follows the arguments of one: behind nothing, a comma, or in a fence of its own.
    func matchNext(_ text: [UInt8], functions: [String]?) -> Match {
        let joins = [[], [","]] + Self.fences.dropFirst().map { [Self.fence] + $0 }
        return match(text, behind: joins.map { end + $0 }, functions)
    }

    private static let fences: [[String]] = [[], [fence + language], [fence]]

    private func match(_ text: [UInt8], behind starts: [[String]], _ functions: [String]?) -> Match {
        var mayBe = false
        for start in starts {
            guard let rest = Self.rest(of: text[...], behind: start + before, &mayBe) else { continue }
            for name in functions ?? Self.anyName(rest, &mayBe) {
                guard let rest = Self.rest(of: rest, behind: ["\"\(name)\""] + behind, &mayBe) else { continue }
                return .whole(rest.startIndex, function: name)
            }
        }
        return mayBe ? .beginning : .no
    }

    /// What follows some texts of JSON; nil where they are not there, which they may yet be where the text ends within them.
    private static func rest(
        of text: ArraySlice<UInt8>,
        behind texts: [String],
        _ mayBe: inout Bool
    ) -> ArraySlice<UInt8>? {
        var rest = text
        for text in texts {
            rest = rest.drop(while: isSpace)
            guard rest.starts(with: text.utf8) else {
                if text.utf8.starts(with: rest) { mayBe = true }
                return nil
            }
            rest = rest.dropFirst(text.utf8.count)
        }
        return rest
    }

    private static func anyName(_ text: ArraySlice<UInt8>, _ mayBe: inout Bool) -> [String] {
        let text = text.drop(while: isSpace), quote = UInt8(ascii: "\"")
        guard text.first ?? quote == quote else { return [] }
        guard let end = text.dropFirst().firstIndex(of: quote) else {
            mayBe = true
            return []
        }
        return [String(decoding: text[(text.startIndex + 1)..<end], as: UTF8.self)]
    }
}
