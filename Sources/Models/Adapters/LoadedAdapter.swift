import Checkpoints
import Synchronization
public import Tensors

/// What an adapter does to the maps of one network, ready to share that network's batches with others.
///
/// It changes nothing of the network: each row of a batch goes through the adapter that its sequence asked for, or through none
/// (Chen et al. 2023; Sheng et al. 2023).
public final class LoadedAdapter: Sendable {
    /// Unlike that of any other in this process, and never 0.
    public let id: UInt64
    /// What it holds of the memory.
    public let bytes: Int
    /// By the maps' places.
    private let corrections: [LowRankCorrection?]
    /// That of what scores the vocabulary.
    let head: LowRankCorrection?
    private let users = Atomic(0)

    private static let count = Atomic<UInt64>(0)

    /// - Parameter tensors: `PATH.lora_A.weight` `[rank, inputs]`, `PATH.lora_B.weight` `[outputs, rank]` with the adapter's factor in
    ///   it, and perhaps `PATH.lora_magnitude_vector` `[outputs]`, for some of the maps.
    /// - Throws: `CheckpointError` where a tensor is missing or has not the shape that its map asks for.
    public init(_ tensors: [String: Tensor], for maps: AdaptableMaps) throws {
        let all = maps.all, weights = Weights(tensors)
        corrections = try all.map { try LowRankCorrection($0, weights) }
        head = all.firstIndex { $0.path == "lm_head" }.flatMap { [corrections] in corrections[$0] }
        bytes = corrections.reduce(0) { $0 + ($1?.bytes ?? 0) }
        id = Self.count.add(1, ordering: .relaxed).newValue
    }

    /// Whether it changes what scores the vocabulary.
    package var changesHead: Bool { head != nil }

    subscript(place: Int) -> LowRankCorrection? { corrections.indices.contains(place) ? corrections[place] : nil }

    /// Whether nobody uses it.
    public var isIdle: Bool { users.load(ordering: .relaxed) == 0 }

    /// Somebody's use of it, which ends when it is let go.
    public func use() -> Use { Use(self) }

    public final class Use: Sendable {
        public let adapter: LoadedAdapter

        init(_ adapter: LoadedAdapter) {
            self.adapter = adapter
            adapter.users.add(1, ordering: .relaxed)
        }

        deinit { adapter.users.subtract(1, ordering: .relaxed) }
    }
}

extension LowRankCorrection {
    /// Returns nil where the adapter leaves the map alone.
    fileprivate init?(_ map: AdaptableMaps.Map, _ weights: Weights) throws {
        let own = map.path.split(separator: ".").reduce(weights) { $0[String($1)] }
        guard let a = try own.extra("lora_A.weight") else { return nil }
        let (outputs, inputs, rank) = (map.weight.shape[0], map.weight.shape[1], a.shape.first ?? 0)
        let isScaled = try own.extra("lora_magnitude_vector") != nil
        self.init(
            map.weight,
            bias: map.bias,
            down: try own.tensor("lora_A.weight", [rank, inputs]),
            up: try own.tensor("lora_B.weight", [outputs, rank]),
            lengths: isScaled ? try own.tensor("lora_magnitude_vector", [outputs]) : nil
        )
    }
}
