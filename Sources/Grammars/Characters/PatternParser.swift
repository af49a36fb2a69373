/// Reads a regular expression.
struct PatternParser {
    private let characters: [Unicode.Scalar]
    private let path: String
    private var position = 0, depth = 0

    /// The most times that a part may be repeated by number.
    private static let mostRepeats = 2000

    init(_ source: String, path: String) {
        (characters, self.path) = (Array(source.unicodeScalars), path)
    }

    mutating func parse() throws(GrammarError) -> PatternNode {
        let node = try choice()
        guard position == characters.count else { throw wrong("unmatched ')'") }
        return node
    }

    private var current: Unicode.Scalar? { position < characters.count ? characters[position] : nil }

    private func wrong(_ what: String) -> GrammarError {
        .syntax(
            "the pattern '\(String(String.UnicodeScalarView(characters)))' is wrong at character \(position + 1): \(what)",
            path: path
        )
    }

    private func unsupported(_ what: String, _ why: String) -> GrammarError {
        .unsupported(keyword: what, path: path, why: why)
    }

    private mutating func skip(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard characters[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func choice() throws(GrammarError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw .tooLarge("it nests deeper than 100 levels") }
        var parts = [try sequence()]
        while skip("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(GrammarError) -> PatternNode {
        var parts: [PatternNode] = []
        while let character = current, character != "|", character != ")" { parts.append(try quantified()) }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func quantified() throws(GrammarError) -> PatternNode {
        let node = try atom()
        guard let (least, most) = try quantifier() else { return node }
        switch node {
        case .start, .end: throw wrong("an anchor cannot be repeated")
        default: break
        }
        _ = skip("?")  // which of several matches is preferred does not change the set
        if let next = current, "*+?".unicodeScalars.contains(next) { throw wrong("nothing to repeat") }
        return .repeated(node, least: least, most: most)
    }

    private mutating func quantifier() throws(GrammarError) -> (Int, Int?)? {
        if skip("*") { return (0, nil) }
        if skip("+") { return (1, nil) }
        if skip("?") { return (0, 1) }
        guard current == "{" else { return nil }
        let start = position
        position += 1
        guard let least = number() else {
            if skip(","), let most = number(), current == "}" {
                throw wrong("'{,\(most)}' means letters to some and '{0,\(most)}' to others; write '{0,\(most)}'")
            }
            position = start
            return nil
        }
        var most: Int? = least
        if skip(",") { most = number() }
        guard skip("}") else {
            position = start
            return nil
        }
        guard least <= most ?? least else { throw wrong("the numbers in braces are out of order") }
        guard max(least, most ?? 0) <= Self.mostRepeats else {
            throw .tooLarge("it repeats a part more than \(Self.mostRepeats) times")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = current, ("0"..."9").contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit.value - 48), 1_000_000)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(GrammarError) -> PatternNode {
        guard let character = current else { throw wrong("unexpected end") }
        position += 1
        switch character {
        case "^": return .start
        case "$": return .end
        case ".": return .characters(CharacterRanges.lineEnds.inverted)
        case "[": return .characters(try set())
        case "(": return try group()
        case "\\": return try escape()
        case "*", "+", "?": throw wrong("nothing to repeat")
        case "{":
            position -= 1
            if try quantifier() != nil { throw wrong("nothing to repeat") }
            position += 1
            return .characters(CharacterRanges(character.value))
        default: return .characters(CharacterRanges(character.value))
        }
    }

    private mutating func group() throws(GrammarError) -> PatternNode {
        if skip("?") { try kind() }
        let node = try choice()
        guard skip(")") else { throw wrong("')' is missing") }
        return node
    }

    /// What follows `(?`.
    private mutating func kind() throws(GrammarError) {
        for (mark, why) in ForeignPattern.groups where skip(mark) { throw unsupported("(?" + mark, why) }
        guard !skip(":") else { return }
        guard skip("<") || skip("P<") else { throw unknownGroup() }
        while let character = current, character != ">", character != ")" { position += 1 }
        guard skip(">") else { throw wrong("the name of a group must end with '>'") }
    }

    /// At the letters of flags, or something else.
    private func unknownGroup() -> GrammarError {
        let letters = characters[position...].prefix { $0 == "-" || $0.isASCII && $0.properties.isAlphabetic }
        guard let end = characters[position...].dropFirst(letters.count).first, end == ")" || end == ":",
            let first = letters.first(where: { $0 != "-" })
        else { return wrong("unknown group") }
        let flags = String(String.UnicodeScalarView(letters + [end]))
        let why = ForeignPattern.flags[first] ?? "say without it what may be written"
        return unsupported("(?" + flags, "flags within a pattern are not taken; \(why)")
    }
}

// MARK: Escapes and sets

extension PatternParser {
    private mutating func escape() throws(GrammarError) -> PatternNode {
        switch current {
        case "b", "B": throw unsupported("\\\(current!)", "the edge of a word cannot be followed letter by letter")
        case "A":
            position += 1
            return .start
        case "z", "Z":
            position += 1
            return .end
        case let character? where ("1"..."9").contains(character) || character == "k":
            throw unsupported("\\\(character)", "a pattern that refers back is not regular")
        default: return .characters(try escaped())
        }
    }

    private mutating func escaped() throws(GrammarError) -> CharacterRanges {
        guard let character = current else { throw wrong("unexpected end after '\\'") }
        position += 1
        switch character {
        case "d": return .digits
        case "D": return CharacterRanges.digits.inverted
        case "w": return .word
        case "W": return CharacterRanges.word.inverted
        case "s": return .space
        case "S": return CharacterRanges.space.inverted
        case "n": return CharacterRanges(0x0A)
        case "r": return CharacterRanges(0x0D)
        case "t": return CharacterRanges(0x09)
        case "f": return CharacterRanges(0x0C)
        case "v": return CharacterRanges(0x0B)
        case "0": return CharacterRanges(0)
        case "x": return CharacterRanges(try hexadecimal(2))
        case "u": return CharacterRanges(try unicode())
        case "c":
            guard let letter = current, letter.properties.isAlphabetic, letter.isASCII else {
                throw wrong("a letter is missing")
            }
            position += 1
            return CharacterRanges(letter.value & 31)
        case "p", "P": return try property(isInverted: character == "P")
        case _ where character.isASCII && (character.properties.isAlphabetic || ("0"..."9").contains(character)):
            throw wrong("unknown escape '\\\(character)'")
        default: return CharacterRanges(character.value)
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(GrammarError) -> UInt32 {
        let end = min(position + count, characters.count)
        let digits = String(String.UnicodeScalarView(characters[position..<end]))
        guard digits.unicodeScalars.count == count, let value = UInt32(digits, radix: 16) else {
            throw wrong("\(count) hexadecimal digits are missing")
        }
        position += count
        return value
    }

    private mutating func unicode() throws(GrammarError) -> UInt32 {
        if skip("{") {
            var digits = ""
            while let character = current, character != "}", digits.count < 8 {
                digits.unicodeScalars.append(character)
                position += 1
            }
            guard skip("}"), let value = UInt32(digits, radix: 16), value <= 0x10FFFF else {
                throw wrong("no such character")
            }
            return value
        }
        let first = try hexadecimal(4)
        guard (0xD800...0xDBFF).contains(first), skip("\\u") else { return first }
        let second = try hexadecimal(4)
        guard (0xDC00...0xDFFF).contains(second) else { throw wrong("half of a character") }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func property(isInverted: Bool) throws(GrammarError) -> CharacterRanges {
        guard skip("{") else { throw wrong("'{' is missing after '\\p'") }
        var name = ""
        while let character = current, character != "}" {
            name.unicodeScalars.append(character)
            position += 1
        }
        guard skip("}") else { throw wrong("'}' is missing") }
        guard let set = CharacterRanges.property(name) else {
            throw unsupported("\\p{\(name)}", "only general categories such as L, Lu, N or P are known here")
        }
        return isInverted ? set.inverted : set
    }
}

// MARK: Sets

extension PatternParser {
    /// The rest of `[…]`.
    private mutating func set() throws(GrammarError) -> CharacterRanges {
        // As `[:alpha:]` alone is meant.
        if current == ":" { try refuseClass(from: position - 1) }
        let isInverted = skip("^")
        var set = CharacterRanges([])
        while !skip("]") {
            let first = try member()
            guard current == "-", position + 1 < characters.count, characters[position + 1] != "]" else {
                set = set.union(first)
                continue
            }
            position += 1
            let last = try member()
            guard let low = first.single, let high = last.single, low <= high else {
                throw wrong("the ends of a range are out of order, or are no characters")
            }
            set = set.union(CharacterRanges([low...high]))
        }
        return isInverted ? set.inverted : set
    }

    private mutating func member() throws(GrammarError) -> CharacterRanges {
        guard let character = current else { throw wrong("']' is missing") }
        position += 1
        if character == "[" { try refuseClass(from: position - 1) }
        guard character == "\\" else { return CharacterRanges(character.value) }
        if skip("b") { return CharacterRanges(0x08) }
        if skip("-") { return CharacterRanges(0x2D) }
        return try escaped()
    }
}

extension PatternParser {
    /// A class of POSIX, which ECMA-262 reads as the letters of its name.
    private func refuseClass(from start: Int) throws(GrammarError) {
        let rest = String(String.UnicodeScalarView(characters[start...].prefix(12)))
        for (name, letters) in ForeignPattern.classes where rest.hasPrefix("[:\(name):]") {
            let why = "JavaScript's patterns have no classes of POSIX; write \(letters) instead, as in [\(letters)]"
            throw unsupported("[:\(name):]", why)
        }
    }
}

extension CharacterRanges {
    fileprivate var single: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
    }
}
