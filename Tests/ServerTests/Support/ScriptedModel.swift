import Inference
import Server
import Synchronization
import Text

/// Says a script, a byte a token, through an engine such as real models have. Where something else was written, because a
/// grammar asked for it, it goes on behind the place of the script that looks most like it.
struct ScriptedModel: GenerativeModel {
    var card = ModelCard(name: "fake", created: 1_700_000_000, contextLength: 4096, chatTemplate: "{{ messages }}")
    let grammars = GrammarShop(ByteVocabulary(), ends: [257], controls: [256, 257])
    private let engine: Engine

    /// - Parameters:
    ///   - opening: what the prompt ends with.
    ///   - watch: is shown each step before it runs, and may take its time.
    init(
        _ script: String,
        opening: String = "",
        options: Engine.Options = Engine.Options(),
        watch: @escaping @Sendable (Plan) -> Void = { _ in }
    ) {
        self.opening = Self.start + opening
        let runner = ScriptRunner(self.opening + script, watch: watch)
        engine = Engine(runner: runner, voice: ByteVoice(), contextLength: 4096, options: options)
    }

    /// What tells the prompt's end from the rest.
    private static let start = "\u{2}"
    private let opening: String

    var vocabulary: any Vocabulary { ByteVocabulary() }
    var defaults: Sampling { .greedy }
    var statistics: EngineStatistics { engine.statistics }
    var keptEngine: Engine? { nil }
    var isIdle: Bool { statistics.running + statistics.waiting == 0 }

    func render(_ conversation: Conversation) throws -> String {
        let turns = conversation.messages.map { "\($0.role.rawValue):\($0.content?.text ?? "-")\n" }.joined()
        guard conversation.extra["enable_thinking"] != false else { return turns + Self.start + "/" }
        return turns + opening
    }

    func generate(_ request: GenerationRequest) throws(EngineError) -> GenerativeModel.Events {
        try engine.generate(request)
    }
}

/// Tokens are bytes; characters come out whole.
private struct ByteVoice: Voice, Speaker {
    let endOfGeneration: Set<Int> = [257]
    private var held: [UInt8] = []

    func makeSpeaker(showing shown: Set<Int>) -> any Speaker { ByteVoice() }

    mutating func append(_ id: Int) -> String {
        guard id < 256 else { return "" }
        held.append(UInt8(id))
        guard let text = String(validating: held, as: UTF8.self) else { return "" }
        held = []
        return text
    }
}

private final class ScriptRunner: Runner {
    let vocabulary = 258, blocks = 512
    private let script: [Int32]
    private let memory: Mutex<[Int32]>
    private let watch: @Sendable (Plan) -> Void

    init(_ script: String, watch: @escaping @Sendable (Plan) -> Void) {
        (self.script, self.watch) = (script.utf8.map(Int32.init), watch)
        memory = Mutex(Array(repeating: -1, count: blocks * 16))
    }

    func run(_ plan: Plan, _ body: (Logits) -> Void) throws {
        watch(plan)
        let logits = memory.withLock { memory in
            plan.slices.flatMap { slice in
                func place(_ position: Int) -> Int { Int(slice.blocks[position / 16]) * 16 + position % 16 }
                for row in slice.rows { memory[place(slice.start + row - slice.rows.lowerBound)] = plan.tokens[row] }
                return plan.outputs[slice.outputs].flatMap { output in
                    let last = slice.start + output - slice.rows.lowerBound
                    return row(after: (max(0, last - 23)...last).map { memory[place($0)] })
                }
            }
        }
        logits.withUnsafeBufferPointer(body)
    }

    /// Loud for what the script has behind the longest of its parts that the text ends with.
    private func row(after text: [Int32]) -> [Float] {
        let ends = script.indices.map { end in
            zip(script[...end].reversed(), text.reversed()).prefix { $0 == $1 }.count
        }
        let place = ends.indices.max { ends[$0] < ends[$1] || ends[$0] == ends[$1] && $0 > $1 } ?? 0
        var row = [Float](repeating: 0, count: vocabulary)
        row[Int(UInt8(ascii: "\""))] = 2
        row[Int(UInt8(ascii: "}"))] = 1
        row[257] = 3
        row[place + 1 < script.count ? Int(script[place + 1]) : 257] = 10
        return row
    }
}
