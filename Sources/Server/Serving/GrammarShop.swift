package import Grammars
import Synchronization

/// Compiles grammars for one model's vocabulary, each once as long as it is asked for now and then.
public final class GrammarShop: Sendable {
    private static let capacity = 128

    private let vocabulary: any Vocabulary
    private let ends: Set<Int>
    private let controls: [(id: Int, spelling: String)]
    private let state = Mutex(State())

    fileprivate struct Key: Hashable {
        var name: String, shown: Set<Int>
    }

    fileprivate struct State {
        var tries: [Set<Int>: TokenTrie] = [:]
        var grammars: [Key: (grammar: CompiledGrammar, used: Int)] = [:]
        var clock = 0
    }

    /// - Parameters:
    ///   - ends: the tokens that end an answer.
    ///   - controls: the tokens that steer the model and are no part of the text.
    package init(_ vocabulary: any Vocabulary, ends: Set<Int>, controls: Set<Int>) {
        (self.vocabulary, self.ends) = (vocabulary, ends)
        self.controls = controls.sorted().map { ($0, vocabulary.token($0) ?? "") }
    }

    /// The control tokens that are spelt out in these texts.
    package func shown(in texts: [String]) -> Set<Int> {
        Set(
            controls.filter { control in !control.spelling.isEmpty && texts.contains { $0.contains(control.spelling) } }
                .map(\.id)
        )
    }

    /// The grammar of that name, made if it is not there.
    ///
    /// - Parameter shown: control tokens that count as the text they are spelt as; others are never chosen.
    package func compiled(
        _ name: String,
        showing shown: Set<Int> = [],
        _ make: () throws(GrammarError) -> Grammar
    ) throws(GrammarError) -> CompiledGrammar {
        let key = Key(name: name, shown: shown)
        if let known = state.withLock({ $0.find(key) }) { return known }
        let grammar = try CompiledGrammar(make(), for: trie(shown))
        grammar.prepare()
        state.withLock { $0.keep(grammar, key, Self.capacity) }
        return grammar
    }

    private func trie(_ shown: Set<Int>) -> TokenTrie {
        if let trie = state.withLock({ $0.tries[shown] }) { return trie }
        let hidden = Set(controls.map(\.id)).subtracting(shown)
        let trie = TokenTrie(count: vocabulary.vocabularySize, ends: ends) { id in
            hidden.contains(id) ? nil : vocabulary.bytes(of: id)
        }
        return state.withLock { state in
            let kept = state.tries[shown] ?? trie
            state.tries[shown] = kept
            return kept
        }
    }
}

extension GrammarShop.State {
    fileprivate mutating func find(_ key: GrammarShop.Key) -> CompiledGrammar? {
        clock += 1
        grammars[key]?.used = clock
        return grammars[key]?.grammar
    }

    fileprivate mutating func keep(_ grammar: CompiledGrammar, _ key: GrammarShop.Key, _ capacity: Int) {
        clock += 1
        grammars[key] = (grammar, clock)
        guard grammars.count > capacity, let oldest = grammars.min(by: { $0.value.used < $1.value.used })?.key else {
            return
        }
        grammars[oldest] = nil
    }
}
