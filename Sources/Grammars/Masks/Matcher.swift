/// Follows one text, token by token, and tells which may come next.
///
/// ```swift
/// var matcher = Matcher(grammar)
/// let mask = matcher.mask()
/// matcher.accept(token)          // false, and nothing changes, if the mask does not have it
/// matcher.rollback(1)
/// ```
package struct Matcher: Sendable {
    package let grammar: CompiledGrammar
    private var stacks: Stacks
    private var ways: [Int32]
    /// Whether the text is a whole one as it stands.
    package private(set) var canEnd: Bool
    /// Whether a token has ended it.
    package private(set) var isOver = false
    private var past: [(ways: [Int32], canEnd: Bool, isOver: Bool)] = []
    private var known: (ways: [Int32], canEnd: Bool, mask: TokenMask)?

    package init(_ grammar: CompiledGrammar) {
        self.grammar = grammar
        stacks = Stacks(grammar.program)
        ways = [stacks.node(grammar.program.starts[grammar.program.root], 0, Stacks.bottom)]
        canEnd = grammar.program.acceptsEmpty
    }

    /// Whether nothing can follow but the end.
    package var isComplete: Bool { isOver || canEnd && ways.isEmpty }

    /// The tokens that may come next; those that end the answer are among them if it may end here.
    package mutating func mask() -> TokenMask {
        if let known, known.canEnd == canEnd, known.ways == ways, !isOver { return known.mask }
        var mask = TokenMask(count: grammar.trie.vocabularySize)
        guard !isOver else { return mask }
        for way in ways { add(way, to: &mask) }
        if canEnd { for token in grammar.trie.ends { mask.insert(token) } }
        known = (ways, canEnd, mask)
        return mask
    }

    private func add(_ way: Int32, to mask: inout TokenMask) {
        var node = Int(way)
        var cut = grammar.cut(stacks.states[node], stacks.counts[node])
        mask.formUnion(cut.accepted)
        while !cut.exits.isEmpty, stacks.parents[node] != Stacks.bottom {
            node = Int(stacks.parents[node])
            cut = grammar.cut(cut, stacks.states[node], stacks.counts[node])
            mask.formUnion(cut.accepted)
        }
    }

    /// Goes on with a token; false, and nothing changes, if it may not come here.
    @discardableResult
    package mutating func accept(_ token: Int) -> Bool {
        guard !isOver else { return false }
        if grammar.trie.ends.contains(token) {
            guard canEnd else { return false }
            past.append((ways, canEnd, isOver))
            isOver = true
            return true
        }
        let bytes = grammar.trie.bytes(of: token)
        guard !bytes.isEmpty, let (next, ends) = read(bytes) else { return false }
        past.append((ways, canEnd, isOver))
        (ways, canEnd) = (Array(next.prefix(Stacks.mostWays)), ends)
        return true
    }

    private mutating func read(_ bytes: some Sequence<UInt8>) -> (ways: [Int32], canEnd: Bool)? {
        var current = ways, ends = canEnd
        for byte in bytes {
            var next: [Int32] = []
            ends = stacks.step(current[...], byte, into: &next)
            guard ends || !next.isEmpty else { return nil }
            current = next
        }
        return (current, ends)
    }

    /// Takes the last tokens back.
    package mutating func rollback(_ count: Int) {
        precondition(count <= past.count, "Matcher: \(count) tokens to take back, \(past.count) accepted")
        guard count > 0 else { return }
        (ways, canEnd, isOver) = past[past.count - count]
        past.removeLast(count)
    }

    /// Whether these bytes may come next: what masks must agree with, told the slow way.
    package mutating func allows(_ bytes: some Sequence<UInt8>) -> Bool { read(bytes) != nil }

    /// The bytes that must come next, whatever is chosen, and on from there those that do where white space may come or not, as
    /// it was before.
    ///
    /// - Parameters:
    ///   - limit: the most bytes.
    ///   - last: the byte before; nil at the beginning.
    /// - Returns: the bytes, and how many of them are certain.
    package mutating func foreseen(limit: Int, after last: UInt8?, _ habit: SpacingHabit) -> (
        bytes: [UInt8], certain: Int
    ) {
        var current = ways, ends = canEnd, bytes: [UInt8] = [], certain: Int?
        while bytes.count < limit, !ends {
            let next = grammar.admitted(current.map { stacks.states[Int($0)] })
            guard let byte = next.only ?? habit.byte(of: next, after: bytes.last ?? last) else { break }
            if next.only == nil, certain == nil { certain = bytes.count }
            var following: [Int32] = []
            ends = stacks.step(current[...], byte, into: &following)
            current = following
            bytes.append(byte)
        }
        return (bytes, certain ?? bytes.count)
    }
}
