import Bundles
import Checkpoints
import Foundation
import TestSupport
import Testing
import Text

/// Tokenizers that a GGUF file says and reads again.
@Suite struct TokenizerExportTests {
    private static let texts = [
        "Birds fly over the lake.", " a space before", "two  spaces", "", "<s>inside </s> it</s>", "燕子 飞过湖面",
        "Ｆｕｌｌ ﬁ é",
    ]

    private func reread(_ specification: TokenizerSpecification) throws -> TokenizerSpecification {
        var metadata = GGUFMetadata()
        try specification.write(to: &metadata)
        return try TokenizerSpecification(metadata)
    }

    private func sentencePiece(_ name: String, legacy: Bool = true) throws -> TokenizerSpecification {
        let place = Golden.folder.appending(path: "Text/pieces-\(name).model")
        let configuration: JSON = ["legacy": .bool(legacy)]
        return try TokenizerSpecification(
            sentencePiece: [UInt8](try Data(contentsOf: place)),
            configuration: configuration
        )
    }

    private func expectSameIDs(_ one: TokenizerSpecification, _ other: TokenizerSpecification) throws {
        let (one, other) = (try Tokenizer(one), try Tokenizer(other))
        for text in Self.texts {
            let ids = one.encode(text, parseSpecial: true)
            #expect(other.encode(text, parseSpecial: true) == ids, "\(text.debugDescription)")
        }
    }

    @Test(arguments: ["llama", "baichuan", "trimmed"], [true, false])
    func sentencePiecesFileIsSaid(name: String, legacy: Bool) throws {
        let specification = try sentencePiece(name, legacy: legacy)
        try expectSameIDs(specification, reread(specification))
        var metadata = GGUFMetadata()
        try specification.write(to: &metadata)
        #expect(metadata["tokenizer.ggml.add_space_prefix"]?.flag == (name != "baichuan"))
    }

    /// An empty table changes nothing; spaces that it would have removed are said beside it.
    @Test(arguments: [TokenizerSpecification.Spacing.kept, .squeezed, .trimmed, .split])
    func bytePairsWithoutATableAreSaid(spacing: TokenizerSpecification.Spacing) throws {
        var specification = try sentencePiece("llama")
        specification.normalization = .mapped(CharacterMap([:]), spacing)
        try expectSameIDs(specification, reread(specification))
    }

    @Test func bytePairsWithATableAreRefused() throws {
        var specification = try sentencePiece("llama")
        specification.normalization = .mapped(CharacterMap([0xFF26: ["F"]]), .kept)
        #expect(complaint { _ = try reread(specification) }.contains("replace characters"))
    }

    @Test(arguments: [true, false]) func unigramPiecesAreSaidWithAndWithoutATable(hasTable: Bool) throws {
        var specification = try sentencePiece("trimmed")
        specification.kind = .unigram(.init(prefix: .whereMissing, splitsWords: true))
        let table = CharacterMap([0xFF26: ["F"], 0xFF55: ["u"], 0xFF4C: ["l"], 0xFB01: ["f", "i"], 9: [" "], 0xAD: []])
        specification.normalization = hasTable ? .mapped(table, .squeezed) : .none
        let copy = try reread(specification)
        try expectSameIDs(specification, copy)
        guard case .mapped(let map, .squeezed) = copy.normalization else { return #expect(!hasTable) }
        #expect(hasTable && !map.bytes.isEmpty)
    }

    /// A table of many scalars, as files have it: each becomes what it should, and no other changes.
    @Test func aTableOfScalarsIsTheSameAsBytes() throws {
        let all = (UInt32(0x21)...0x2FFF).filter { Unicode.Scalar($0) != nil }
        let mapped = all.filter { $0 % 3 == 0 }.map { ($0, [Unicode.Scalar(UInt8(0x61 + $0 % 26))]) }
        let scalars = Dictionary(uniqueKeysWithValues: mapped)
        let units = all.compactMap(Unicode.Scalar.init).filter { !$0.properties.isGraphemeExtend }
        var specification = try sentencePiece("trimmed")
        specification.normalization = .mapped(CharacterMap(scalars), .trimmed)
        let one = try Tokenizer(specification)
        specification.normalization = specification.normalization.tabulated
        let other = try Tokenizer(specification)
        for scalar in units {
            let text = "a " + String(Character(scalar))
            #expect(one.encode(text) == other.encode(text), "U+\(String(scalar.value, radix: 16))")
        }
    }
}
