import Checkpoints
import Foundation
import Inference
import Models
import TestSupport
import Testing
import Text

@Suite struct ServedModelTests {
    static let letters = (0..<96).map { "t\($0)" }

    func served(tokens: Int = 96, _ options: ServedModel.Options = .init()) throws -> ServedModel {
        let specification = TokenizerSpecification(
            kind: .sentencePieceBPE(addsSpacePrefix: false),
            tokens: Array(Self.letters.prefix(tokens)),
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

    @Test func aSmallCacheShortensTheContext() throws {
        var options = Engine.Options()
        options.cacheTokens = 40
        #expect(try Engine(served(), options: options).contextLength == 48)
    }

    @Test func tokenizerAndNetworkMustAgree() {
        #expect(throws: ServedModelError.vocabularyMismatch(tokens: 95, rows: 96)) { try served(tokens: 95) }
    }

    @Test func aFileWithoutATokenizerSaysSo() {
        let path = Golden.folder.appending(path: "Checkpoints/tiny-llama.gguf").path
        #expect(throws: ServedModelError.missingMetadata("tokenizer.ggml.model")) {
            try ServedModel.open(path: path, name: "tiny")
        }
    }
}
