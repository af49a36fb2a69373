import Synchronization

/// A grammar compiled for a vocabulary. Any number of matchers, on any threads, share one and what it learns.
package final class CompiledGrammar: Sendable {
    package let trie: TokenTrie
    /// What is not held, though tools that are not strict ask for it.
    package let leftOut: [Grammar.LeftOut]
    let program: Program
    private let memory = Mutex(Memory())

    fileprivate struct Frame: Hashable {
        var state: Int32, needed: Int32, left: Int32
    }

    fileprivate struct Memory {
        var firsts: [Frame: Cut] = [:]
        var nexts: [Int: [Frame: Cut]] = [:]
        var repetitions: [Int32: Repetition?] = [:]
        /// The bytes that may follow in a state.
        var admitted: [Int32: ByteSet] = [:]
        var count = 0
    }

    /// Cuts that are kept; a wide one has a bit for each token.
    fileprivate static let mostCuts = 1024

    package init(_ grammar: Grammar, for trie: TokenTrie) throws(GrammarError) {
        program = try Compiler.compile(grammar)
        (self.trie, leftOut) = (trie, grammar.leftOut)
    }

    /// Works out what takes long, so that whoever follows a text need not: the states in which nearly anything may come.
    package func prepare() {
        let wide = program.states.indices.filter { isWide(program.states[$0]) }
        for state in wide.prefix(Self.mostPrepared) { _ = cut(Int32(state), 0) }
    }

    private static let mostPrepared = 64

    private func isWide(_ state: Program.State) -> Bool {
        guard state.count >= 0 else {
            return state.edges.reduce(0) { $0 + Int(program.edges[Int($1)].last - program.edges[Int($1)].first) } > 64
        }
        let body = program.starts[Int(program.counts[Int(state.count)].rule)]
        return isWide(program.states[Int(body)])
    }

    /// What tokens do to the frame on top of a stack.
    func cut(_ state: Int32, _ count: Int32) -> Cut {
        let frame = frame(state, count)
        if let cut = memory.withLock({ $0.firsts[frame] }) { return cut }
        let cut = makeCut(state, count, frame)
        memory.withLock { memory in
            memory.makeRoom()
            memory.firsts[frame] = cut
        }
        return cut
    }

    /// What is left of a cut's tokens does to the frame beneath.
    func cut(_ above: Cut, _ state: Int32, _ count: Int32) -> Cut {
        let frame = frame(state, count)
        if let cut = memory.withLock({ $0.nexts[above.id]?[frame] }) { return cut }
        let cut = Walk.cut(program, trie, from: above.exits, state, count)
        memory.withLock { memory in
            memory.makeRoom()
            memory.nexts[above.id, default: [:]][frame] = cut
        }
        return cut
    }

    /// A frame as far as tokens can tell: none is longer than the longest.
    private func frame(_ state: Int32, _ count: Int32) -> Frame {
        let number = program.states[Int(state)].count
        guard number >= 0 else { return Frame(state: state, needed: 0, left: 0) }
        let limits = program.counts[Int(number)], longest = Int32(trie.longest)
        return Frame(
            state: state,
            needed: min(max(0, limits.least - count), longest + 1),
            left: min(limits.most - count, longest + 1)
        )
    }

    private func makeCut(_ state: Int32, _ count: Int32, _ frame: Frame) -> Cut {
        if program.states[Int(state)].count >= 0 {
            if let repetition = repetition(state) {
                return repetition.cut(needed: frame.needed, left: frame.left, vocabularySize: trie.vocabularySize)
            }
        } else if let key = commonKey(state) {
            if let cut = trie.common.withLock({ $0[key] }) { return cut }
            let cut = Walk.cut(program, trie, from: [0], state, count)
            trie.common.withLock { common in
                if common.count > Self.mostCuts { common = [:] }
                common[key] = cut
            }
            return cut
        }
        return Walk.cut(program, trie, from: [0], state, count)
    }

    private func repetition(_ state: Int32) -> Repetition? {
        if let known = memory.withLock({ $0.repetitions[state] }) { return known }
        let repetition = Walk.repetition(program, trie, state)
        memory.withLock { $0.repetitions[state] = .some(repetition) }
        return repetition
    }

    func knownFirsts(_ state: Int32) -> ByteSet? { memory.withLock { $0.admitted[state] } }

    func keepFirsts(_ set: ByteSet, of state: Int32) { memory.withLock { $0.admitted[state] = set } }

    private func commonKey(_ state: Int32) -> TokenTrie.CommonKey? {
        let rule = Int(program.rules[Int(state)])
        return program.signatures[rule].map { .init(signature: $0, state: state - program.starts[rule]) }
    }
}

extension CompiledGrammar.Memory {
    fileprivate mutating func makeRoom() {
        count += 1
        guard count > CompiledGrammar.mostCuts else { return }
        (firsts, nexts, count) = ([:], [:], 1)
    }
}
