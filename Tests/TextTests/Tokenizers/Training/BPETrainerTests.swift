import TestSupport
import Testing
import Text

@Suite struct BPETrainerTests {
    @Test(arguments: TrainingGolden.bytePairs, [1, 2, 5])
    func tokensAndMergesAreThoseOfTheReference(_ golden: TrainingGolden, threads: Int) throws {
        let settings = BPETrainer.Settings(
            vocabularySize: golden.root["size"]!.integer!,
            minimumFrequency: golden.root["least"]!.integer!,
            specialTokens: golden.root["special"]!.array!.compactMap(\.string),
            preTokenizer: try PreTokenizer(named: golden.root["pre"]!.string!),
            includesAllBytes: golden.root["allBytes"]!.bool!,
            threads: threads
        )
        let trained = try BPETrainer(settings).train(on: TrainingGolden.corpus)
        let reference = try TokenizerSpecification(tokenizerJSON: golden.file)
        #expect(trained.tokens == reference.tokens)
        #expect(trained.merges == reference.merges)
        #expect(trained.kinds == reference.kinds)
    }

    /// Words of few letters, so that counts are often equal and pairs overlap.
    @Test(arguments: 0..<60)
    func mergesAreThoseOfThePlainAlgorithm(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let letters = Array("abc我"), repeats = 1 + seed % 3
        let words = (0..<60).map { _ in
            String((0..<Int.random(in: 1...12, using: &random)).map { _ in letters.randomElement(using: &random)! })
        }
        let chunks = words.flatMap { Array(repeating: $0, count: Int.random(in: 1...repeats, using: &random)) }
        let plain = PlainTrainer(chunks).merges(upTo: 60)
        var settings = BPETrainer.Settings(minimumFrequency: 1, preTokenizer: .gpt2, includesAllBytes: false)
        settings.vocabularySize = Set(chunks.joined().utf8).count + plain.count
        #expect(plain.count > 4)
        #expect(try BPETrainer(settings).train(on: chunks.shuffled(using: &random)).merges == plain)
    }

    @Test func rarePairsAreNotMerged() throws {
        let trainer = BPETrainer(.init(vocabularySize: 400, minimumFrequency: 3))
        #expect(try trainer.train(on: ["ab", "ab", "cd", "cd", "cd"]).merges == ["c d"])
    }

    @Test func whatWasTrainedEncodesAndDecodes() throws {
        let trainer = BPETrainer(.init(vocabularySize: 600, specialTokens: ["<|endoftext|>"], preTokenizer: .llama3))
        let tokenizer = try Tokenizer(trainer.train(on: TrainingGolden.corpus))
        #expect(tokenizer.vocabularySize == 600)
        for text in TokenizerGolden.texts { #expect(tokenizer.decode(tokenizer.encode(text)) == text) }
        #expect(tokenizer.encode("a<|endoftext|>").last == 0)
        #expect(!tokenizer.encode("a<|endoftext|>", parseSpecial: false).contains(0))
    }

    @Test func progressGrowsAndMayEndTheTraining() throws {
        struct Enough: Error {}
        var bytes = 0, tokens = 0
        let trainer = BPETrainer(.init(vocabularySize: 2000, threads: 2))
        _ = try trainer.train(on: TrainingGolden.corpus) { progress in
            switch progress {
            case .reading(let read): #expect(read >= bytes); bytes = read
            case .merging(let made, let all): #expect(made >= tokens && all == 2000); tokens = made
            case .pruning: Issue.record("nothing is pruned")
            }
        }
        #expect(bytes == TrainingGolden.corpus.reduce(0) { $0 + $1.utf8.count } && tokens == 2000)
        #expect(throws: Enough.self) { try trainer.train(on: TrainingGolden.corpus) { _ in throw Enough() } }
    }

    @Test(arguments: [
        (BPETrainer.Settings(), [], TokenizerTrainingError.noText),
        (BPETrainer.Settings(), ["", ""], .noText),
        (BPETrainer.Settings(vocabularySize: 100), ["a"], .vocabularyTooSmall(100, needed: 256)),
        (BPETrainer.Settings(specialTokens: ["<s>", "<s>"]), ["a"], .repeatedSpecialToken("<s>")),
        (BPETrainer.Settings(specialTokens: [""]), ["a"], .emptySpecialToken),
    ])
    func whatCannotBeTrainedIsRefused(settings: BPETrainer.Settings, text: [String], error: TokenizerTrainingError) {
        #expect(throws: error) { try BPETrainer(settings).train(on: text) }
    }
}

/// Sennrich et al. 2016, algorithm 1: count all pairs anew for every merge. Of equal pairs the lowest ids win.
private struct PlainTrainer {
    private var words: [[Int]]
    private var tokens: [String]

    /// Every chunk is one word.
    init(_ chunks: [String]) {
        let bytes = Set(chunks.joined().utf8).sorted { Self.letter($0).utf16.first! < Self.letter($1).utf16.first! }
        tokens = bytes.map(Self.letter)
        words = chunks.map { $0.utf8.map { bytes.firstIndex(of: $0)! } }
    }

    private static func letter(_ byte: UInt8) -> String {
        let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        if printable.contains(Int(byte)) { return String(Unicode.Scalar(byte)) }
        let others = (0..<256).filter { !printable.contains($0) }
        return String(Unicode.Scalar(UInt32(0x100 + others.firstIndex(of: Int(byte))!))!)
    }

    /// At most so many merges, and none after one whose token was there before, where counts are no longer plain.
    func merges(upTo limit: Int) -> [String] {
        var trainer = self, merges: [String] = []
        while merges.count < limit, let pair = trainer.best() {
            let token = trainer.tokens[pair[0]] + trainer.tokens[pair[1]]
            guard !trainer.tokens.contains(token) else { break }
            merges.append("\(trainer.tokens[pair[0]]) \(trainer.tokens[pair[1]])")
            trainer.tokens.append(token)
            trainer.merge(pair)
        }
        return merges
    }

    private func best() -> [Int]? {
        var counts: [[Int]: Int] = [:]
        for word in words {
            for (left, right) in zip(word, word.dropFirst()) { counts[[left, right], default: 0] += 1 }
        }
        return counts.min { a, b in
            a.value == b.value ? a.key.lexicographicallyPrecedes(b.key) : a.value > b.value
        }?.key
    }

    private mutating func merge(_ pair: [Int]) {
        words = words.map { word in
            var merged: [Int] = [], index = 0
            while index < word.count {
                let isPair = index + 1 < word.count && word[index] == pair[0] && word[index + 1] == pair[1]
                merged.append(isPair ? tokens.count - 1 : word[index])
                index += isPair ? 2 : 1
            }
            return merged
        }
    }
}
