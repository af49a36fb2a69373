import Inference
import Text

/// Turns what engines say of generations into the events of one answer.
struct Storyteller: Sendable {
    private let generationsPerPrompt: Int
    private let reading: Reading?
    private var begun: Set<Int> = []
    private var readers: [Int: CallReader] = [:]
    private var sieves: [Int: ThoughtSieve] = [:]
    /// Tokens whose words are held back.
    private var tokens: [Int: [TokenScore]] = [:]
    private(set) var outcome: Outcome
    /// Why the answer cannot go on.
    private(set) var failure: APIError?

    /// - Parameter loading: how long the model took to open.
    init(_ order: Order, loading: Duration = .zero) {
        (generationsPerPrompt, reading) = (order.generationsPerPrompt, order.reading)
        outcome = Outcome(loading: loading, prediction: order.prediction.count)
    }

    mutating func tell(_ event: GenerationEvent, of choice: Int, _ write: (AnswerEvent) -> Void) {
        if case .finished(.cancelled, _) = event { return failure = .cut }
        if begun.insert(choice).inserted { write(.began(choice: choice, promptScores: event.promptScores)) }
        switch event {
        case .promptScores: break
        case .delta(let text, let tokens): tell(text, tokens, of: choice, write)
        case .finished(let reason, let usage):
            let rest = readers[choice]?.finish() ?? []
            tell(rest, of: choice, write)
            let late = (tokens[choice] ?? []) + (sieves[choice]?.finish() ?? [])
            let left = late.filter { $0.logprob != nil }
            if !left.isEmpty { write(.delta(choice: choice, text: "", tokens: left)) }
            outcome.add(usage, prompt: choice / generationsPerPrompt, thoughts: sieves[choice]?.count ?? 0)
            let hasCalls = readers[choice].map { $0.count > 0 } ?? false
            write(.finished(choice: choice, Ending(reason: reason, hasCalls: hasCalls), outcome))
        }
    }

    private mutating func tell(_ text: String, _ more: [TokenScore], of choice: Int, _ write: (AnswerEvent) -> Void) {
        guard let reading else { return write(.delta(choice: choice, text: text, tokens: more)) }
        sieves[choice] = sieves[choice] ?? reading.sieve()
        tokens[choice, default: []] += sieves[choice]?.pass(more) ?? more
        let events = readers[choice, default: reading.reader()].append(text)
        tell(events, of: choice, write)
    }

    private mutating func tell(_ events: [CallReader.Event], of choice: Int, _ write: (AnswerEvent) -> Void) {
        for event in events {
            switch event {
            case .thought(let text): write(.thought(choice: choice, text: text))
            case .words(let text):
                write(.delta(choice: choice, text: text, tokens: tokens[choice] ?? []))
                tokens[choice] = []
            case .call(let index, let name):
                write(.call(choice: choice, index: index, id: reading?.id(choice, index) ?? "", name: name))
            case .arguments(let index, let text): write(.arguments(choice: choice, index: index, text: text))
            }
        }
    }

    var end: AnswerEvent { .ended(outcome) }
}

extension GenerationEvent {
    fileprivate var promptScores: [TokenScore] {
        if case .promptScores(let scores) = self { scores } else { [] }
    }
}
