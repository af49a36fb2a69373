public import Tensors

/// What a GGUF file's tensors are stored as: most of them alike, some in more bits.
///
/// `q4_k_m` and `q5_k_m` are the mixes that the llama.cpp project gives these names (`llama_tensor_get_type`), so that files of
/// one name compare:
///
/// - the head, or the embedding that is the head too, is `q6_K`;
/// - the maps to values and out of the MLP are `q6_K` in every layer of the first and the last eighth, and in every third between;
/// - one map for queries, keys and values is a step better than the rest.
///
/// `q4_0` to `q5_1` and `q6_k` have a head of `q6_K`; the others are alike throughout. Vectors are always float32. Rows that do
/// not fill a type's blocks take the type that ``Tensors/DType/filling(_:)`` names.
public struct Recipe: Sendable, Hashable {
    public let name: String
    let most, head, larger, fused: DType

    private init(_ name: String, _ most: DType, head: DType, larger: DType? = nil, fused: DType? = nil) {
        (self.name, self.most, self.head) = (name, most, head)
        (self.larger, self.fused) = (larger ?? most, fused ?? most)
    }

    /// Every matrix as one type.
    public init(uniform type: DType) { self.init(type.rawValue, type, head: type) }

    /// Whether it leaves anything to choose by importance.
    public var heedsImportance: Bool { [most, head, larger, fused].contains { $0.isQuantized && $0 != .q8_0 } }

    /// The recipes with a name of their own, the largest first.
    public static let all: [Recipe] = [
        Recipe("f32", .float32, head: .float32),
        Recipe("bf16", .bfloat16, head: .bfloat16),
        Recipe("f16", .float16, head: .float16),
        Recipe("q8_0", .q8_0, head: .q8_0),
        Recipe("q6_k", .q6_K, head: .q6_K),
        Recipe("q5_k_m", .q5_K, head: .q6_K, larger: .q6_K, fused: .q6_K),
        Recipe("q5_1", .q5_1, head: .q6_K),
        Recipe("q5_0", .q5_0, head: .q6_K),
        Recipe("q4_k_m", .q4_K, head: .q6_K, larger: .q6_K, fused: .q5_K),
        Recipe("q4_1", .q4_1, head: .q6_K),
        Recipe("q4_0", .q4_0, head: .q6_K),
    ]

    /// The recipe of that name, in whatever case; nil if there is none.
    public static func named(_ name: String) -> Recipe? { all.first { $0.name == name.lowercased() } }

    /// The type for a matrix that GGUF calls `name`, before it is known whether its rows fill the blocks.
    ///
    /// - Parameters:
    ///   - layers: how many the network has.
    ///   - isTied: whether the embedding is the head too.
    func type(of name: String, layers: Int, isTied: Bool) -> DType {
        let parts = name.split(separator: ".").dropLast()
        if name == "output.weight" || isTied && name == "token_embd.weight" { return head }
        guard parts.count == 3, parts.first == "blk", let layer = Int(parts[1]) else { return most }
        switch parts[2] {
        case let part where part == "attn_v" || part.hasPrefix("ffn_down"):
            return Recipe.needsMore(layer, of: layers) ? larger : most
        case "attn_qkv": return fused
        default: return most
        }
    }

    private static func needsMore(_ layer: Int, of layers: Int) -> Bool {
        let eighth = layers / 8
        return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2
    }
}

extension DType {
    /// The type itself where rows of that width fill its blocks; else one with smaller blocks and more bits, as llama.cpp chooses
    /// it: `q4_0` for `q2_K` and `q3_K`, `q5_0` for `q4_K`, `q5_1` for `q5_K`, `q8_0` for `q6_K`, and float16 where 32 do not go in.
    public func filling(_ width: Int) -> DType {
        if width % blockSize == 0 { return self }
        guard width % 32 == 0 else { return .float16 }
        return switch self {
        case .q2_K, .q3_K: .q4_0
        case .q4_K: .q5_0
        case .q5_K: .q5_1
        default: .q8_0
        }
    }
}

/// A tensor as it is about to be written.
public struct PlannedTensor: Sendable, Hashable {
    /// GGUF's name.
    public let name: String
    public let shape: [Int]
    /// What the source has, what the recipe asks for, and what is written because the rows fill its blocks.
    public let source, wanted, stored: DType

    init(_ name: String, _ entry: WeightEntry, wanted: DType) {
        (self.name, shape, source, self.wanted) = (name, entry.shape, entry.dtype, wanted)
        stored = wanted.filling(entry.shape.last ?? 1)
    }

    public var bytes: Int { stored.bytes(for: shape.reduce(1, *)) }
    public var isFallback: Bool { wanted != stored }

    /// Whether values that were rounded to fewer than eight bits are rounded again, and so err twice.
    public var isRoundedAgain: Bool {
        stored != source && stored.isQuantized && source.isQuantized && source != .q8_0
    }
}
