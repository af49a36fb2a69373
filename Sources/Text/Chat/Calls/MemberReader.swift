/// Finds the end of a JSON object in bytes that come piece by piece.
struct JSONScanner: Sendable {
    private var depth = 0, isInString = false, isEscaped = false
    private(set) var isOver = false

    /// Whether more than white space has come.
    var isBegun: Bool { depth > 0 || isInString || isOver }

    /// Returns how many of the bytes are of the object.
    mutating func scan(_ bytes: [UInt8]) -> Int {
        for (index, byte) in bytes.enumerated() {
            step(byte)
            if isOver { return index + 1 }
        }
        return bytes.count
    }

    private mutating func step(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if isInString {
            isEscaped = byte == UInt8(ascii: "\\")
            isInString = byte != UInt8(ascii: "\"")
        } else if byte == UInt8(ascii: "\"") {
            isInString = true
        } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
            depth += 1
        } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
            depth -= 1
            isOver = depth == 0
        }
    }
}

/// Turns arguments that are written one by one into the text of a JSON object.
struct MemberReader: Sendable {
    let head: String, keyed: String, between: String, tail: String
    private var count = 0

    init(head: String, keyed: String, between: String, tail: String) {
        (self.head, self.keyed, self.between, self.tail) = (head, keyed, between, tail)
    }

    /// Takes whole members from the bytes; returns their text, and whether the object is over.
    mutating func read(_ held: inout [UInt8], isText: (String) -> Bool) -> (text: String, isOver: Bool) {
        var text = ""
        while true {
            let lead = count == 0 ? head : between
            guard held.starts(with: lead.utf8) else { return end(&held, lead, text) }
            let rest = held.dropFirst(lead.utf8.count)
            guard let key = rest.firstRange(of: Array(keyed.utf8)),
                let value = rest[key.upperBound...].firstRange(of: Array(tail.utf8))
            else { return (text, false) }
            let name = String(decoding: rest[..<key.lowerBound], as: UTF8.self)
            text += count == 0 ? "{" : ", "
            text += JSON.string(name).text() + ": "
            text += self.value(String(decoding: rest[key.upperBound..<value.lowerBound], as: UTF8.self), isText(name))
            // The end of a value is the beginning of what stands between two.
            held = Array(rest[value.lowerBound...])
            count += 1
        }
    }

    private func value(_ text: String, _ isText: Bool) -> String {
        if !isText, let value = try? JSON(parsing: text) { return value.text(.python) }
        return JSON.string(text).text()
    }

    private func end(_ held: inout [UInt8], _ lead: String, _ text: String) -> (text: String, isOver: Bool) {
        if count == 0 { return held.isEmpty || lead.utf8.starts(with: held) ? (text, false) : ("{}", true) }
        guard held.count > tail.utf8.count, !lead.utf8.starts(with: held) else { return (text, false) }
        held.removeFirst(tail.utf8.count)
        return (text + "}", true)
    }
}
