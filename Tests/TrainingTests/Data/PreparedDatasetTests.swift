import Foundation
import Testing
import Text
import Training

/// Shards: made once, whole or not at all, and not believed when they are opened.
@Suite struct PreparedDatasetTests {
    static let rows = (0..<40).map { "{\"text\":\"document \($0) \(String(repeating: "x", count: $0 % 7))\"}\n" }
        .joined()

    /// The files of a dataset.
    static func files(_ dataset: PreparedDataset) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: dataset.folder.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: dataset.folder.appending(path: $0))) }
        )
    }

    @Test func aSecondRunFindsWhatTheFirstMade() throws {
        let fixture = try DataFixture(), source = try fixture.source("a.jsonl", Self.rows)
        let first = try fixture.prepare([source])
        var reports = 0
        let second = try PreparedDataset.prepare(
            [source],
            DataFixture.tokenizer,
            DataFixture.template,
            in: fixture.datasets
        ) { _ in reports += 1 }
        #expect(second.folder == first.folder && reports == 0)
        #expect(try Self.files(second) == Self.files(first))
        #expect(try second.all == first.all)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.datasets.path) == [first.fingerprint])
    }

    @Test(arguments: [1, 2, 5]) func threadsChangeNothing(threads: Int) throws {
        let one = try DataFixture(), other = try DataFixture(), text = Self.rows + "broken\n" + Self.rows
        let expected = try one.prepare([one.source("a.jsonl", text)]) { $0.threads = 3 }
        let found = try other.prepare([other.source("a.jsonl", text)]) { $0.threads = threads }
        #expect(found.fingerprint == expected.fingerprint)
        var (a, b) = (try Self.files(expected), try Self.files(found))
        (a["rejected.jsonl"], b["rejected.jsonl"]) = (nil, nil)  // which names the fixture's folder
        #expect(a == b && a.count == 2)
    }

    @Test func whatItIsMadeFromNamesIt() throws {
        let fixture = try DataFixture(), source = try fixture.source("a.jsonl", Self.rows)
        func name(_ source: DataSource, _ tokenizer: Tokenizer, _ template: ChatTemplate?) throws -> String {
            try PreparedDataset.prepare([source], tokenizer, template, in: fixture.datasets).fingerprint
        }
        let tokenizer = DataFixture.tokenizer, template = DataFixture.template
        let other = DataFixture.bytes(["<|im_start|>", "<|im_end|>"], eos: nil)
        var names = [try name(source, tokenizer, template)]
        names.append(try name(source, tokenizer, nil))
        names.append(try name(source, tokenizer, ChatTemplate(template.source + " ", eosToken: "<|im_end|>")))
        names.append(try name(source, other, template))
        names.append(try name(fixture.source("b.jsonl", Self.rows + Self.rows), tokenizer, template))
        var named = source
        named.layout = .text()
        names.append(try name(named, tokenizer, template))
        #expect(Set(names).count == names.count)
        #expect(try name(fixture.source("c.jsonl", Self.rows), tokenizer, template) == names[0])
    }

    @Test(arguments: [1, 10, 100, 1000]) func documentsAreTheSameInShardsOfAnySize(tokens: Int) throws {
        let fixture = try DataFixture(), source = try fixture.source("a.jsonl", Self.rows)
        let dataset = try fixture.prepare([source]) { ($0.shardTokens, $0.shardDocuments) = (tokens, 7) }
        #expect(dataset.documentCount == 40)
        let expected = (0..<40).map { "document \($0) \(String(repeating: "x", count: $0 % 7))" }
        #expect(try dataset.texts == expected)
        let shards = try Self.files(dataset).keys.count { $0.hasPrefix("shard") }
        #expect(shards == (tokens == 1 ? 40 : tokens < 100 ? 40 : 6) || shards > 1)
    }

    @Test func aLargeVocabularyTakesFourBytes() throws {
        let fixture = try DataFixture(), controls = (0..<70_000).map { "<c\($0)>" }
        let tokenizer = DataFixture.bytes(controls, eos: "<c69999>")
        let source = try fixture.source("a.txt", "ab")
        let dataset = try PreparedDataset.prepare([source], tokenizer, in: fixture.datasets)
        #expect(try dataset.whole(0).ids == tokenizer.encode("ab") + [70_255])
    }

    @Test func statisticsCountWhatThereIs() throws {
        let fixture = try DataFixture()
        let text = #"{"prompt":"Q","completion":"A"}"# + "\nbroken\n" + #"{"prompt":"Qq","completion":"Aaaa"}"#
        let statistics = try fixture.prepare([fixture.source("a.jsonl", text)]).statistics
        #expect(statistics.rows == 3 && statistics.rejected == 1 && statistics.documents == 2)
        // <start>user\nQ<end>\n<start>assistant\nA<end>
        let first = 1 + 5 + 1 + 1 + 1 + 1 + 10 + 2, second = first + 4
        #expect(statistics.tokens == first + second && statistics.learnt == 2 + 5 && statistics.longest == second)
        #expect(statistics.lengths == [0, 0, 0, 0, 2])
    }

    @Test func anInterruptedPreparationLeavesNothing() throws {
        let fixture = try DataFixture(), source = try fixture.source("a.jsonl", Self.rows)
        #expect(throws: CancellationError.self) {
            _ = try PreparedDataset.prepare([source], DataFixture.tokenizer, nil, in: fixture.datasets) { _ in
                throw CancellationError()
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.datasets.path) == [])
    }

    @Test func whatAKilledPreparationLeftIsInNobodysWay() throws {
        let fixture = try DataFixture(), source = try fixture.source("a.jsonl", Self.rows)
        let name = try fixture.prepare([source]).fingerprint
        let draft = fixture.datasets.appending(path: ".\(name).writing")
        try FileManager.default.moveItem(at: fixture.datasets.appending(path: name), to: draft)
        try Data("half".utf8).write(to: draft.appending(path: "shard-00009"))
        #expect(try fixture.prepare([source]).documentCount == 40)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.datasets.path) == [name])
    }

    @Test func tooManyBrokenRowsEndThePreparation() throws {
        let fixture = try DataFixture(), source = try fixture.source("a.jsonl", Self.rows + "x\ny\n")
        let error = #expect(throws: DataError.self) { try fixture.prepare([source]) { $0.maxRejected = 1 } }
        #expect(error?.description.contains("a.jsonl, line 42") == true)
        #expect(try fixture.prepare([source]) { $0.maxRejected = 2 }.statistics.rejected == 2)
        #expect(throws: DataError.self) { try fixture.prepare([source]) { $0.maxRejected = 1 } }
    }

    @Test func nothingToLearnSaysWhy() throws {
        let fixture = try DataFixture()
        let empty = #expect(throws: DataError.self) { try fixture.prepare([fixture.source("a.jsonl", "\n")]) }
        #expect(empty?.description.contains("no rows") == true)
        let broken = #expect(throws: DataError.self) { try fixture.prepare([fixture.source("b.jsonl", "x\n")]) }
        #expect(broken?.description.contains("b.jsonl, line 1") == true)
        #expect(throws: DataError.self) { try fixture.prepare([]) }
    }

    @Test func aCutShardIsRefused() throws {
        let fixture = try DataFixture(), dataset = try fixture.prepare([fixture.source("a.txt", "abcdefg")])
        let shard = dataset.folder.appending(path: "shard-00000"), whole = try Data(contentsOf: shard)
        for count in 0..<whole.count {
            try whole.prefix(count).write(to: shard)
            #expect(throws: DataError.self) { try PreparedDataset(opening: dataset.folder) }
        }
        try (whole + [0]).write(to: shard)
        #expect(throws: DataError.self) { try PreparedDataset(opening: dataset.folder) }
        try FileManager.default.removeItem(at: shard)
        #expect(throws: DataError.self) { try PreparedDataset(opening: dataset.folder) }
    }

    /// Whatever a byte is changed to, the shard is refused or read without a crash.
    @Test func aChangedShardDoesNoHarm() throws {
        let fixture = try DataFixture(),
            dataset = try fixture.prepare([fixture.source("a.txt", "abc\ndef", .text(.lines))])
        let shard = dataset.folder.appending(path: "shard-00000"), whole = try Data(contentsOf: shard)
        var refused = 0
        for place in whole.indices {
            for value: UInt8 in [0, 1, 0x7F, 0xFF] where whole[place] != value {
                var changed = whole
                changed[place] = value
                try changed.write(to: shard)
                do {
                    let opened = try PreparedDataset(opening: dataset.folder)
                    for document in 0..<opened.documentCount where opened.length(of: document) > 1 {
                        _ = try opened.rows(0..<opened.length(of: document) - 1, of: document)
                    }
                } catch { refused += 1 }
            }
        }
        #expect(refused > whole.count)
    }

    @Test func aChangedDescriptionIsRefused() throws {
        let fixture = try DataFixture(), dataset = try fixture.prepare([fixture.source("a.txt", "abc")])
        let url = dataset.folder.appending(path: "dataset.json"), whole = try String(contentsOf: url, encoding: .utf8)
        let changes = [
            ("\"documents\" : 1", "\"documents\" : 2"), ("\"shards\" : 1", "\"shards\" : 0"),
            ("\"shards\" : 1", "\"shards\" : -1"), ("\"shards\" : 1", "\"shards\" : 2"),
            ("\"version\" : 1", "\"version\" : 2"), ("\"vocabulary\" : 258", "\"vocabulary\" : 3"),
            ("\"kind\" : \"text\"", "\"kind\" : \"preference\""), ("{", ""),
        ]
        for (old, new) in changes {
            let changed = whole.replacing(old, with: new, maxReplacements: 1)
            #expect(changed != whole, "\(old)")
            try Data(changed.utf8).write(to: url)
            #expect(throws: DataError.self, "\(new)") { try PreparedDataset(opening: dataset.folder) }
        }
    }
}
