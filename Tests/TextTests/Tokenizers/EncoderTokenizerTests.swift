import Foundation
import Testing
import Text

/// The tokenizers of encoders against the reference library's ids.
@Suite struct EncoderTokenizerTests {
    static let names = ["uncased", "cased", "xlm-roberta", "xlm-roberta-squeezed"]

    struct Example {
        struct Pair { let texts: [String], ids, segments: [Int] }

        let file: JSON, special: [[Int]], plain: [Int: [Int]], pairs: [Pair]

        init(_ name: String) throws {
            let folder = URL(filePath: #filePath).appending(path: "../../../Golden/Text").standardized
            let data = try Data(contentsOf: folder.appending(path: "tokenizer-encoder-\(name).json"))
            let json = JSONField(try JSON(parsing: data))
            func ids(_ field: JSONField) throws -> [Int] { try field.elements.map { try $0.integer } }
            file = try #require(json["tokenizer"].value)
            special = try json["special"].elements.map(ids)
            plain = Dictionary(
                uniqueKeysWithValues: try json["plain"].object.map { (Int($0) ?? -1, try ids(JSONField($1))) }
            )
            pairs = try json["pairs"].elements.map { pair in
                Pair(
                    texts: try pair["texts"].elements.map { try $0.string },
                    ids: try ids(pair["ids"]),
                    segments: try ids(pair["segments"])
                )
            }
        }

        func tokenizer() throws -> Tokenizer { try Tokenizer(TokenizerSpecification(tokenizerJSON: file)) }
    }

    @Test(arguments: names) func idsAreThoseOfTheReferenceLibrary(name: String) throws {
        let example = try Example(name), tokenizer = try example.tokenizer()
        let special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        for (index, text) in TokenizerGolden.texts.enumerated() {
            #expect(tokenizer.encode(text) == example.special[index], "\(text.debugDescription)")
            // What spells a special token is text like any other here.
            guard !special.contains(where: text.contains) else { continue }
            let plain = example.plain[index] ?? Array(example.special[index].dropFirst().dropLast())
            let found = tokenizer.encode(text, addSpecial: false, parseSpecial: false)
            #expect(found == plain, "\(text.debugDescription)")
        }
    }

    @Test(arguments: names) func twoTextsAreReadTogether(name: String) throws {
        let example = try Example(name), tokenizer = try example.tokenizer()
        #expect(tokenizer.readsPairs)
        for pair in example.pairs.dropLast() {
            let found = tokenizer.encode(pair.texts[0], with: pair.texts[1])
            #expect(found.ids == pair.ids)
            if name.hasSuffix("cased") { #expect(found.segments == pair.segments) }
        }
    }

    @Test(arguments: names) func aWrittenFileIsTheSameTokenizer(name: String) throws {
        let example = try Example(name), specification = try TokenizerSpecification(tokenizerJSON: example.file)
        let again = try Tokenizer(TokenizerSpecification(tokenizerJSON: specification.tokenizerJSON()))
        let tokenizer = try example.tokenizer()
        for text in TokenizerGolden.texts { #expect(again.encode(text) == tokenizer.encode(text)) }
        let (one, other) = (tokenizer.encode("a", with: "b"), again.encode("a", with: "b"))
        #expect(one.ids == other.ids && one.segments == other.segments)
    }

    @Test(arguments: ["uncased", "xlm-roberta"]) func whatIsReadIsWords(name: String) throws {
        let tokenizer = try Example(name).tokenizer()
        let ids = tokenizer.encode("hello world")
        #expect(tokenizer.decode(ids, skipSpecial: true) == "hello world")
    }

    @Test(arguments: 0..<64) func damagedTablesAreRefusedOrHarmless(cut: Int) throws {
        let example = try Example("xlm-roberta")
        let text = JSONField(example.file)["normalizer"]["precompiled_charsmap"]
        var bytes = [UInt8](try #require(Data(base64Encoded: text.string)))
        if cut < 32 { bytes = Array(bytes.prefix(bytes.count * cut / 32)) } else { bytes[cut * 7] ^= 0xFF }
        guard let map = CharacterMap(bytes) else { return }
        var specification = try TokenizerSpecification(tokenizerJSON: example.file)
        specification.normalization = .mapped(map, .split)
        let tokenizer = try Tokenizer(specification)
        for text in TokenizerGolden.texts { _ = tokenizer.encode(text) }
    }

    @Test func aWordPieceTokenizerWithoutAnUnknownTokenIsRefused() throws {
        let specification = TokenizerSpecification(kind: .wordPiece(WordPieceRules()), tokens: ["a"])
        #expect(throws: TokenizerError.missing(field: "an unknown token", model: "WordPiece")) {
            try Tokenizer(specification)
        }
    }
}
