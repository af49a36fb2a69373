import Foundation
import TestSupport
import Testing
import Text

/// SentencePiece's own files against the ids of its library, and files that are wrong.
@Suite struct SentencePieceFileTests {
    static let names = ["llama", "baichuan", "trimmed"]

    private static func golden(_ name: String) throws -> (file: [UInt8], ids: [[Int]]) {
        let place = Golden.folder.appending(path: "Text/pieces-\(name)")
        let ids = try Data(contentsOf: place.appendingPathExtension("json"))
        return (
            [UInt8](try Data(contentsOf: place.appendingPathExtension("model"))),
            try JSONDecoder().decode([[Int]].self, from: ids)
        )
    }

    @Test(arguments: names) func idsAreThoseOfItsLibrary(name: String) throws {
        let (file, ids) = try Self.golden(name)
        let specification = try TokenizerSpecification(sentencePiece: file)
        let tokenizer = try Tokenizer(specification)
        let written = try Tokenizer(TokenizerSpecification(tokenizerJSON: specification.tokenizerJSON()))
        #expect(ids.count == TokenizerGolden.texts.count)
        var ties = 0
        for (text, expected) in zip(TokenizerGolden.texts, ids) {
            for tokenizer in [tokenizer, written] {
                let found = tokenizer.encode(text, addSpecial: false, parseSpecial: false)
                if found != expected, name == "trimmed", found.sorted() == expected.sorted() {
                    ties += 1
                } else {
                    #expect(found == expected, "\(text.debugDescription)")
                }
            }
        }
        // Ways of the same score: the library sums in 32 bits, `tokenizers` and this house in 64, which round otherwise.
        #expect(ties <= 6)
    }

    @Test func whatFileAndConfigurationSayIsRead() throws {
        let file = try Self.golden("baichuan").file
        let plain = try TokenizerSpecification(sentencePiece: file), count = plain.tokens.count
        let configuration: JSON = [
            "add_bos_token": false, "add_eos_token": true, "eos_token": ["content": "<|im_end|>"], "pad_token": "<unk>",
            "additional_special_tokens": ["<|im_start|>"],
            "added_tokens_decoder": .object([
                "4": ["content": "<|plugin|>", "special": true],
                String(count + 1): ["content": "<|im_end|>", "special": true, "lstrip": true],
            ]),
        ]
        let added: JSON = .object(["<|im_start|>": .integer(count)])
        let found = try TokenizerSpecification(sentencePiece: file, configuration: configuration, added: added)
        #expect(found.tokens[4] == "<|plugin|>" && found.kinds[4] == .control)
        #expect(found.tokens[count...] == ["<|im_start|>", "<|im_end|>"])
        #expect(found.kinds[count...] == [.control, .control] && found.leftStripping == [count + 1])
        #expect(found.bos == 1 && found.eos == count + 1 && found.pad == 0 && found.unknown == 0)
        #expect(!found.addsBOS && found.addsEOS)
        #expect(plain.bos == 1 && plain.eos == 2 && plain.pad == 3 && plain.addsBOS && !plain.addsEOS)
    }

    static let legacies: [(JSON, [String])] = [(.null, [".a", ".a"]), (true, [".a", ".a"]), (false, [".a", "a"])]

    /// The reference library puts a space before every stretch between added tokens, unless it is told that this was a mistake.
    @Test(arguments: legacies)
    func stretchesBeginWithASpace(legacy: JSON, pieces: [String]) throws {
        let file = ProtobufMessage.unigram(["▁a", "a"]).adding(3, ProtobufMessage().adding(4, 0)).bytes
        let specification = try TokenizerSpecification(sentencePiece: file, configuration: ["legacy": legacy])
        let tokenizer = try Tokenizer(specification)
        let ids = tokenizer.encode("a</s>a", addSpecial: false)
        #expect(ids.filter { $0 > 2 }.map { specification.tokens[$0].replacing("▁", with: ".") } == pieces)
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        let file: [UInt8], says: String
        var testDescription: String { says }

        init(_ file: ProtobufMessage, _ says: String) { (self.file, self.says) = (file.bytes, says) }
    }

    private static let sound = ProtobufMessage.unigram(["▁a", "a"])
    private static func piece(_ text: String, type: Int = 1) -> ProtobufMessage {
        ProtobufMessage().adding(1, text).adding(3, type)
    }

    static let damages = [
        Damage(ProtobufMessage(), "vocabulary is empty"),
        Damage(ProtobufMessage().adding(2, ProtobufMessage().adding(3, 1)), "vocabulary is empty"),
        Damage(sound.adding(1, piece("a")), "pieces 4 and 5 are both 'a'"),
        Damage(sound.adding(1, piece("")), "piece 5 is empty"),
        Damage(sound.adding(1, piece("b", type: 9)), "token 5 has the type 9"),
        Damage(sound.adding(1, piece("b", type: -1)), "token 5 has the type -1"),
        Damage(sound.adding(1, piece("<0x41>", type: 6)), "1 of the 256 bytes"),
        Damage(sound.adding(1, piece("byte", type: 6)), "'byte', should be a byte"),
        Damage(sound.adding(1, ProtobufMessage().adding(1, [0xFF, 0xFE])), "piece 5 is not UTF-8"),
        Damage(sound.adding(1, ProtobufMessage().adding(1, "b").adding(2, Float.nan)), "score of piece 5"),
        Damage(sound.adding(1, ProtobufMessage().adding(1, "b").adding(2, 7)), "score of piece 5"),
        Damage(sound.adding(1, 7), "a piece is of another type"),
        Damage(sound.adding(2, ProtobufMessage().adding(41, 1_000_000_000)), "BOS token is 1000000000"),
        Damage(sound.adding(2, ProtobufMessage().adding(42, -2)), "EOS token is -2"),
        Damage(sound.adding(2, ProtobufMessage().adding(3, 3)), "trainer_spec.model_type"),
        Damage(sound.adding(2, ProtobufMessage().adding(3, 2)), "byte_fallback"),
        Damage(sound.adding(2, ProtobufMessage().adding(24, 1)), "treat_whitespace_as_suffix"),
        Damage(sound.adding(3, ProtobufMessage().adding(5, 0)), "escape_whitespaces"),
        Damage(sound.adding(3, ProtobufMessage().adding(2, [1, 2, 3])), "precompiled_charsmap"),
        Damage(ProtobufMessage().adding(1, piece("a")), "needs an unknown token"),
        Damage(sound.appending([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]), "are left"),
        Damage(sound.appending([0x0A] + [UInt8](repeating: 0xFF, count: 11)), "more than 64 bits"),
        Damage(sound.appending([0x0A, 0xFF]), "has no end"),
        Damage(sound.appending([0x0B]), "wire type 3"),
        Damage(sound.appending([0x00, 0x00]), "no number"),
    ]

    @Test(arguments: damages) func aFileThatIsWrongSaysWhatIs(_ damage: Damage) throws {
        let error = try #require(throws: TokenizerError.self) {
            try TokenizerSpecification(sentencePiece: damage.file)
        }
        #expect("\(error)".contains(damage.says))
    }

    @Test(arguments: 0..<64) func damagedFilesAreRefusedOrHarmless(seed: Int) throws {
        let whole = try Self.golden("trimmed").file
        var random = SplitMix(seed: UInt64(seed)), file = whole
        if seed < 32 { file.removeLast(.random(in: 1..<whole.count, using: &random)) }
        for _ in 0..<(seed % 8) {
            let index = Int.random(in: file.indices, using: &random)
            file[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        guard let tokenizer = try? Tokenizer(TokenizerSpecification(sentencePiece: file)) else { return }
        for text in TokenizerGolden.texts { _ = tokenizer.encode(text) }
    }

    static let configurations: [(JSON, String)] = [
        (["added_tokens_decoder": ["x": ["content": "a"]]], "added_tokens_decoder.x"),
        (["added_tokens_decoder": ["9": ["content": "b"]]], "no token has the id 5"),
        (["added_tokens_decoder": ["-1": ["content": "b"]]], "no token has the id 5"),
        (["added_tokens_decoder": ["5": ["content": "b", "rstrip": true]]], "rstrip"),
        (["bos_token": "<nowhere>"], "<nowhere>"), (["legacy": "yes"], "tokenizer_config.json.legacy"),
    ]
    @Test(arguments: configurations)
    func aConfigurationThatIsWrongSaysWhatIs(configuration: JSON, says: String) throws {
        let error = try #require(throws: (any Error).self) {
            try TokenizerSpecification(sentencePiece: Self.sound.bytes, configuration: configuration)
        }
        #expect("\(error)".contains(says))
    }
}
