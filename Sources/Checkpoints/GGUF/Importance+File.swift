import Tensors

extension Importance {
    private static let type = "imatrix", sums = ".in_sum2", counts = ".counts"
    private static let most = 1 << 30

    /// Writes the matrix as llama.cpp's tools keep theirs: GGUF with `NAME.in_sum2` `[1, width]` and `NAME.counts` `[1, 1]`.
    ///
    /// - Parameter settings: the network's, which say how GGUF spells the names.
    public func write(to path: String, for settings: Settings) throws {
        let architecture = try GGUFExport.of(settings).architecture
        var writer = GGUFWriter([
            "general.type": .string(Importance.type), "imatrix.datasets": .array(GGUFArray(texts)),
            "imatrix.chunk_count": .uint32(UInt32(clamping: chunks)),
            "imatrix.chunk_size": .uint32(UInt32(clamping: chunkTokens)),
        ])
        for (map, inputs) in maps.sorted(by: { $0.key < $1.key }) {
            guard let name = architecture.spelling(map + ".weight") else { continue }
            writer.add(name + Importance.sums, Tensor(inputs.squares, shape: [1, inputs.squares.count]))
            writer.add(name + Importance.counts, Tensor([Float(inputs.rows)], shape: [1, 1]))
        }
        try writer.write(to: path)
    }

    /// Reads such a file.
    ///
    /// - Throws: ``CheckpointError`` for files of another kind, of experts, or whose sums are no sums of squares.
    public init(path: String, for settings: Settings) throws {
        let architecture = try GGUFExport.of(settings).architecture, file = try GGUFFile(path: path)
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
            maps[String(map.dropLast(".weight".count))] = try Importance.inputs(sums, counts, weight, path)
        }
        self.init(
            maps: maps,
            texts: file.metadata["imatrix.datasets"]?.strings.map(Array.init) ?? [],
            chunks: file.metadata["imatrix.chunk_count"]?.integer ?? 0,
            chunkTokens: file.metadata["imatrix.chunk_size"]?.integer ?? 0
        )
    }

    private static func inputs(_ sums: Tensor, _ counts: Tensor?, _ name: String, _ path: String) throws -> Inputs {
        guard sums.dtype == .float32, sums.shape.count <= 2, sums.shape.rows == 1, sums.peak.isFinite,
            let counts, counts.dtype == .float32, counts.shape.elements == 1, counts.peak <= Float(most)
        else {
            let what = "\(name) has no sums of squares for one matrix; experts' are not read"
            throw CheckpointError.unsupported(file: path, what: what)
        }
        let squares = sums.scalars, rows = Int(counts.scalars[0])
        guard rows > 0, squares.allSatisfy({ $0 >= 0 }) else {
            throw CheckpointError.unsupported(file: path, what: "\(name) has sums of squares below 0, or of no rows")
        }
        return Inputs(squares: squares, rows: rows)
    }
}
