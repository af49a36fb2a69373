import Foundation
import Testing
import Text

/// What we write is, to the last byte, the file in the golden folder, from which the reference library made the ids
/// beside it. `RECORD_SNAPSHOTS=1` writes the files; then `scripts/golden.py tokenizer_training written` the ids.
@Suite struct WrittenTokenizerTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let specification: @Sendable () throws -> TokenizerSpecification
        var testDescription: String { name }
    }

    static let cases =
        [PreTokenizer.gpt2, .smolLM, .llama3, .qwen2, .gpt4o, .deepSeek3]
        .map { pre in Case(name: pre.rawValue) { try trained(pre) } }
        + [
            Case(name: "llama2") { try TokenizerSpecification(tokenizerJSON: TrainingGolden("marked-llama2").file) },
            Case(name: "scores") { try scored() },
            Case(name: "unigram") { try unigram(prefix: .never) },
            Case(name: "unigram-first") { try unigram(prefix: .first) },
        ]

    /// A byte-level tokenizer of our own, with BOS and EOS, and composition in one of them.
    static func trained(_ pre: PreTokenizer) throws -> TokenizerSpecification {
        let special = ["<s>", "</s>", "<|im_end|>"]
        let trainer = BPETrainer(.init(vocabularySize: 500, specialTokens: special, preTokenizer: pre))
        var specification = try trainer.train(on: TrainingGolden.corpus)
        (specification.bos, specification.eos) = (0, 1)
        (specification.addsBOS, specification.addsEOS) = (pre != .qwen2, pre == .llama3)
        specification.normalization = pre == .qwen2 ? .nfc : .none
        specification.tokens.append("<tool_call>")
        specification.kinds.append(.userDefined)
        return specification
    }

    static func unigram(prefix: TokenizerSpecification.Spaces.Prefix) throws -> TokenizerSpecification {
        let trainer = UnigramTrainer(
            .init(vocabularySize: 2600, specialTokens: ["<s>", "</s>", "<|im_end|>"], coverage: 0.99, prefix: prefix)
        )
        var specification = try trainer.train(on: TrainingGolden.corpus)
        (specification.bos, specification.eos, specification.addsBOS) = (1, 2, true)
        return specification
    }

    /// A vocabulary that has scores and no merges, as GGUF files have it.
    static func scored() throws -> TokenizerSpecification {
        let vocabulary: TokenizerGolden.Vocabulary = TokenizerGolden.load("small-spm")
        let kept = spelled(by: vocabulary)
        return try TokenizerSpecification(
            gguf: "llama",
            pre: nil,
            tokens: kept.map { vocabulary.tokens[$0] },
            scores: kept.map { vocabulary.scores![$0] },
            tokenTypes: kept.map { vocabulary.token_type[$0] },
            unknown: kept.firstIndex { vocabulary.tokens[$0] == "<unk>" },
            addSpacePrefix: false
        )
    }

    /// The tokens that two others spell, and all that is needed to spell them.
    private static func spelled(by vocabulary: TokenizerGolden.Vocabulary) -> [Int] {
        let ids = vocabulary.tokens.indices
        // An added run of spaces is found in a literal `▁▁` too, since both are spaces here, and not by the reference.
        let short = ids.filter { !vocabulary.tokens[$0].hasPrefix("  ") }.sorted {
            vocabulary.tokens[$0].unicodeScalars.count < vocabulary.tokens[$1].unicodeScalars.count
        }
        var known: Set<String> = []
        let kept = short.filter { id in
            let scalars = Array(vocabulary.tokens[id].unicodeScalars).map(String.init)
            let isSpelled = (0..<scalars.count).contains { border in
                let halves = [scalars[..<border].joined(), scalars[border...].joined()]
                return border == 0 ? scalars.count == 1 : halves.allSatisfy(known.contains)
            }
            guard isSpelled || vocabulary.token_type[id] != 1 else { return false }
            if vocabulary.token_type[id] == 1 { known.insert(vocabulary.tokens[id]) }
            return true
        }
        return kept.sorted()
    }

    @Test(arguments: cases)
    func theReferenceMakesTheSameIDsOfWhatWeWrite(_ written: Case) throws {
        let specification = try written.specification()
        let text = try specification.tokenizerJSON().text() + "\n"
        let url = TrainingGolden.folder.appending(path: "written-\(written.name).json")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            return try text.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == text, "RECORD_SNAPSHOTS=1 records it anew")
        let golden = TrainingGolden("written-\(written.name).ids")
        TokenizerJSONTests.expectIDs(of: try Tokenizer(specification), golden)
        TokenizerJSONTests.expectIDs(of: try Tokenizer(TokenizerSpecification(tokenizerJSON: text.utf8)), golden)
    }
}
