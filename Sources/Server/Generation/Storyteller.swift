import Inference

/// Turns what engines say of generations into the events of one answer.
struct Storyteller: Sendable {
    private let generationsPerPrompt: Int
    private var begun: Set<Int> = []
    private(set) var outcome = Outcome()
    /// Why the answer cannot go on.
    private(set) var failure: APIError?

    init(_ order: Order) { generationsPerPrompt = order.generationsPerPrompt }

    mutating func tell(_ event: GenerationEvent, of choice: Int, _ write: (AnswerEvent) -> Void) {
        if case .finished(.cancelled, _) = event { return failure = .cut }
        if begun.insert(choice).inserted { write(.began(choice: choice, promptScores: event.promptScores)) }
        switch event {
        case .promptScores: break
        case .delta(let text, let tokens): write(.delta(choice: choice, text: text, tokens: tokens))
        case .finished(let reason, let usage):
            outcome.add(usage, prompt: choice / generationsPerPrompt)
            write(.finished(choice: choice, reason, outcome))
        }
    }

    var end: AnswerEvent { .ended(outcome) }
}

extension GenerationEvent {
    fileprivate var promptScores: [TokenScore] {
        if case .promptScores(let scores) = self { scores } else { [] }
    }
}
