import Inference
import Text

/// What a dialect is told while an answer comes to be: of each choice its beginning, its text and its end; then the end of all.
enum AnswerEvent: Sendable {
    /// - Parameter promptScores: the likelihood of the prompt's tokens, where it was asked for.
    case began(choice: Int, promptScores: [TokenScore])
    case delta(choice: Int, text: String, tokens: [TokenScore])
    /// What the model thinks before it answers.
    case thought(choice: Int, text: String)
    /// A function is to be called; the calls of a choice are numbered.
    case call(choice: Int, index: Int, id: String, name: String)
    /// More of the text of a call's arguments.
    case arguments(choice: Int, index: Int, text: String)
    /// - Parameter outcome: what all choices cost so far.
    case finished(choice: Int, Ending, Outcome)
    case ended(Outcome)
}

/// An answer gathered whole.
struct Answer: Sendable {
    struct Choice: Sendable {
        var promptScores: [TokenScore] = [], tokens: [TokenScore] = []
        var text = "", thought = "", ending = Ending()
        var calls: [Message.ToolCall] = []

        /// The mean log-probability, by which the best are found.
        fileprivate var quality: Float {
            let known = (promptScores + tokens).compactMap(\.logprob)
            return known.isEmpty ? -.infinity : known.reduce(0, +) / Float(known.count)
        }
    }

    /// Those of the first prompt, those of the second, and so on.
    private(set) var choices: [Choice]
    private(set) var outcome = Outcome()
    private let order: Order

    init(_ order: Order) {
        self.order = order
        choices = Array(repeating: Choice(), count: order.prompts.count * order.generationsPerPrompt)
    }

    mutating func add(_ event: AnswerEvent) {
        switch event {
        case .began(let choice, let scores): choices[choice].promptScores = scores
        case .delta(let choice, let text, let tokens):
            choices[choice].text += text
            choices[choice].tokens += tokens
        case .thought(let choice, let text): choices[choice].thought += text
        case .call(let choice, _, let id, let name):
            choices[choice].calls.append(.init(id: id, name: name, arguments: .string("")))
        case .arguments(let choice, let index, let text):
            let before = choices[choice].calls[index].arguments.string ?? ""
            choices[choice].calls[index].arguments = .string(before + text)
        case .finished(let choice, let ending, _): choices[choice].ending = ending
        case .ended(let outcome):
            self.outcome = outcome
            pickTheBest()
        }
    }

    private mutating func pickTheBest() {
        let size = order.generationsPerPrompt
        guard size > order.choices else { return }
        choices = stride(from: 0, to: choices.count, by: size).flatMap { start in
            choices[start..<start + size].sorted { $0.quality > $1.quality }.prefix(order.choices)
        }
    }
}
