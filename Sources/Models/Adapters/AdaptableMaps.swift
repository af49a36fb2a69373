public import Checkpoints
import Synchronization
public import Tensors

/// The affine maps of a network that adapters can share, in the order in which it was made of them.
///
///     let maps = AdaptableMaps()
///     let network = try model(settings, Weights(Packed(file.weights), register: maps))
///     maps.add(head: network.head)
///     let adapter = try LoadedAdapter(tensors, for: maps)
public final class AdaptableMaps: MapRegister {
    struct Map: Sendable {
        let path: String, weight: Tensor, bias: Tensor?
    }

    private let maps = Mutex<[Map]>([])

    public init() {}

    public func add(_ path: String, _ weight: Tensor, _ bias: Tensor?) -> Int {
        maps.withLock { maps in
            maps.append(Map(path: path, weight: weight.detached, bias: bias?.detached))
            return maps.count - 1
        }
    }

    /// Counts what scores the vocabulary among the maps where it is tied to the embedding, as `lm_head`.
    public func add(head: AffineMap) {
        guard !all.contains(where: { $0.path == "lm_head" }) else { return }
        _ = add("lm_head", head.weight, head.bias)
    }

    var all: [Map] { maps.withLock(\.self) }

    /// `[outputs, inputs]` of each, by its name.
    public var shapes: [String: [Int]] {
        Dictionary(all.map { ($0.path, Array($0.weight.shape)) }) { first, _ in first }
    }
}
