import Foundation
import Testing
import Text
import Training

/// Documents become batches: each once in an epoch, whole or in pieces, and exactly so again.
@Suite struct PackingTests {
    /// Texts of these lengths, each of its own letter, in capitals where it begins.
    static func texts(_ lengths: [Int]) throws -> (PreparedDataset, DataFixture) {
        let fixture = try DataFixture()
        let lines = lengths.enumerated().map { index, length in
            let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index)))
            return letter.uppercased() + String(repeating: letter, count: length - 1)
        }
        return (try fixture.prepare([fixture.source("a.txt", lines.joined(separator: "\n"), .text(.lines))]), fixture)
    }

    /// Chats whose documents have these rows: 16 and the answer.
    static func chats(_ lengths: [Int], pairs: Bool = false) throws -> (PreparedDataset, DataFixture) {
        let fixture = try DataFixture()
        let rows = lengths.enumerated().map { index, length in
            let answer = String(repeating: UnicodeScalar(UInt8(97 + index % 26)).description, count: length)
            return pairs
                ? "{\"prompt\":\"\(index % 10)\",\"chosen\":\"\(answer)\",\"rejected\":\"\(answer)!\"}"
                : "{\"prompt\":\"\(index % 10)\",\"completion\":\"\(answer)\"}"
        }
        return (try fixture.prepare([fixture.source("a.jsonl", rows.joined(separator: "\n"))]), fixture)
    }

    static func text(_ tokens: some Sequence<Int32>) -> String {
        DataFixture.tokenizer.decode(tokens.map(Int.init), skipSpecial: true)
    }

    static let corpora: [[Int]] = [[1], [5], [1, 1], [3, 8, 2], [1, 20, 2, 2, 7, 13, 1]]

    @Test(arguments: corpora, [1, 3, 7, 16])
    func everyTextIsLearntOnceInAnEpoch(lengths: [Int], batchTokens: Int) throws {
        let (dataset, fixture) = try Self.texts(lengths)
        defer { withExtendedLifetime(fixture) {} }
        for context in [1, 4, 100] {
            let data = try PackedDocuments(dataset, PackingOptions(batchTokens: batchTokens, context: context))
            var cursor = data.start, rows: [(Int32, Int32)] = [], epochs: [[String]] = []
            let perEpoch = lengths.reduce(0, +)
            while rows.count < 3 * perEpoch {
                let batch = try data.next(&cursor)
                #expect(batch.tokens.count == batchTokens && batch.counted == batchTokens)
                #expect(batch.documents.allSatisfy { $0.count <= context && !$0.isEmpty })
                rows += zip(batch.tokens, batch.targets)
            }
            for epoch in 0..<3 {
                let part = rows[epoch * perEpoch..<(epoch + 1) * perEpoch]
                let texts = Self.text(part.map(\.0))
                epochs.append(
                    texts.reduce(into: []) { $1.isUppercase ? $0.append("\($1)") : ($0[$0.count - 1].append($1)) }
                )
                // Each row's target is the next row's token, or EOS at the end of a text.
                for (row, next) in zip(part, part.dropFirst()) {
                    let isLast = Self.text([next.0]).allSatisfy(\.isUppercase)
                    #expect(row.1 == (isLast ? 257 : next.0))
                }
            }
            #expect(epochs.allSatisfy { $0.map(\.count).sorted() == lengths.sorted() })
            #expect(Set(epochs.map { $0.sorted() }).count == 1)
            #expect(data.batchesPerEpoch == (perEpoch + batchTokens - 1) / batchTokens)
        }
    }

    static func options(_ batchTokens: Int, _ context: Int, _ change: (inout PackingOptions) -> Void = { _ in })
        -> PackingOptions
    {
        var options = PackingOptions(batchTokens: batchTokens, context: context)
        change(&options)
        return options
    }

    static func batches(_ data: PackedDocuments, _ count: Int) throws -> [TrainingBatch] {
        var cursor = data.start
        return try (0..<count).map { _ in try data.next(&cursor) }
    }

    @Test func aRunGoesOnExactlyFromAnyBatch() throws {
        let (texts, first) = try Self.texts([1, 20, 2, 2, 7, 13, 1])
        let (chats, second) = try Self.chats([3, 9, 1, 30, 4])
        defer { withExtendedLifetime((first, second)) {} }
        for seed in [0, 1] as [UInt64] {
            let options = Self.options(60, 50) { $0.seed = seed }
            let data = try PackedDocuments([.init(texts, weight: 2), .init(chats, weight: 1)], options)
            let whole = try Self.batches(data, 40)
            var cursor = data.start
            for expected in whole {
                let kept = try JSONEncoder().encode(cursor)
                cursor = try JSONDecoder().decode(PackedDocuments.Cursor.self, from: kept)
                let again = try PackedDocuments([.init(texts, weight: 2), .init(chats, weight: 1)], options)
                #expect(again.fingerprint == data.fingerprint)
                #expect(try again.next(&cursor) == expected)
            }
        }
    }

    @Test func seedsAndEpochsGiveOtherOrders() throws {
        let (dataset, fixture) = try Self.texts(Array(repeating: 4, count: 20))
        defer { withExtendedLifetime(fixture) {} }
        let runs = try ([1, 2] as [UInt64]).map { seed in
            let data = try PackedDocuments(dataset, Self.options(80, 10) { $0.seed = seed })
            return try Self.batches(data, 2)
        }
        #expect(Set(runs.flatMap(\.self)).count == 4)
    }

    @Test func conversationsAreNeverCut() throws {
        let lengths = (0..<25).map { ($0 * 7) % 40 + 1 }, (dataset, fixture) = try Self.chats(lengths)
        defer { withExtendedLifetime(fixture) {} }
        let whole = try dataset.all.map { $0.replacing("[", with: "").replacing("]", with: "") }
        let data = try PackedDocuments(dataset, Self.options(100, 100))
        var cursor = data.start, seen: [String] = []
        while seen.count < 75 {
            let batch = try data.next(&cursor)
            #expect(batch.tokens.count <= 100 && !batch.tokens.isEmpty)
            for rows in batch.documents {
                seen.append(DataFixture.tokenizer.decode(batch.tokens[rows].map(Int.init)) + "<|im_end|>")
                #expect(batch.targets[rows].last == 257)
            }
        }
        for epoch in 0..<3 { #expect(seen[epoch * 25..<epoch * 25 + 25].sorted() == whole.sorted()) }
        #expect(data.counts[0].documents == 25 && data.counts[0].overlong == 0)
    }

    @Test func whatIsTooLongIsSetAsideOrTruncatedAndCounted() throws {
        let (dataset, fixture) = try Self.chats([2, 50, 3, 60])
        defer { withExtendedLifetime(fixture) {} }
        let lengths = (0..<4).map { dataset.length(of: $0) - 1 }, context = lengths[2]
        let aside = try PackedDocuments(dataset, Self.options(200, context))
        #expect(aside.counts[0] == counts(documents: 2, rows: lengths[0] + lengths[2], overlong: 2))
        let cut = try PackedDocuments(dataset, Self.options(200, context) { $0.overlong = .truncated })
        #expect(cut.counts[0] == counts(documents: 4, rows: lengths[0] + 3 * context, truncated: 2))
        let batch = try Self.batches(cut, 1)[0]
        #expect(batch.documents.allSatisfy { $0.count <= context })
        // Where the context ends before the answer begins nothing is left to learn.
        #expect(throws: DataError.self) {
            try PackedDocuments(dataset, Self.options(200, 5) { $0.overlong = .truncated })
        }
        let error = #expect(throws: DataError.self) { try PackedDocuments(dataset, Self.options(200, 5)) }
        #expect(error?.description.contains("4 are longer than the context") == true)
    }

    private func counts(documents: Int, rows: Int, overlong: Int = 0, truncated: Int = 0) -> PackingCounts {
        var counts = PackingCounts()
        (counts.documents, counts.rows, counts.overlong, counts.truncated) = (documents, rows, overlong, truncated)
        return counts
    }

    @Test func pairsStayTogether() throws {
        let lengths = (0..<25).map { ($0 * 7) % 40 + 1 }, (dataset, fixture) = try Self.chats(lengths, pairs: true)
        defer { withExtendedLifetime(fixture) {} }
        let data = try PackedDocuments(dataset, Self.options(160, 100))
        for batch in try Self.batches(data, 30) {
            #expect(batch.documents.count % 2 == 0 && batch.tokens.count <= 160)
            for pair in stride(from: 0, to: batch.documents.count, by: 2) {
                let chosen = Self.text(batch.tokens[batch.documents[pair]])
                #expect(Self.text(batch.tokens[batch.documents[pair + 1]]) == chosen + "!")
            }
        }
        #expect(data.counts[0].documents == 25)
    }

    @Test func whatIsHeldOutIsNeverLearnt() throws {
        let fixture = try DataFixture(), rows = (0..<300).map { "row \($0 % 290)" }
        let source = try fixture.source("a.txt", rows.joined(separator: "\n"), .text(.lines))
        let dataset = try fixture.prepare([source])
        let data = try PackedDocuments(dataset, Self.options(64, 64) { $0.heldOut = 0.2 })
        func whole(_ batches: [TrainingBatch]) -> Set<String> {
            var tokens: [Int32] = []
            for batch in batches {
                for (token, target) in zip(batch.tokens, batch.targets) {
                    tokens += target == 257 ? [token, 257] : [token]
                }
            }
            while let last = tokens.last, last != 257 { tokens.removeLast() }  // a text that is not over
            return Set(
                DataFixture.tokenizer.decode(tokens.map(Int.init)).split(separator: "<|im_end|>").map(String.init)
            )
        }
        let measured = whole(data.validation).intersection(rows)
        let learnt = whole(try Self.batches(data, 200)).intersection(rows)
        #expect(measured.isDisjoint(with: learnt) && measured.union(learnt) == Set(rows))
        #expect((30...90).contains(data.counts[0].heldOut) && data.counts[0].heldOut >= measured.count)
        let few = try PackedDocuments(dataset, Self.options(64, 64) { ($0.heldOut, $0.validationTokens) = (0.2, 300) })
        #expect(whole(few.validation).intersection(rows).isStrictSubset(of: measured))
        let apart = try PackedDocuments([.init(dataset)], validation: [dataset], Self.options(64, 64))
        #expect(whole(apart.validation).intersection(rows) == Set(rows) && apart.counts[0].heldOut == 0)
    }

    @Test func weightsAreKept() throws {
        let (first, one) = try Self.texts([20, 21]), (second, two) = try Self.texts([5, 6, 7])
        defer { withExtendedLifetime((one, two)) {} }
        let data = try PackedDocuments([.init(first, weight: 3), .init(second, weight: 1)], Self.options(50, 50))
        var cursor = data.start
        for _ in 0..<100 {
            _ = try data.next(&cursor)
            let drawn = cursor.places.map { Double($0.drawn) }
            #expect(abs(drawn[0] - 3 * drawn[1]) <= 3 * 21)
        }
        let bySize = try PackedDocuments([.init(first), .init(second)], Self.options(1, 1))
        let batches = try Self.batches(bySize, 59)
        #expect(batches.count { Self.text($0.tokens).allSatisfy { "ABabc".contains($0) } } > 0)
    }

    @Test func partsThatDoNotBelongTogetherAreRefused() throws {
        let (texts, one) = try Self.texts([3]), (pairs, two) = try Self.chats([2], pairs: true)
        defer { withExtendedLifetime((one, two)) {} }
        let options = Self.options(100, 100)
        #expect(throws: DataError.self) { try PackedDocuments([.init(texts), .init(pairs)], options) }
        #expect(throws: DataError.self) { try PackedDocuments([.init(texts)], validation: [pairs], options) }
        #expect(throws: DataError.self) { try PackedDocuments([], options) }
        #expect(throws: DataError.self) { try PackedDocuments([.init(texts, weight: 0)], options) }
        #expect(throws: DataError.self) { try PackedDocuments(texts, Self.options(9, 9) { $0.heldOut = 1 }) }
        let other = DataFixture.bytes(["<s>"], eos: "<s>")
        let third = try PreparedDataset.prepare([one.source("b.txt", "abc")], other, in: one.datasets)
        #expect(throws: DataError.self) { try PackedDocuments([.init(texts), .init(third)], options) }
    }

    @Test func aPlaceOfOtherDataIsRefused() throws {
        let (dataset, fixture) = try Self.texts([3, 4])
        defer { withExtendedLifetime(fixture) {} }
        let data = try PackedDocuments(dataset, Self.options(10, 10))
        for (position, offset) in [(-1, 0), (3, 0), (0, -1), (0, 99)] {
            var cursor = data.start
            (cursor.places[0].position, cursor.places[0].offset) = (position, offset)
            #expect(throws: DataError.self) { try data.next(&cursor) }
        }
        var cursor = data.start
        cursor.places = []
        #expect(throws: DataError.self) { try data.next(&cursor) }
    }
}
