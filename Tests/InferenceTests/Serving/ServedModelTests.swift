import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Tensors
import TestSupport
import Testing
import Text

@Suite struct ServedModelTests {
    static let letters = (0..<96).map { "t\($0)" }

    func served(
        tokens: Int = 96,
        letters: [String] = letters,
        _ options: ServedModel.Options = .init()
    ) throws -> ServedModel {
        let specification = TokenizerSpecification(
            kind: .sentencePieceBPE(.init()),
            tokens: Array(letters.prefix(tokens)),
            scores: Array(repeating: 0, count: tokens)
        )
        return try ServedModel(
            name: "tiny",
            model: Models.model(InvarianceTests.settings, Weights(RandomWeights(seed: 1))),
            tokenizer: Tokenizer(specification),
            settings: InvarianceTests.settings,
            options: options
        )
    }

    @Test func theContextIsTheModelsOrLess() throws {
        #expect(try served().contextLength == 512)
        #expect(try served(.init(contextLength: 100)).contextLength == 100)
        for asked in [0, 513] {
            #expect(throws: ServedModelError.contextLength(asked: asked, trained: 512)) {
                try served(.init(contextLength: asked))
            }
        }
    }

    @Test func aContextForSeveralModelsIsCutToEach() throws {
        for (asked, most) in [(100, 100), (512, 512), (10_000, 512)] {
            var options = ServedModel.Options(contextLength: asked)
            options.clampsContext = true
            #expect(try served(options).contextLength == most)
        }
    }

    @Test func aSmallCacheShortensTheContext() throws {
        var options = Engine.Options()
        options.cacheTokens = 40
        #expect(try Engine(served(), options: options).contextLength == 48)
    }

    /// Two layers of two heads of 16 coordinates: 256 bytes a position as halves, 144 as bytes with their scales.
    @Test(arguments: [(CacheType.f16, 256), (.q8_0, 448)])
    func theSameMemoryHoldsMoreBytesThanHalves(type: CacheType, positions: Int) throws {
        var options = Engine.Options()
        (options.cacheType, options.cacheBytes) = (type, 256 * 256)
        #expect(try Engine(served(), options: options).contextLength == positions)
    }

    @Test func tokenizerAndNetworkMustAgree() {
        #expect(throws: ServedModelError.vocabularyMismatch(tokens: 95, rows: 96)) { try served(tokens: 95) }
    }

    @Test func aDraftModelMeansTheSameByItsTokens() async throws {
        let request = GenerationRequest(prompt: [3, 1, 4, 1, 5], sampling: .greedy, maxTokens: 60, ignoreEOS: true)
        let plain = try await Engine(served()).generate(request).collect()
        let answer = try await Engine(served().drafted(by: served())).generate(request).collect()
        #expect(answer.text == plain.text && answer.usage.draftedTokens > 0)
        let other = try served(letters: Self.letters.map { $0 == "t7" ? "u7" : $0 })
        #expect(throws: ServedModelError.draftVocabulary("tiny", id: 7, token: "u7", expected: "t7")) {
            try served().drafted(by: other)
        }
    }

    @Test func aFileWithoutATokenizerSaysSo() {
        let path = Golden.folder.appending(path: "Checkpoints/tiny-llama.gguf").path
        #expect(throws: BundleError.missingMetadata("tokenizer.ggml.model")) {
            try ServedModel.open(path: path, name: "tiny")
        }
    }
}
