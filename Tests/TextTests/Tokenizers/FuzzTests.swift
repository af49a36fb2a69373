import TestSupport
import Testing
import Text

@Suite struct FuzzTests {
    @Test(arguments: TokenizerGolden.families, 0..<20)
    func anyBytesComeBack(_ family: TokenizerGolden.Family, seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        for _ in 0..<20 {
            let bytes = Self.bytes(using: &random)
            let ids = family.tokenizer.encode(bytes: bytes, addSpecial: false, parseSpecial: seed % 2 == 0)
            #expect(ids.flatMap(family.tokenizer.bytes(of:)) == bytes)
        }
    }

    @Test(arguments: TokenizerGolden.families, 0..<20)
    func anyTextComesBack(_ family: TokenizerGolden.Family, seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        for _ in 0..<20 {
            let text = Self.text(using: &random)
            let ids = family.tokenizer.encode(text, addSpecial: false)
            #expect(Array(family.tokenizer.decode(ids).utf8) == Array(text.utf8))
        }
    }

    @Test(arguments: TokenizerGolden.families, 0..<20)
    func anyIDsDecodeAlikeAtOnceAndOneByOne(_ family: TokenizerGolden.Family, seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let ids = (0..<200).map { _ in Int.random(in: -5...family.tokenizer.vocabularySize + 5, using: &random) }
        let text = family.tokenizer.decode(ids)
        #expect(text == String(decoding: ids.flatMap(family.tokenizer.bytes(of:)), as: UTF8.self))
        var decoder = family.tokenizer.makeDecoder(skipSpecial: false)
        let pieces = ids.map { decoder.append($0) }
        #expect(pieces.joined() + decoder.finish() == text)
    }

    /// Bytes of all kinds, and pieces of golden texts cut anywhere.
    private static func bytes(using random: inout SplitMix) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            if Bool.random(using: &random) {
                bytes += (0..<Int.random(in: 0...20, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            } else {
                let text = Array(TokenizerGolden.texts.randomElement(using: &random)!.utf8)
                bytes += text.dropFirst(.random(in: 0...3, using: &random)).prefix(.random(in: 0...90, using: &random))
            }
        }
        return bytes.filter { $0 != 0xE2 }  // so that no mark of SentencePiece arises
    }

    private static func text(using random: inout SplitMix) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...80, using: &random) {
            let limit: UInt32 = [0x80, 0x250, 0x3100, 0x10000, 0x110000].randomElement(using: &random)!
            let scalar = Unicode.Scalar(.random(in: 0..<limit, using: &random)) ?? " "
            text.append(scalar == "▁" ? " " : scalar)
            if Int.random(in: 0..<8, using: &random) == 0 {
                text += TokenizerGolden.texts.randomElement(using: &random)!.unicodeScalars.filter { $0 != "▁" }
            }
        }
        return String(text)
    }
}
