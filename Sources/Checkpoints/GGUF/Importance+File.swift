import Tensors

extension Importance {
    private static let type = "imatrix", sums = ".in_sum2", counts = ".counts"
    private static let most = 1 << 30

    /// Writes the matrix as llama.cpp's tools keep theirs: GGUF with `NAME.in_sum2` `[1, width]` and `NAME.counts` `[1, 1]`, of a layer's
    /// experts `[experts, width]` and `[experts, 1]`.
    ///
    /// - Parameter settings: the network's, which say how GGUF spells the names.
    public func write(to path: String, for settings: Settings) throws {
        let architecture = try GGUFExport.of(settings).architecture
        var writer = GGUFWriter([
            "general.type": .string(Importance.type), "imatrix.datasets": .array(GGUFArray(texts)),
            "imatrix.chunk_count": .uint32(UInt32(clamping: chunks)),
            "imatrix.chunk_size": .uint32(UInt32(clamping: chunkTokens)),
        ])
        for (map, experts) in byTensor.sorted(by: { $0.key < $1.key }) {
            guard let name = architecture.spelling(map + ".weight"),
                let width = experts.values.first?.squares.count
            else { continue }
            let count = (experts.keys.max() ?? 0) + 1
            let none = Inputs(squares: Array(repeating: 0, count: width), rows: 0)
            let all = (0..<count).map { experts[$0] ?? none }
            guard all.allSatisfy({ $0.squares.count == width }) else { continue }
            writer.add(name + Importance.sums, Tensor(all.flatMap(\.squares), shape: [count, width]))
            writer.add(name + Importance.counts, Tensor(all.map { Float($0.rows) }, shape: [count, 1]))
        }
        try writer.write(to: path)
    }

    /// What is one tensor in a file, by the name of its map, with `#` for the number of an expert.
    private var byTensor: [String: [Int: Inputs]] {
        var tensors: [String: [Int: Inputs]] = [:]
        for (map, inputs) in maps {
            let (name, expert) = WrittenTensor.split(map)
            tensors[name, default: [:]][expert] = inputs
        }
        return tensors
    }

    /// Reads such a file.
    ///
    /// An expert that no row went to has no entry.
    ///
    /// - Throws: ``CheckpointError`` for files of another kind, or whose sums are no sums of squares.
    public init(path: String, for settings: Settings) throws {
        try self.init(GGUFFile(path: path), for: settings)
    }

    init(_ file: GGUFFile, for settings: Settings) throws {
        let architecture = try GGUFExport.of(settings).architecture, path = file.path
        guard file.metadata["general.type"]?.text == Importance.type else {
            let what = "this is no importance matrix: general.type is not imatrix"
            throw CheckpointError.unsupported(file: path, what: what)
        }
        var values: [String: Tensor] = [:]
        for tensor in file.tensors { values[tensor.name] = try file.stored(tensor) }
        var maps: [String: Inputs] = [:]
        for (name, sums) in values where name.hasSuffix(Importance.sums) {
            let weight = String(name.dropLast(Importance.sums.count)), counts = values[weight + Importance.counts]
            let map = architecture.name(weight)
            guard map.hasSuffix(".weight") else { continue }
            let name = String(map.dropLast(".weight".count))
            let all = try Importance.inputs(sums, counts, weight, path)
            guard name.contains("#") || all.count == 1 else {
                throw CheckpointError.unsupported(file: path, what: "\(weight) has sums of \(all.count) matrices")
            }
            for (expert, inputs) in all.enumerated() where inputs.rows > 0 {
                maps[name.replacing("#", with: String(expert))] = inputs
            }
        }
        self.init(
            maps: maps,
            texts: file.metadata["imatrix.datasets"]?.strings.map(Array.init) ?? [],
            chunks: file.metadata["imatrix.chunk_count"]?.integer ?? 0,
            chunkTokens: file.metadata["imatrix.chunk_size"]?.integer ?? 0
        )
    }

    /// Those of each matrix.
    private static func inputs(_ sums: Tensor, _ counts: Tensor?, _ name: String, _ path: String) throws -> [Inputs] {
        let matrices = sums.shape.rows, width = sums.shape.width
        guard sums.dtype == .float32, sums.shape.count <= 2, sums.peak.isFinite, 1...4096 ~= matrices,
            let counts, counts.dtype == .float32, counts.shape.elements == matrices, counts.peak <= Float(most)
        else {
            let what = "\(name) has no sums of squares with a count for each matrix"
            throw CheckpointError.unsupported(file: path, what: what)
        }
        let squares = sums.scalars, rows = counts.scalars
        guard squares.allSatisfy({ $0 >= 0 }), rows.allSatisfy({ $0 >= 0 }), rows.contains(where: { $0 >= 1 }) else {
            throw CheckpointError.unsupported(file: path, what: "\(name) has sums of squares below 0, or of no rows")
        }
        return rows.enumerated().map { index, count in
            Inputs(squares: Array(squares[index * width..<(index + 1) * width]), rows: Int(count))
        }
    }
}
