/// A regular expression as JSON Schema means it: ECMA-262's, with the `u` flag, as far as it is regular.
///
/// Python's named groups and anchors are taken too. What looks around, refers back or asks for the edge of a word is refused by name,
/// and so is what ECMA-262 would read otherwise than the language that it is from.
package struct Pattern: Sendable {
    /// Whether the whole text must match, or a part of it.
    package enum Reach: Sendable { case whole, part }

    /// The set of the texts that match.
    package static func machine(_ source: String, _ reach: Reach, path: String) throws(GrammarError) -> CharacterMachine
    {
        try GrammarError.naming("the pattern", at: path) { () throws(GrammarError) in
            guard source.utf8.count <= 4096 else { throw .tooLarge("it has more than 4096 bytes") }
            var parser = PatternParser(source, path: path)
            let node = try parser.parse()
            var network = CharacterNetwork()
            var (start, end) = try network.add(node)
            if case .part = reach { (start, end) = try network.wrapped(start, end) }
            return try network.machine(from: start, to: end)
        }
    }
}

/// What a pattern says.
indirect enum PatternNode: Sendable {
    case empty
    case characters(CharacterRanges)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repeated(PatternNode, least: Int, most: Int?)
    case start
    case end
}

extension CharacterNetwork {
    /// Adds the nodes of a pattern; returns where it begins and where it ends.
    mutating func add(_ node: PatternNode) throws(GrammarError) -> (Int, Int) {
        let start = try self.node()
        switch node {
        case .empty: return (start, start)
        case .start: return (start, try connected(start, .atStart))
        case .end: return (start, try connected(start, .atEnd))
        case .characters(let set):
            let end = try self.node()
            for range in set.ranges { connect(start, end, .range(range)) }
            return (start, end)
        case .sequence(let parts):
            var end = start
            for part in parts {
                let (first, last) = try add(part)
                connect(end, first)
                end = last
            }
            return (start, end)
        case .choice(let parts):
            let end = try self.node()
            for part in parts {
                let (first, last) = try add(part)
                connect(start, first)
                connect(last, end)
            }
            return (start, end)
        case .repeated(let part, let least, let most): return (start, try repeated(part, least, most, from: start))
        }
    }

    private mutating func connected(_ start: Int, _ step: Step) throws(GrammarError) -> Int {
        let end = try node()
        connect(start, end, step)
        return end
    }

    private mutating func repeated(
        _ part: PatternNode,
        _ least: Int,
        _ most: Int?,
        from start: Int
    ) throws(GrammarError) -> Int {
        var end = start
        for _ in 0..<least { end = try append(part, end) }
        guard let most else {
            let loop = try node()
            connect(end, loop)
            connect(try append(part, loop), loop)
            return loop
        }
        let exit = try node()
        connect(end, exit)
        for _ in 0..<max(0, most - least) {
            end = try append(part, end)
            connect(end, exit)
        }
        return exit
    }

    private mutating func append(_ part: PatternNode, _ end: Int) throws(GrammarError) -> Int {
        let (first, last) = try add(part)
        connect(end, first)
        return last
    }

    /// Anything may stand before and behind.
    mutating func wrapped(_ start: Int, _ end: Int) throws(GrammarError) -> (Int, Int) {
        let before = try node(), after = try node()
        connect(before, start)
        connect(end, after)
        for range in CharacterMachine.alphabet {
            connect(before, before, .range(range))
            connect(after, after, .range(range))
        }
        return (before, after)
    }
}
