import Testing
import Text

@Suite struct IncrementalDecoderTests {
    /// A vocabulary of 256 single bytes, so that every scalar is cut at every byte.
    private static let bytes = try! Tokenizer(
        TokenizerSpecification(
            kind: .sentencePieceBPE(.init()),
            tokens: (0..<256).map { "<0x" + String($0 + 256, radix: 16, uppercase: true).suffix(2) + ">" },
            kinds: [TokenizerSpecification.TokenKind](repeating: .byte, count: 256),
            scores: [Double](repeating: 0, count: 256)
        )
    )

    @Test(arguments: TokenizerGolden.texts)
    func aCharacterAppearsWithItsLastByteAndNotBefore(text: String) {
        var decoder = Self.bytes.makeDecoder()
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            for byte in bytes.dropLast() { #expect(decoder.append(Int(byte)) == "") }
            #expect(decoder.append(Int(bytes.last!)).unicodeScalars.elementsEqual([scalar]))
        }
        #expect(decoder.finish() == "")
    }

    @Test(arguments: TokenizerGolden.bytes)
    func brokenBytesBecomeTheSameReplacementsHoweverTheyArrive(bytes: [UInt8]) {
        var decoder = Self.bytes.makeDecoder()
        let text = bytes.map { decoder.append(Int($0)) }.joined() + decoder.finish()
        #expect(text.unicodeScalars.elementsEqual(String(decoding: bytes, as: UTF8.self).unicodeScalars))
    }

    /// Every two- and three-byte beginning of a sequence, followed by nothing and by a letter.
    @Test func whatMayNotGoOnIsNotWaitedFor() {
        for lead in UInt8(0xC0)...0xFF {
            for second in UInt8(0x00)...0xFF {
                for bytes in [
                    [lead, second], [lead, second, 0x80], [lead, second, 0x80, 0x61], [lead, 0x61, second],
                ] {
                    var decoder = Self.bytes.makeDecoder()
                    let text = bytes.map { decoder.append(Int($0)) }.joined() + decoder.finish()
                    let whole = String(decoding: bytes, as: UTF8.self)
                    if !text.unicodeScalars.elementsEqual(whole.unicodeScalars) { Issue.record("\(bytes)") }
                }
            }
        }
    }

    @Test func theSpaceThatWasPutBeforeATextIsDroppedOnceAndAfterControlTokens() {
        let tokenizer = TokenizerGolden.sentencePiece(spacePrefix: true)
        let text = "Hello world<eos> again<eos>you"
        let ids = tokenizer.encode(text, addSpecial: false)
        #expect(tokenizer.token(ids[0])?.hasPrefix("▁") == true)
        #expect(tokenizer.decode(ids) == text)
        #expect(tokenizer.decode(tokenizer.encode("  two"), skipSpecial: true) == "  two")
        #expect(tokenizer.encode("", addSpecial: false) == [])
    }

    @Test func aContinuedTextKeepsItsSpace() {
        let tokenizer = TokenizerGolden.sentencePiece(spacePrefix: true)
        let ids = tokenizer.encode("world", addSpecial: false)
        var fresh = tokenizer.makeDecoder()
        var continued = tokenizer.makeDecoder(continuing: true)
        #expect(ids.map { fresh.append($0) }.joined() == "world")
        #expect(ids.map { continued.append($0) }.joined() == " world")
    }
}
