import Foundation
import Testing
import Text
import Training

/// Files that are cut, broken or out of measure: what can be read is read, the rest is reported.
@Suite struct HostileDataTests {
    static let samples: [(DataFormat, String)] = [
        (.jsonLines, "{\"text\":\"a\\u00e9\"}\n{\"prompt\":\"Q\",\"completion\":\"é\"}\n"),
        (.json, "[{\"text\":\"a\"},\n[{\"x\":[1,{}]}],\"t\\\"x\"]"),
        (.csv, "text,b\n\"a \"\"q\"\"\n\",1\né,2\n"),
        (.text(.blankLines), "one\ntwo\n\né\n\n\n\nend"),
        (.text(.separator("\n\n")), "one\n\né\n"),
    ]

    /// Prepares; returns what came of it, or nil if there was nothing to learn.
    static func prepare(_ bytes: some Sequence<UInt8>, _ format: DataFormat, rowBytes: Int = 1 << 26) throws
        -> (documents: Int, rejected: Int)?
    {
        let fixture = try DataFixture(), source = try DataSource(fixture.file("file", bytes), format: format)
        do {
            let statistics = try fixture.prepare([source]) {
                ($0.rowBytes, $0.threads, $0.tokenizerFingerprint) = (rowBytes, 1, "bytes")
            }.statistics
            #expect(statistics.rows == statistics.documents + statistics.rejected)
            return (statistics.documents, statistics.rejected)
        } catch is DataError { return nil }
    }

    /// As `prepare`, where there is something to learn.
    static func counts(_ bytes: some Sequence<UInt8>, _ format: DataFormat, rowBytes: Int = 1 << 26) throws
        -> (documents: Int, rejected: Int)
    {
        let result = try prepare(bytes, format, rowBytes: rowBytes)
        return try #require(result)
    }

    @Test(arguments: samples.indices) func filesCutAtEveryByteAreReadOrReported(index: Int) throws {
        let (format, text) = Self.samples[index], bytes = Array(text.utf8)
        var most = 0
        for count in 0...bytes.count { most = max(most, try Self.prepare(bytes[..<count], format)?.documents ?? 0) }
        #expect(most > 0)
    }

    @Test(arguments: samples.indices, [0x00, 0xFF, 0xC3, 0x22, 0x5B] as [UInt8])
    func aStrangeByteAnywhereIsReadOrReported(index: Int, byte: UInt8) throws {
        let (format, text) = Self.samples[index], bytes = Array(text.utf8)
        var reported = 0
        for place in 0...bytes.count {
            let result = try Self.prepare(bytes[..<place] + [byte] + bytes[place...], format)
            reported += result?.rejected ?? 1
        }
        #expect(reported > 0 || byte == 0x22 || byte == 0x5B)
    }

    @Test func deepNestingIsReported() throws {
        let deep = String(repeating: "[", count: 100_000), braces = String(repeating: "{\"a\":", count: 100_000)
        for text in [deep, braces, "{\"text\":" + deep] {
            #expect(try Self.counts(Array("{\"text\":\"a\"}\n\(text)\n".utf8), .jsonLines) == (1, 1))
            #expect(try Self.counts(Array("[{\"text\":\"a\"},\(text)".utf8), .json) == (1, 1))
        }
    }

    @Test func aLongLineIsReadAndOneBeyondTheLimitIsReported() throws {
        func text(_ count: Int) -> [UInt8] {
            Array("{\"text\":\"".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: count)
                + Array("\"}\n{\"text\":\"a\"}\n".utf8)
        }
        #expect(try Self.counts(text(10_000_000), .jsonLines, rowBytes: 100_000) == (1, 1))
        let text = text(100_000)
        #expect(try Self.counts(text, .jsonLines) == (2, 0))
        for format in [DataFormat.jsonLines, .json] {
            #expect(try Self.counts(text, format, rowBytes: 1000) == (1, 1))
        }
        #expect(try Self.counts(Array("text\n".utf8) + text, .csv, rowBytes: 1000) == (1, 1))
        #expect(try Self.counts(text, .text(.separator("\n")), rowBytes: 1000) == (1, 1))
    }

    @Test func bytesOfAnyKindDoNoHarm() throws {
        for seed in 0..<20 {
            let bytes = (0..<400).map { UInt8(truncatingIfNeeded: ($0 * 7919 + seed * 104_729) &* 2_654_435_761 >> 13) }
            for (format, _) in Self.samples { _ = try Self.prepare(bytes, format) }
        }
    }
}
