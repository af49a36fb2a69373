/// Reads a grammar in llama.cpp's notation, GBNF: rules of literals, character classes, groups and repetitions.
///
/// ```
/// root   ::= "Answer: " choice
/// choice ::= "yes" | "no" | [0-9]{1,3}   # a comment
/// ```
package struct GBNF {
    private static let mostBytes = 256 << 10, deepest = 100, mostRepeats = 100_000

    private let characters: [Unicode.Scalar]
    private var position = 0, depth = 0
    private var grammar = Grammar()
    private var rules: [String: Int] = [:]
    private var defined: Set<String> = []

    /// - Throws: ``GrammarError`` with the line that is wrong.
    package static func grammar(_ source: String) throws(GrammarError) -> Grammar {
        guard source.utf8.count <= mostBytes else { throw .tooLarge("the grammar has more than \(mostBytes) bytes") }
        var parser = GBNF(source)
        return try parser.parse()
    }

    private init(_ source: String) { characters = Array(source.unicodeScalars) }

    private mutating func parse() throws(GrammarError) -> Grammar {
        skipSpace(overLines: true)
        while current != nil { try rule() }
        if let missing = rules.keys.sorted().first(where: { !defined.contains($0) }) {
            throw .syntax("the rule '\(missing)' is used but nowhere defined", path: "the grammar")
        }
        guard let root = rules["root"] else { throw .syntax("there is no rule 'root'", path: "the grammar") }
        grammar.root = root
        return grammar
    }

    private var current: Unicode.Scalar? { position < characters.count ? characters[position] : nil }

    private func wrong(_ what: String) -> GrammarError {
        let line = 1 + characters[..<min(position, characters.count)].count { $0 == "\n" }
        return .syntax(what, path: "line \(line) of the grammar")
    }

    private mutating func skip(_ text: String) -> Bool {
        guard characters[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }

    /// Skips spaces and comments, and line ends where a rule may go on over them.
    private mutating func skipSpace(overLines: Bool) {
        while let character = current {
            if character == " " || character == "\t" || overLines && (character == "\n" || character == "\r") {
                position += 1
            } else if character == "#" {
                while let other = current, other != "\n" { position += other == "\n" ? 0 : 1 }
            } else {
                return
            }
        }
    }

    private mutating func name() throws(GrammarError) -> String {
        var name = ""
        while let character = current, character.isASCII,
            character.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains(character)
        {
            name.unicodeScalars.append(character)
            position += 1
        }
        guard !name.isEmpty else { throw wrong("expected the name of a rule") }
        return name
    }

    private mutating func number(of name: String) -> Int {
        if let rule = rules[name] { return rule }
        rules[name] = grammar.add(name)
        return grammar.rules.count - 1
    }

    private mutating func rule() throws(GrammarError) {
        let name = try name()
        skipSpace(overLines: false)
        guard skip("::=") else { throw wrong("expected '::=' after '\(name)'") }
        guard defined.insert(name).inserted else { throw wrong("the rule '\(name)' is defined twice") }
        skipSpace(overLines: true)
        let rule = number(of: name)
        grammar[rule] = try choice(isNested: false)
        guard current == nil || current == "\n" || current == "\r" else { throw wrong("unexpected '\(current!)'") }
        skipSpace(overLines: true)
    }

    private mutating func choice(isNested: Bool) throws(GrammarError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw .tooLarge("the grammar nests deeper than \(Self.deepest) levels") }
        var parts = [try sequence(isNested)]
        while goesOn(isNested) { parts.append(try sequence(isNested)) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    /// Skips a '|', which may stand on the next line.
    private mutating func goesOn(_ isNested: Bool) -> Bool {
        let start = position
        skipSpace(overLines: true)
        guard skip("|") else {
            if !isNested { position = start }
            return false
        }
        skipSpace(overLines: true)
        return true
    }

    private mutating func sequence(_ isNested: Bool) throws(GrammarError) -> Expression {
        var parts: [Expression] = []
        while let part = try element() {
            parts.append(try repeated(part))
            skipSpace(overLines: isNested)
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func element() throws(GrammarError) -> Expression? {
        switch current {
        case "\"":
            position += 1
            return try literal()
        case "[":
            position += 1
            return try characterClass()
        case ".":
            position += 1
            return Self.oneOf(.all)
        case "(":
            position += 1
            skipSpace(overLines: true)
            let inner = try choice(isNested: true)
            skipSpace(overLines: true)
            guard skip(")") else { throw wrong("')' is missing") }
            return inner
        case let character?
        where character.isASCII && (character.properties.isAlphabetic || ("0"..."9").contains(character)):
            return .rule(number(of: try name()))
        default: return nil
        }
    }

    private static func oneOf(_ set: CharacterRanges) -> Expression {
        let edges = set.ranges.map { CharacterMachine.Edge(first: $0.lowerBound, last: $0.upperBound, target: 1) }
        return .text(CharacterMachine(states: [.init(edges: edges), .init(isAccepting: true)]), .plain)
    }
}

// MARK: Pieces

extension GBNF {
    private mutating func repeated(_ part: Expression) throws(GrammarError) -> Expression {
        var part = part
        while true {
            if skip("*") {
                part = .repeated(part, least: 0, most: nil)
            } else if skip("+") {
                part = .repeated(part, least: 1, most: nil)
            } else if skip("?") {
                part = .optional(part)
            } else if skip("{") {
                part = try counted(part)
            } else {
                return part
            }
        }
    }

    private mutating func counted(_ part: Expression) throws(GrammarError) -> Expression {
        let least = count()
        var most = least
        if skip(",") { most = count() }
        guard let least = least ?? (most == nil ? nil : 0), skip("}") else { throw wrong("expected numbers and '}'") }
        guard least <= most ?? least else { throw wrong("the numbers in braces are out of order") }
        guard max(least, most ?? 0) <= Self.mostRepeats else { throw wrong("at most \(Self.mostRepeats) repetitions") }
        return .repeated(part, least: least, most: most)
    }

    private mutating func count() -> Int? {
        var value: Int?
        while let digit = current, ("0"..."9").contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit.value - 48), 1 << 30)
            position += 1
        }
        return value
    }

    private mutating func literal() throws(GrammarError) -> Expression {
        var text = String.UnicodeScalarView()
        while !skip("\"") { text.append(try character("\"")) }
        return .literal(String(text))
    }

    private mutating func characterClass() throws(GrammarError) -> Expression {
        let isInverted = skip("^")
        var ranges: [ClosedRange<UInt32>] = []
        while !skip("]") {
            let first = try character("]").value
            var last = first
            if current == "-", position + 1 < characters.count, characters[position + 1] != "]" {
                position += 1
                last = try character("]").value
            }
            guard first <= last else { throw wrong("the ends of a range are out of order") }
            ranges.append(first...last)
        }
        let set = CharacterRanges(ranges)
        return Self.oneOf(isInverted ? set.inverted : set)
    }

    private mutating func character(_ end: Character) throws(GrammarError) -> Unicode.Scalar {
        guard let character = current, character != "\n" else { throw wrong("'\(end)' is missing") }
        position += 1
        guard character == "\\" else { return character }
        guard let escaped = current else { throw wrong("unexpected end after '\\'") }
        position += 1
        switch escaped {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        case "U": return try hexadecimal(8)
        case "\\", "\"", "[", "]", "-", "^", "/": return escaped
        default: throw wrong("unknown escape '\\\(escaped)'")
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(GrammarError) -> Unicode.Scalar {
        let end = min(position + count, characters.count)
        let digits = String(String.UnicodeScalarView(characters[position..<end]))
        guard digits.count == count, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
            throw wrong("\(count) hexadecimal digits of a character are missing")
        }
        position = end
        return scalar
    }
}
