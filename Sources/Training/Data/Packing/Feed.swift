/// One dataset as units that are learnt together: a document, or a pair of them.
struct Feed: Sendable {
    let dataset: PreparedDataset
    private let options: PackingOptions
    private let seed: UInt64
    private(set) var counts = PackingCounts()

    /// Looks at the length of every document once.
    init(_ dataset: PreparedDataset, _ options: PackingOptions, number: Int) {
        (self.dataset, self.options) = (dataset, options)
        seed = RowKey.mixed(options.seed &+ UInt64(number))
        for unit in 0..<units {
            if isHeldOut(unit) {
                counts.heldOut += 1
            } else if let lengths = rows(of: unit) {
                counts.documents += 1
                counts.rows += lengths.reduce(0, +)
                if isOverlong(unit), dataset.kind != .text { counts.truncated += 1 }
            } else {
                counts.overlong += 1
            }
        }
    }

    var units: Int { dataset.kind == .preference ? dataset.documentCount / 2 : dataset.documentCount }

    private func documents(of unit: Int) -> Range<Int> {
        dataset.kind == .preference ? unit * 2..<unit * 2 + 2 : unit..<unit + 1
    }

    private func key(_ unit: Int) -> UInt64 { dataset.key(of: documents(of: unit).lowerBound) }

    private func isHeldOut(_ unit: Int) -> Bool { options.heldOut > 0 && Self.share(key(unit)) < options.heldOut }

    private static func share(_ key: UInt64) -> Double { Double(key >> 11) / Double(1 << 53) }

    private func isOverlong(_ unit: Int) -> Bool {
        let lengths = documents(of: unit).map { dataset.length(of: $0) - 1 }
        return lengths.contains { $0 > options.context } || lengths.reduce(0, +) > options.batchTokens
    }

    /// How many rows of each document are learnt, or nil where the unit is left out.
    private func rows(of unit: Int) -> [Int]? {
        let documents = documents(of: unit), lengths = documents.map { dataset.length(of: $0) - 1 }
        guard dataset.kind != .text, isOverlong(unit) else { return lengths }
        guard options.overlong == .truncated else { return nil }
        let most = min(options.context, options.batchTokens / lengths.count)
        let cut = lengths.map { min($0, most) }
        let isLearnt = zip(documents, cut).allSatisfy { dataset.learns(within: $1, of: $0) }
        return isLearnt ? cut : nil
    }

    /// Adds to a batch what comes next; returns whether something fitted.
    func give(_ batch: inout Packer, _ place: inout PackedDocuments.Place) throws -> Bool {
        let (unit, lengths) = try next(&place)
        if dataset.kind == .text { return try piece(unit, lengths[0], &batch, &place) }
        let count = lengths.reduce(0, +)
        guard count <= batch.room else { return false }
        try add(unit, lengths, to: &batch)
        place.drawn += count
        place.position += 1
        return true
    }

    private func add(_ unit: Int, _ lengths: [Int], to batch: inout Packer) throws {
        for (document, length) in zip(documents(of: unit), lengths) {
            batch.append(try dataset.rows(0..<length, of: document))
        }
    }

    /// As much of a text as fits; the rest is left for later.
    private func piece(
        _ unit: Int,
        _ length: Int,
        _ batch: inout Packer,
        _ place: inout PackedDocuments.Place
    ) throws -> Bool {
        guard place.offset < length else { throw DataError.cursor(problem: "row \(place.offset) of \(length)") }
        let end = min(length, place.offset + min(options.context, batch.room))
        batch.append(try dataset.rows(place.offset..<end, of: unit))
        place.drawn += end - place.offset
        place.offset = end
        if end == length { (place.position, place.offset) = (place.position + 1, 0) }
        return true
    }

    /// The unit at a place or the first after it that is learnt from; the place moves there, over the end of an epoch if need be.
    private func next(_ place: inout PackedDocuments.Place) throws -> (Int, [Int]) {
        while true {
            if place.position == units { (place.epoch, place.position) = (place.epoch + 1, 0) }
            guard place.position >= 0, place.position < units, place.offset >= 0 else {
                throw DataError.cursor(problem: "document \(place.position) of \(units)")
            }
            let unit = ShuffledOrder(units, seed: seed, epoch: place.epoch)[place.position]
            if !isHeldOut(unit), let rows = rows(of: unit) { return (unit, rows) }
            (place.position, place.offset) = (place.position + 1, 0)
        }
    }

    /// What is measured of what is held out, about so many tokens.
    func validation(tokens: Int) throws -> [TrainingBatch] {
        guard options.heldOut > 0 else { return [] }
        let share = Double(tokens) / Double(max(1, dataset.statistics.tokens))
        return try measured(share: min(options.heldOut, share))
    }

    /// Batches of the units with the lowest keys, in the order of the files.
    func measured(share: Double) throws -> [TrainingBatch] { try batches { Self.share(key($0)) < share } }

    /// Batches of the units that are asked for, in the order of the files.
    private func batches(where isWanted: (Int) -> Bool) throws -> [TrainingBatch] {
        var batches: [TrainingBatch] = [], packer = Packer(capacity: options.batchTokens)
        func close() {
            if packer.room < packer.capacity { batches.append(packer.batch) }
            packer = Packer(capacity: options.batchTokens)
        }
        for unit in 0..<units where isWanted(unit) {
            guard let lengths = rows(of: unit) else { continue }
            if dataset.kind == .text {
                var place = PackedDocuments.Place()
                while place.position == 0 {
                    if packer.room == 0 { close() }
                    _ = try piece(unit, lengths[0], &packer, &place)
                }
            } else {
                if lengths.reduce(0, +) > packer.room { close() }
                try add(unit, lengths, to: &packer)
            }
        }
        close()
        return batches
    }
}
