import Models
import Tensors

/// What is measured.
struct Work: Encodable {
    enum Kind: String, Encodable { case prompt, generation }

    let kind: Kind
    /// Tokens of each sequence, and how many it has before.
    let tokens, depth: Int
    /// Sequences at once.
    let batch: Int

    init(_ kind: Kind, _ tokens: Int, depth: Int = 0, batch: Int = 1) {
        (self.kind, self.tokens, self.depth, self.batch) = (kind, tokens, depth, batch)
    }

    var label: String {
        let what = kind == .prompt ? "prompt of \(tokens)" : "generation of \(batch) x \(tokens)"
        return depth > 0 ? "\(what) after \(depth)" : what
    }

    static func everything(_ generate: Int) -> [Work] {
        [512, 4096].map { Work(.prompt, $0) } + [0, 4096].map { Work(.generation, generate, depth: $0) }
            + [4, 8, 16, 32].map { Work(.generation, generate, batch: $0) }
    }
}

/// Texts of no meaning, which cost what others cost.
enum MadeUpText {
    static func token(_ position: Int, of text: Int, _ vocabulary: Int) -> Int {
        (text * 31 + position * 7) % vocabulary
    }

    static func tokens(_ count: Int, of text: Int, _ vocabulary: Int) -> [Int] {
        (0..<count).map { token($0, of: text, vocabulary) }
    }
}

/// Times a network's forward passes, without tokenizer, sampler or server.
struct SpeedMeter {
    private let model: any LanguageModel, cache: KeyValueCache, work: Work, blocksEach: Int

    init(_ model: any LanguageModel, _ shape: CacheShape, _ work: Work) {
        (self.model, self.work) = (model, work)
        blocksEach = (work.depth + work.tokens + CacheShape.blockSize - 1) / CacheShape.blockSize
        cache = KeyValueCache(shape, blocks: blocksEach * work.batch)
    }

    /// Tokens a second of all sequences together, time after time.
    func speeds(_ repetitions: Int) -> [Double] { Threads.inPlace { measured(repetitions) } }

    private func measured(_ repetitions: Int) -> [Double] {
        for sequence in 0..<work.batch { read(0..<work.depth, of: sequence) }
        return (0..<repetitions).map { _ in
            let time = ContinuousClock().measure {
                switch work.kind {
                case .prompt: read(0..<work.tokens, of: 0)
                case .generation: generate()
                }
            }
            return Double(work.tokens * work.batch) / (time / .seconds(1))
        }
    }

    /// A prompt, in steps of at most 512 tokens as the engine takes them.
    private func read(_ positions: Range<Int>, of sequence: Int) {
        for start in stride(from: positions.lowerBound, to: positions.upperBound, by: 512) {
            step([(sequence, start..<min(positions.upperBound, start + 512))])
        }
    }

    /// One token a step of every sequence.
    private func generate() {
        for position in work.depth..<work.depth + work.tokens {
            step((0..<work.batch).map { ($0, position..<position + 1) })
        }
    }

    private func step(_ parts: [(sequence: Int, positions: Range<Int>)]) {
        var tokens: [Int32] = [], sequences: [Batch.Sequence] = [], outputs: [Int] = []
        for (sequence, positions) in parts {
            let rows = tokens.count..<tokens.count + positions.count
            let blocks = (0..<blocksEach).map { Int32(sequence * blocksEach + $0) }
            sequences.append(.init(rows: rows, start: positions.lowerBound, blocks: blocks))
            tokens += positions.map { Int32(MadeUpText.token($0, of: sequence, model.vocabulary)) }
            outputs.append(rows.upperBound - 1)
        }
        _ = model(Batch(tokens: tokens, sequences: sequences, outputs: outputs, cache: cache))
    }
}
