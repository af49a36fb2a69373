import Foundation
import TestSupport
import Testing
import Text

@Suite struct UnigramTrainerTests {
    @Test func theResultDoesNotDependOnThreadsOrOrder() throws {
        var random = SplitMix(seed: 1)
        let settings = UnigramTrainer.Settings(vocabularySize: 2600, coverage: 0.99, threads: 1)
        let first = try UnigramTrainer(settings).train(on: TrainingGolden.corpus)
        for threads in [1, 2, 5] {
            var settings = settings
            settings.threads = threads
            let again = try UnigramTrainer(settings).train(on: TrainingGolden.corpus.shuffled(using: &random))
            #expect(again.tokens == first.tokens && again.scores == first.scores)
        }
    }

    @Test(arguments: [UnigramTrainer.Words.ofOneClass, .betweenSpaces])
    func whatWasTrainedEncodesAndDecodes(words: UnigramTrainer.Words) throws {
        let settings = UnigramTrainer.Settings(
            vocabularySize: 3000,
            specialTokens: ["<|im_end|>"],
            coverage: 0.99,
            words: words
        )
        let tokenizer = try Tokenizer(UnigramTrainer(settings).train(on: TrainingGolden.corpus))
        #expect(tokenizer.vocabularySize == 3000)
        for text in TokenizerGolden.texts where !text.contains("▁") {
            #expect(tokenizer.decode(tokenizer.encode(text)) == text)
        }
        for bytes in TokenizerGolden.bytes {
            #expect(tokenizer.encode(bytes: bytes).flatMap(tokenizer.bytes(of:)) == bytes)
        }
        #expect(tokenizer.encode("a<|im_end|>").last == 1)
        #expect(!tokenizer.encode("a<|im_end|>", parseSpecial: false).contains(1))
    }

    /// The reference's trainer, given as many pieces of the same text.
    @Test func textTakesNoMoreTokensThanWithTheReference() throws {
        let reference = try TokenizerSpecification(tokenizerJSON: TrainingGolden("unigram-never").file)
        let settings = UnigramTrainer.Settings(
            vocabularySize: reference.tokens.count,
            specialTokens: ["<s>", "</s>"],
            coverage: 1,
            words: .betweenSpaces
        )
        let trained = try UnigramTrainer(settings).train(on: TrainingGolden.corpus)
        let text = TrainingGolden.corpus.joined()
        let (ours, theirs) = (try Tokenizer(trained).encode(text), try Tokenizer(reference).encode(text))
        #expect(trained.tokens.count == reference.tokens.count)
        #expect(Double(ours.count) < 1.01 * Double(theirs.count), "\(ours.count) and \(theirs.count)")
    }

    /// Expected counts and likelihood are those that adding up every cut gives.
    @Test(arguments: 0..<20)
    func expectationsAreThoseOfAllCutsTogether(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let seeds = Set((0..<12).map { _ in Self.symbols(.random(in: 2...4, using: &random), using: &random) })
        let pieces = seeds.sorted { $0.lexicographicallyPrecedes($1) }
        let model = PieceModel(alphabet: 3, pieces.map { ($0, .random(in: 1...9, using: &random)) })
        let runs = (0..<9).map { length in (Self.symbols(length, using: &random), 1 + length % 3) }
        let result = model.expectations(of: PieceRuns(runs), threads: 1 + seed % 3)
        var counts = [Double](repeating: 0, count: model.count), likelihood = 0.0
        for (run, count) in runs where !run.isEmpty {
            let cuts = Self.cuts(run[...], model)
            let sum = cuts.reduce(0) { $0 + exp($1.score) }
            likelihood += Double(count) * log(sum)
            for cut in cuts { for piece in cut.pieces { counts[piece] += Double(count) * exp(cut.score) / sum } }
        }
        #expect(abs(result.likelihood - likelihood) < 1e-9 * abs(likelihood))
        for (ours, plain) in zip(result.counts, counts) { #expect(abs(ours - plain) < 1e-9) }
    }

    private static func symbols(_ count: Int, using random: inout SplitMix) -> [UInt32] {
        (0..<count).map { _ in .random(in: 0..<3, using: &random) }
    }

    /// Every way to cut the run into pieces, with the sum of the scores.
    private static func cuts(_ run: ArraySlice<UInt32>, _ model: PieceModel) -> [(pieces: [Int], score: Double)] {
        guard !run.isEmpty else { return [([], 0)] }
        return model.pieces.indices.filter { run.starts(with: model.pieces[$0]) }.flatMap { piece in
            cuts(run.dropFirst(model.pieces[piece].count), model).map {
                ([piece] + $0.pieces, model.scores[piece] + $0.score)
            }
        }
    }

    @Test(arguments: [
        (UnigramTrainer.Settings(), [], TokenizerTrainingError.noText),
        (UnigramTrainer.Settings(vocabularySize: 300), ["a"], .vocabularyTooSmall(300, needed: 352)),
        (UnigramTrainer.Settings(specialTokens: ["<unk>"]), ["a"], .repeatedSpecialToken("<unk>")),
    ])
    func whatCannotBeTrainedIsRefused(
        settings: UnigramTrainer.Settings,
        text: [String],
        error: TokenizerTrainingError
    ) {
        #expect(throws: error) { try UnigramTrainer(settings).train(on: text) }
    }
}
