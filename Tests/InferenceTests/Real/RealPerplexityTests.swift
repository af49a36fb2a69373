import Checkpoints
import Foundation
import Inference
import Tensors
import TestSupport
import Testing
import Text

/// Real files on two books, against llama.cpp on the same tokens. What the same weights give in float32 by the reference
/// library is printed beside it, since llama.cpp rounds too (Decision 0008).
@Suite struct RealPerplexityTests {
    struct Reference: Decodable, Sendable, CustomTestStringConvertible {
        struct Exact: Decodable, Sendable { let perplexity: Double }
        let file, text: String, context, chunks, scored: Int, bos: Int?, perplexity: Double, exact: Exact

        var testDescription: String { "\(file) on \(text)" }
    }

    private struct References: Decodable { let entries: [Reference] }

    static let references: [Reference] = {
        let url = Golden.folder.appending(path: "Models/perplexity.json")
        let data = (try? Data(contentsOf: url)) ?? Data()
        return ((try? JSONDecoder().decode(References.self, from: data))?.entries ?? [])
    }()

    static let here = references.filter { RealModels.path($0.file) != nil }

    @Test func theReferencesCoverThreeFilesAndTwoTexts() {
        #expect(Self.references.count == 6)
    }

    @Test(.enabled(if: !here.isEmpty, "no model of Tests/Golden/Models/perplexity.json is here"), arguments: here)
    func perplexityIsThatOfTheReferences(reference: Reference) throws {
        let served = try ServedModel.open(path: #require(RealModels.path(reference.file)), name: "real")
        let text = try String(contentsOf: Golden.folder.appending(path: "Models/\(reference.text)"), encoding: .utf8)
        let tokens = served.tokenizer.encode(text, addSpecial: false)
        func measured(_ type: CacheType) throws -> Perplexity {
            try perplexity(
                of: tokens,
                served.model,
                context: reference.context,
                bos: reference.bos,
                chunks: reference.chunks,
                cacheType: type
            )
        }
        let result = try measured(.f16), loss = try measured(.q8_0).value / result.value - 1
        #expect(result.scored == reference.scored)
        let figures = "\(result.value), llama.cpp \(reference.perplexity), exact \(reference.exact.perplexity)"
        #expect(abs(result.value / reference.perplexity - 1) < 0.005, "\(figures)")
        #expect(abs(loss) < 0.015, "what a cache of bytes costs")
        print("perplexity of \(reference.testDescription): \(figures); a cache of bytes: \(loss * 100) %")
    }
}
