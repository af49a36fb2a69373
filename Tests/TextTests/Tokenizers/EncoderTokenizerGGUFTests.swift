import Testing
import Text

/// The tokenizers of encoders as GGUF files have them.
@Suite struct EncoderTokenizerGGUFTests {
    private typealias Example = EncoderTokenizerTests.Example

    @Test(arguments: ["uncased", "cased"]) func wordsAreTheSame(name: String) throws {
        let example = try Example(name), plain = try TokenizerSpecification(tokenizerJSON: example.file)
        let kinds = plain.tokens.indices.map { plain.kinds.isEmpty ? 1 : Int(plain.kinds[$0].rawValue) }
        let spelt = zip(plain.tokens, kinds).map { token, kind in
            guard kind == 1 else { return token }
            return token.utf8.starts(with: "##".utf8)
                ? String(decoding: token.utf8.dropFirst(2), as: UTF8.self) : "▁" + token
        }
        let specification = try TokenizerSpecification(
            ggufWords: spelt,
            tokenTypes: kinds,
            first: plain.bos,
            separator: plain.eos,
            unknown: plain.unknown,
            padding: plain.pad
        )
        let (ours, theirs) = (try Tokenizer(specification), try example.tokenizer())
        // A token that goes on with the mark itself is one that begins a word, in the format's spelling.
        let differing = zip(specification.tokens, plain.tokens).filter { $0 != $1 }
        #expect(differing.allSatisfy { $1.hasPrefix("##▁") } && specification.kind == plain.kind)
        for text in TokenizerGolden.texts where !text.contains("▁") {
            #expect(ours.encode(text) == theirs.encode(text), "\(text.debugDescription)")
        }
        #expect(ours.encode("a", with: "b").ids == theirs.encode("a", with: "b").ids)
    }

    @Test func piecesAreTheSame() throws {
        let example = try Example("xlm-roberta"), plain = try TokenizerSpecification(tokenizerJSON: example.file)
        guard case .mapped(let map, _) = plain.normalization else {
            Issue.record("\(plain.normalization)")
            return
        }
        var specification = try TokenizerSpecification(
            ggufPieces: plain.tokens,
            scores: plain.scores.map(Float.init),
            tokenTypes: plain.kinds.map { Int($0.rawValue) },
            map: map.bytes,
            squeezes: true,
            addSpacePrefix: true
        )
        (specification.bos, specification.eos, specification.unknown) = (plain.bos, plain.eos, plain.unknown)
        (specification.addsBOS, specification.addsEOS, specification.pad) = (true, true, plain.pad)
        #expect(specification.kind == plain.kind && specification.normalization == plain.normalization)
        let (ours, theirs) = (try Tokenizer(specification), try example.tokenizer())
        for text in TokenizerGolden.texts {
            #expect(ours.encode(text) == theirs.encode(text), "\(text.debugDescription)")
        }
    }

    @Test func aDamagedTableIsRefused() {
        #expect(throws: TokenizerError.self) {
            try TokenizerSpecification(
                ggufPieces: ["a"],
                scores: [0],
                tokenTypes: [1],
                map: [1, 2, 3],
                squeezes: true,
                addSpacePrefix: true
            )
        }
    }
}
