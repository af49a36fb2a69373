public import Tensors

/// A checkpoint in AWQ's or GPTQ's layout, its matrices as any other's: `NAME.weight`, in a type that holds every value.
///
/// A matrix takes `q4_0` where the zeros of its levels are all 8, else `q5_0`; both are exact. Where inputs of different scales stand side by
/// side (GPTQ's `desc_act`), it is float16.
public struct FourBitWeights: NamedWeights {
    private let source: any NamedWeights
    private let layout: FourBitLayout
    public let entries: [WeightEntry]
    private let stems: Set<String>

    private static let parts = ["qweight", "qzeros", "scales", "g_idx"]

    /// Checks the shapes of all matrices, and reads their zeros.
    public init(_ source: any NamedWeights, _ layout: FourBitLayout) throws {
        (self.source, self.layout) = (source, layout)
        let suffix = ".qweight"
        stems = Set(
            source.entries.map(\.name).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
        )
        var entries: [WeightEntry] = []
        for entry in source.entries {
            guard let stem = FourBitWeights.stem(entry.name), stems.contains(stem) else {
                entries.append(entry)
                continue
            }
            guard entry.name.hasSuffix(suffix) else { continue }
            let matrix = try FourBitWeights.matrix(stem, source, layout)
            entries.append(WeightEntry(stem + ".weight", matrix.dtype, [matrix.outputs, matrix.inputs]))
        }
        self.entries = entries
    }

    public func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        let stem = name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : ""
        guard stems.contains(stem) else { return try source.tensor(name, fresh) }
        return try FourBitWeights.matrix(stem, source, layout).tensor()
    }

    private static func matrix(
        _ stem: String,
        _ source: any NamedWeights,
        _ layout: FourBitLayout
    ) throws -> FourBitMatrix {
        try FourBitMatrix(stem, layout) { try source.tensor("\(stem).\($0)", nil) }
    }

    /// What a part's name says before its own suffix; nil for other tensors.
    private static func stem(_ name: String) -> String? {
        parts.first { name.hasSuffix("." + $0) }.map { String(name.dropLast($0.count + 1)) }
    }
}
