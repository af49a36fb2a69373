import Inference
import Testing

/// Knows the answer in advance, and lies where told to. Cares for no stakes.
struct Seer: Drafter {
    let answer: [Int]
    var length = 15
    /// Whether the guess of the answer's token at an index shall be wrong.
    var lies: @Sendable (Int) -> Bool = { _ in false }
    private var known = 0

    init(_ answer: [Int], length: Int = 15, lies: @escaping @Sendable (Int) -> Bool = { _ in false }) {
        (self.answer, self.length, self.lies) = (answer, length, lies)
    }

    mutating func append(_ token: Int32) { known += 1 }

    func draft(_ room: Int, _ stakes: inout Stakes, into draft: inout [Int32]) {
        for index in answer.indices.dropFirst(known).prefix(max(0, min(room, length))) {
            draft.append(Int32(lies(index) ? (answer[index] + 1) % 3 : answer[index]))
        }
    }
}

/// How well a test's drafter guesses.
enum Insight: String, CaseIterable, CustomTestStringConvertible {
    case perfect, good, poor, none

    var testDescription: String { rawValue }

    func seer(_ answer: [Int], seed: Int = 0) -> Seer {
        switch self {
        case .perfect: Seer(answer)
        case .good: Seer(answer, length: 1 + seed % 15) { ($0 * 7 + seed) % 6 == 0 }
        case .poor: Seer(answer) { ($0 + seed) % 3 != 0 }
        case .none: Seer(answer) { _ in true }
        }
    }
}
