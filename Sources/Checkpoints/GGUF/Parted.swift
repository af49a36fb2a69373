import Tensors

/// Another source's weights, one map of each attention as three: `q_proj`, `k_proj` and `v_proj`.
struct Parted: NamedWeights {
    /// The rows of the whole map that each part has.
    struct Rows: Sendable {
        let parts: [[Range<Int>]]

        /// Queries, keys and values, one after another.
        static func inTurn(_ settings: Settings) throws -> Rows {
            let width = try headWidth(settings), heads = try settings.positive("num_attention_heads") * width
            let keys = try settings.positive("num_key_value_heads", default: heads / width) * width
            return Rows(parts: [[0..<heads], [heads..<heads + keys], [heads + keys..<heads + 2 * keys]])
        }

        /// For each key head its query heads, the key, the value.
        static func grouped(_ settings: Settings) throws -> Rows {
            let width = try headWidth(settings), heads = try settings.positive("num_attention_heads")
            let keys = try settings.positive("num_key_value_heads", default: heads), group = heads / max(keys, 1)
            let starts = (0..<keys).map { $0 * (group + 2) * width }
            return Rows(parts: [
                starts.map { $0..<$0 + group * width },
                starts.map { $0 + group * width..<$0 + (group + 1) * width },
                starts.map { $0 + (group + 1) * width..<$0 + (group + 2) * width },
            ])
        }

        private static func headWidth(_ settings: Settings) throws -> Int {
            try settings.positive("head_dim", default: GGUFSettings.meanWidth(settings))
        }

        func count(_ part: Int) -> Int { parts[part].reduce(0) { $0 + $1.count } }
    }

    private let source: any NamedWeights, whole: String, rows: Rows
    private static let names = ["q_proj", "k_proj", "v_proj"]

    init(_ source: any NamedWeights, whole: String, rows: Rows) {
        (self.source, self.whole, self.rows) = (source, ".\(whole).", rows)
    }

    var entries: [WeightEntry] {
        source.entries.flatMap { entry in
            guard entry.name.contains(whole) else { return [entry] }
            return Self.names.enumerated().map { part, name in
                let shape = [rows.count(part)] + entry.shape.dropFirst()
                return WeightEntry(entry.name.replacing(whole, with: ".\(name)."), entry.dtype, shape)
            }
        }
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let part = Self.names.firstIndex(where: { name.contains(".\($0).") }) else {
            return try source.tensor(name, fresh)
        }
        let origin = name.replacing(".\(Self.names[part]).", with: whole)
        guard let all = try source.tensor(origin, fresh) else { return try source.tensor(name, fresh) }
        let total = rows.parts.indices.reduce(0) { $0 + rows.count($1) }
        guard all.shape.first == total else {
            throw CheckpointError.shape(origin, expected: [total], found: Array(all.shape))
        }
        return all.taking(rows.parts[part])
    }
}

extension Tensor {
    /// Some rows of a matrix, or numbers of a vector, in any type.
    fileprivate func taking(_ ranges: [Range<Int>]) -> Tensor {
        let count = ranges.reduce(0) { $0 + $1.count },
            block: MemoryBlock = withBytes { source in
                let size = source.count / max(1, shape.first ?? 1), block = MemoryBlock(count * size)
                var start = 0
                for range in ranges {
                    let bytes = range.lowerBound * size..<range.upperBound * size
                    UnsafeMutableRawBufferPointer(rebasing: block.buffer[start..<start + bytes.count])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[bytes]))
                    start += bytes.count
                }
                return block
            }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        return Tensor(borrowing: bytes, owner: block, dtype: dtype, shape: Shape([count] + shape.dropFirst()))
    }
}

/// Another source's weights under other names.
struct Respelt: NamedWeights {
    private let source: any NamedWeights
    private let origins: [String: String]
    let entries: [WeightEntry]

    /// - Parameter names: parts of the source's names, and what stands there instead; one at the beginning stands there only.
    init(_ source: any NamedWeights, _ names: [String: String]) {
        var origins: [String: String] = [:]
        entries = source.entries.map { entry in
            let name = names.reduce(entry.name) { name, pair in
                let isPart = pair.key.hasPrefix(".")
                if isPart { return name.replacing(pair.key, with: pair.value) }
                return name.hasPrefix(pair.key) ? pair.value + name.dropFirst(pair.key.count) : name
            }
            origins[name] = entry.name
            return WeightEntry(name, entry.dtype, entry.shape)
        }
        (self.source, self.origins) = (source, origins)
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        try origins[name].flatMap { try source.tensor($0, fresh) }
    }
}
