import Testing
import Text

/// Ids equal those of the reference libraries, string by string.
@Suite struct GoldenTests {
    @Test(arguments: TokenizerGolden.families)
    func idsAreThoseOfTheReference(_ family: TokenizerGolden.Family) {
        let golden: TokenizerGolden.IDs = TokenizerGolden.load(family.name)
        for (text, ids) in zip(TokenizerGolden.texts, golden.ids) {
            #expect(family.tokenizer.encode(text, addSpecial: false) == ids, "\(text.debugDescription)")
        }
    }

    @Test(arguments: TokenizerGolden.families)
    func specialTokensInTextOfUsersAreText(_ family: TokenizerGolden.Family) {
        let golden: TokenizerGolden.IDs = TokenizerGolden.load(family.name)
        for (index, text) in TokenizerGolden.texts.enumerated() {
            let ids = golden.plain[String(index)] ?? golden.ids[index]
            #expect(
                family.tokenizer.encode(text, addSpecial: false, parseSpecial: false) == ids,
                "\(text.debugDescription)"
            )
        }
    }

    @Test(arguments: TokenizerGolden.families)
    func brokenBytesAreEncodedOneByOne(_ family: TokenizerGolden.Family) {
        let golden: TokenizerGolden.IDs = TokenizerGolden.load(family.name)
        for (bytes, ids) in zip(TokenizerGolden.bytes, golden.bytes) {
            #expect(family.tokenizer.encode(bytes: bytes, addSpecial: false) == ids, "\(bytes)")
            #expect(ids.flatMap(family.tokenizer.bytes(of:)) == bytes)
        }
    }

    @Test(arguments: TokenizerGolden.families)
    func decodingGivesTheTextBack(_ family: TokenizerGolden.Family) {
        // Only SentencePiece's own mark of a space cannot be told from a space.
        for text in TokenizerGolden.texts where family.name != "small-spm.gemma" || !text.contains("▁") {
            let ids = family.tokenizer.encode(text, addSpecial: false)
            #expect(family.tokenizer.decode(ids) == text)
        }
    }
}
