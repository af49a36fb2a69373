import Checkpoints
import Testing

/// Files that lie. Each is refused with words that say what is wrong; none traps, hangs or takes memory it has no bytes for.
@Suite struct HostileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String, file: Hostile, says: String

        init(_ name: String, _ file: Hostile, _ says: String) {
            (testDescription, self.file, self.says) = (name, file, says)
        }
    }

    static let counts = [
        Case("2^63 tensors", Hostile(tensors: 1 << 63), "promises 9223372036854775808 tensors"),
        Case("2^64-1 keys", Hostile(keys: .max), "promises 18446744073709551615 metadata keys"),
        Case("a million keys in no bytes", Hostile(keys: 1_000_000), "but only 0 bytes follow"),
        Case(
            "a key of 2^63 bytes",
            Hostile(keys: 1).filled { $0.add(string: [97], claiming: 1 << 63) }.data(64),
            "claims"
        ),
        Case(
            "a value of 2^64-1 bytes",
            Hostile(keys: 1).key("k", type: 8) { $0.add(string: [], claiming: .max) }.data(32),
            "the value of k claims 18446744073709551615 bytes"
        ),
        Case(
            "an array of 2^61 numbers",
            Hostile(keys: 1).key("k", type: 9) { $0.addArray(type: 10, count: 1 << 61) }.data(32),
            "promises 2305843009213693952 elements of k"
        ),
        Case(
            "10^9 strings",
            Hostile(keys: 1).key("k", type: 9) { $0.addArray(type: 8, count: 1_000_000_000) }.data(32),
            "promises 1000000000 strings of k"
        ),
        Case(
            "arrays in arrays in arrays",
            Hostile(keys: 1).key("k", type: 9) { for _ in 0..<9 { $0.addArray(type: 9, count: 1) } }.data(64),
            "arrays within arrays"
        ),
    ]

    static let names = [
        Case("an empty key", Hostile(keys: 1).key("", type: 7).data(32), "a metadata key is empty"),
        Case(
            "a key that is not UTF-8",
            Hostile(keys: 1).filled { $0.add(string: [0xFF, 0xFE]) }.data(32),
            "a metadata key is not UTF-8"
        ),
        Case(
            "a key twice",
            Hostile(keys: 2).key("k", type: 7) { $0.add(UInt8(1)) }.key("k", type: 7) { $0.add(UInt8(1)) }.data(32),
            "the key k occurs twice"
        ),
        Case("a type that is none", Hostile(keys: 1).key("k", type: 13).data(32), "k is of type 13"),
        Case(
            "neither true nor false",
            Hostile(keys: 1).key("k", type: 7) { $0.add(UInt8(2)) }.data(32),
            "neither true"
        ),
        Case(
            "a tensor twice",
            Hostile(tensors: 2).tensor("t", [8]).tensor("t", [8], at: 32).data(64),
            "tensor t occurs twice"
        ),
        Case("a tensor without a name", Hostile(tensors: 1).tensor("", [8]).data(32), "a tensor's name is empty"),
    ]

    static let shapes = [
        Case("five axes", Hostile(tensors: 1).tensor("t", [1, 1, 1, 1, 1]).data(32), "has 5 axes"),
        Case("an axis of none", Hostile(tensors: 1).tensor("t", [4, 0]).data(32), "has an axis of 0 elements"),
        Case("2^63 elements", Hostile(tensors: 1).tensor("t", [1 << 63]).data(32), "an axis of 9223372036854775808"),
        Case(
            "a product of 2^64",
            Hostile(tensors: 1).tensor("t", [1 << 32, 1 << 32]).data(32),
            "larger than any memory"
        ),
        Case(
            "rows that fill no block",
            Hostile(tensors: 1).tensor("t", [33], type: 2).data(64),
            "do not fill Q4_0 blocks"
        ),
        Case("a type of tomorrow", Hostile(tensors: 1).tensor("t", [32], type: 99).data(64), "is of type 99"),
        Case("a type of yesterday", Hostile(tensors: 1).tensor("t", [32], type: 31).data(64), "since removed"),
    ]

    static let places = [
        Case("beyond the end", Hostile(tensors: 1).tensor("t", [8], at: 1 << 40).data(64), "probably cut short"),
        Case(
            "an offset of 2^64-32",
            Hostile(tensors: 1).tensor("t", [8], at: .max - 31).data(64),
            "probably cut short"
        ),
        Case("half beyond the end", Hostile(tensors: 1).tensor("t", [64], at: 32).data(64), "needs 256 bytes at 32"),
        Case("between the steps", Hostile(tensors: 1).tensor("t", [4], at: 4).data(64), "is not a multiple of 32"),
        Case(
            "one over the other",
            Hostile(tensors: 2).tensor("a", [16]).tensor("b", [8], at: 32).data(96),
            "tensors a and b lie over each other"
        ),
        Case("no data at all", Hostile(tensors: 1).tensor("t", [8]), "of the data, which has 0"),
    ]

    static let kinds = [
        Case("version 1", Hostile(version: 1), "GGUF version 1 is not read"),
        Case("version 4", Hostile(version: 4), "GGUF version 4 does not exist"),
        Case("big-endian", Hostile(version: UInt32(3).byteSwapped), "big-endian"),
        Case("a part", Hostile(keys: 1).key("split.count", type: 2) { $0.add(UInt16(3)) }, "one of 3 parts"),
        Case("no heads", llama("attention.head_count", 0), "num_attention_heads (llama.attention.head_count) is 0"),
        Case("2^32-1 wide", llama("embedding_length", .max), "hidden_size (llama.embedding_length) is 4294967295"),
    ]

    private static func llama(_ key: String, _ value: UInt32) -> Hostile {
        Hostile(keys: 2).key("general.architecture", type: 8) { $0.add(string: Array("llama".utf8)) }
            .key("llama." + key, type: 4) { $0.add(value) }
    }

    @Test(arguments: counts + names + shapes + places + kinds)
    func isRefusedInWords(hostile: Case) throws {
        let error = #expect(throws: CheckpointError.self) { try Hostile.open(hostile.file.bytes) }
        let words = "\(try #require(error))"
        #expect(words.contains(hostile.says), "\(words)")
    }

    @Test(arguments: [UInt64(0), 1, 4, 24, 33, 1 << 31, 1 << 62])
    func alignmentIsAPowerOfTwoFromEight(alignment: UInt64) throws {
        let file = Hostile(keys: 1).key("general.alignment", type: 10) { $0.add(alignment) }
        let error = #expect(throws: CheckpointError.self) { try Hostile.open(file.bytes) }
        #expect("\(try #require(error))".contains("it has to be a power of two"))
    }

    @Test func anAlignmentInLettersIsToldAsSuch() throws {
        let file = Hostile(keys: 1).key("general.alignment", type: 8) { $0.add(string: Array("32".utf8)) }
        let error = #expect(throws: CheckpointError.self) { try Hostile.open(file.bytes) }
        #expect("\(try #require(error))".contains("general.alignment is the string “32”"))
    }

    private static let misread: [(error: CheckpointError, words: String)] = [
        (.missingKey("num_attention_heads"), "lack num_attention_heads (llama.attention.head_count)"),
        (.setting(key: "hidden_size", value: "3", expected: "4"), "hidden_size (llama.embedding_length) is 3"),
        (.setting(key: "partial_rotary_factor", value: "2", expected: "1"), "partial_rotary_factor is 2"),
        (.missingKey("nothing_known"), "lack nothing_known"), (.missingTensor("t"), "no tensor t"),
    ]

    /// As the file does, where it has the key or ought to.
    @Test(arguments: misread) func settingsAreNamedAsTheFileDoes(given: CheckpointError, said: String) throws {
        let words: GGUFMetadata = [
            "general.architecture": .string("llama"), "llama.attention.head_count": .uint32(2),
            "llama.embedding_length": .uint32(4),
        ]
        let file = try GGUFFile(bytes: GGUFWriter(words).bytes(), name: "f")
        let error = #expect(throws: CheckpointError.self) { try file.naming { () throws -> Int in throw given } }
        let told = "\(try #require(error))"
        #expect(told.contains(said), "\(told)")
    }

    @Test func aHugeAlignmentLeavesNoData() {
        let file = Hostile(tensors: 1, keys: 1).key("general.alignment", type: 4) { $0.add(UInt32(1 << 30)) }
        #expect(throws: CheckpointError.self) { try Hostile.open(file.tensor("t", [8]).data(64).bytes) }
    }

    @Test(arguments: ["<!DOCTYPE html>", "version https://git-lfs.github.com/spec/v1\noid", "PK\u{3}\u{4}", "G", ""])
    func whatIsNoGGUFIsToldApart(text: String) {
        #expect(throws: CheckpointError.self) { try Hostile.open(Array(text.utf8)) }
    }

    @Test func whereItIsWrongIsTold() {
        let file = Hostile(keys: 1).key("k", type: 13).data(32)
        let problem = CheckpointError.malformed(
            file: "hostile.gguf",
            offset: 33,
            problem: "k is of type 13, which the format does not have"
        )
        #expect(throws: problem) { try Hostile.open(file.bytes) }
        #expect("\(problem)".hasSuffix("If it was pulled, yuyan rm and pull it again"))
    }

    @Test func aFileCutAnywhereIsRefused() throws {
        let sound = try Hostile.sound()
        try Hostile.open(sound)
        let last = try GGUFFile(bytes: sound, name: "sound").tensors.map(\.range.upperBound).max() ?? 0
        for count in 0..<last {
            #expect(throws: CheckpointError.self, "cut to \(count) bytes") { try Hostile.open(Array(sound[..<count])) }
        }
    }

    @Test func noBitOfTheHeaderTraps() throws {
        let sound = try Hostile.sound()
        let data = try GGUFFile(bytes: sound, name: "sound").tensors.map(\.range.lowerBound).min() ?? 0
        var refused = 0
        for bit in 0..<data * 8 {
            var bytes = sound
            bytes[bit / 8] ^= 1 << (bit % 8)
            do { try Hostile.open(bytes) } catch is CheckpointError { refused += 1 }
        }
        #expect(refused > data * 8 / 4)
    }
}

extension Hostile {
    func filled(_ fill: (inout Hostile) -> Void) -> Hostile {
        var copy = self
        fill(&copy)
        return copy
    }

    mutating func addArray(type: UInt32, count: UInt64) {
        add(type)
        add(count)
    }
}
