import Inference
import Synchronization

/// A network without weights: the logits of a row are a hash of all tokens before it, *as read from the paged cache*.
///
/// So whatever goes wrong with blocks, chunks, sharing or preemption changes the answer.
final class HashRunner: Runner {
    let vocabulary, blocks: Int
    let step: Duration
    private let memory: Mutex<[Int32]>
    /// Called before each pass; throws to make it fail.
    let before: @Sendable (Plan) throws -> Void

    init(
        vocabulary: Int = 50,
        blocks: Int = 64,
        step: Duration = .zero,
        before: @escaping @Sendable (Plan) throws -> Void = { _ in }
    ) {
        (self.vocabulary, self.blocks, self.step, self.before) = (vocabulary, blocks, step, before)
        memory = Mutex(Array(repeating: -1, count: blocks * 16))
    }

    func run(_ plan: Plan, _ body: (Logits) -> Void) throws { try run(plan, remembering: .max, body) }

    func run(_ plan: Plan, remembering count: Int, _ body: (Logits) -> Void) throws {
        try before(plan)
        let logits = memory.withLock { memory in
            plan.slices.flatMap { slice in
                for row in slice.rows { memory[place(slice, row)] = plan.tokens[row] }
                return plan.outputs[slice.outputs].flatMap { output in
                    let last = slice.start + output - slice.rows.lowerBound
                    let text = (0...last).map { memory[Int(slice.blocks[$0 / 16]) * 16 + $0 % 16] }
                    return Self.logits(after: text.suffix(count), vocabulary)
                }
            }
        }
        logits.withUnsafeBufferPointer(body)
    }

    private func place(_ slice: Plan.Slice, _ row: Int) -> Int {
        let position = slice.start + row - slice.rows.lowerBound
        return Int(slice.blocks[position / 16]) * 16 + position % 16
    }

    static func logits(after text: some Sequence<Int32>, _ vocabulary: Int) -> [Float] {
        let hash = text.reduce(into: 17 as UInt64) { $0 = ($0 ^ UInt64($1 + 1)) &* 0x1_0000_01b3 }
        var random = Lottery(seed: hash)
        return (0..<vocabulary).map { _ in Float(random.next() >> 40) / Float(1 << 22) }
    }

    /// What the engine must answer, computed without an engine.
    static func answer(to request: GenerationRequest, vocabulary: Int = 50, count: Int) -> [Int] {
        var text = request.prompt.map(Int32.init), answer: [Int] = []
        var sampler = Sampler(), history = History(prompt: request.prompt)
        let chance = Chance(seed: request.sampling.seed ?? 0)
        while answer.count < count {
            let id = logits(after: text, vocabulary).withUnsafeBufferPointer {
                sampler.sample($0, request.sampling, history: history, chance: chance[answer.count])!
            }
            history.append(id)
            answer.append(id)
            text.append(Int32(id))
        }
        return answer
    }
}

/// Says the next token loudly: each is one more than the last.
struct CountingRunner: Runner {
    var vocabulary = 30, blocks = 64
    var odd: @Sendable (Int32) -> Float? = { _ in nil }

    func run(_ plan: Plan, _ body: (Logits) -> Void) {
        plan.outputs.flatMap { row in
            let token = plan.tokens[row]
            return (0..<vocabulary).map { odd(token) ?? ($0 == (Int(token) + 1) % vocabulary ? 10 : 0) }
        }.withUnsafeBufferPointer(body)
    }
}

/// Likes to say what it said after the same four tokens before; ends now and then.
struct EchoRunner: Runner {
    var vocabulary = 5, blocks = 64
    private let network: HashRunner

    init(blocks: Int) {
        self.blocks = blocks
        network = HashRunner(vocabulary: 5, blocks: blocks)
    }

    func run(_ plan: Plan, _ body: (Logits) -> Void) throws {
        try network.run(plan, remembering: 4) { logits in
            var louder = logits.map { $0 / 1.2 }
            for end in stride(from: 4, to: louder.count, by: 5) { louder[end] -= 1.5 }
            louder.withUnsafeBufferPointer(body)
        }
    }
}

/// Says the same of every row.
struct SteadyRunner: Runner {
    let row: [Float]
    var vocabulary: Int { row.count }
    var blocks: Int { 64 }

    func run(_ plan: Plan, _ body: (Logits) -> Void) {
        plan.outputs.flatMap { _ in row }.withUnsafeBufferPointer(body)
    }
}

/// Tokens are spelt by a list; one that is missing ends the answer.
struct SpelledVoice: Voice, Speaker {
    var words: [String]
    var endOfGeneration: Set<Int> = []

    func makeSpeaker(showing shown: Set<Int>) -> any Speaker { self }
    func append(_ id: Int) -> String { words.indices.contains(id) ? words[id] : "" }

    static let letters = SpelledVoice(
        words: (0..<26).map { String(UnicodeScalar(UInt8(97 + $0))) },
        endOfGeneration: [29]
    )
}
