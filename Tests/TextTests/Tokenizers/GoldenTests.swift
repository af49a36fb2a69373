import Testing
import Text

/// Ids equal those of the reference libraries, string by string.
@Suite struct GoldenTests {
    @Test(arguments: Golden.families)
    func idsAreThoseOfTheReference(_ family: Golden.Family) {
        let golden: Golden.IDs = Golden.load(family.name)
        for (text, ids) in zip(Golden.texts, golden.ids) {
            #expect(family.tokenizer.encode(text, addSpecial: false) == ids, "\(text.debugDescription)")
        }
    }

    @Test(arguments: Golden.families)
    func specialTokensInTextOfUsersAreText(_ family: Golden.Family) {
        let golden: Golden.IDs = Golden.load(family.name)
        for (index, text) in Golden.texts.enumerated() {
            let ids = golden.plain[String(index)] ?? golden.ids[index]
            #expect(
                family.tokenizer.encode(text, addSpecial: false, parseSpecial: false) == ids,
                "\(text.debugDescription)"
            )
        }
    }

    @Test(arguments: Golden.families)
    func brokenBytesAreEncodedOneByOne(_ family: Golden.Family) {
        let golden: Golden.IDs = Golden.load(family.name)
        for (bytes, ids) in zip(Golden.bytes, golden.bytes) {
            #expect(family.tokenizer.encode(bytes: bytes, addSpecial: false) == ids, "\(bytes)")
            #expect(ids.flatMap(family.tokenizer.bytes(of:)) == bytes)
        }
    }

    @Test(arguments: Golden.families)
    func decodingGivesTheTextBack(_ family: Golden.Family) {
        // Only SentencePiece's own mark of a space cannot be told from a space.
        for text in Golden.texts where family.name != "small-spm.gemma" || !text.contains("▁") {
            let ids = family.tokenizer.encode(text, addSpecial: false)
            #expect(family.tokenizer.decode(ids) == text)
        }
    }
}
