public import Tensors

/// How GGUF stores a tensor: every type of the format, with the size of its blocks.
///
/// Those with a ``dtype`` can be computed with. The others are recognised, so that a file's layout is checked whole and a
/// message can name them.
public struct GGUFTensorType: Sendable, Hashable {
    /// The number that stands in the file.
    public let code: UInt32
    public let name: String
    /// Elements and bytes of one block.
    public let blockSize, bytesPerBlock: Int
    public let dtype: DType?

    /// The type with that number in a file, or nil if the format has none.
    public init?(code: UInt32) {
        guard let type = Self.byCode[code] else { return nil }
        self = type
    }

    /// The type that stores a dtype.
    public init(_ dtype: DType) {
        self = Self.all.first { $0.dtype == dtype }!
    }

    private init(_ code: UInt32, _ name: String, _ blockSize: Int, _ bytesPerBlock: Int, _ dtype: DType? = nil) {
        (self.code, self.name, self.dtype) = (code, name, dtype)
        (self.blockSize, self.bytesPerBlock) = (blockSize, bytesPerBlock)
    }

    private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

    /// Numbers that early versions of the format gave to types since removed.
    static let removed: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8",
        38: "IQ4_NL_8_8",
    ]

    public static let all: [Self] = [
        .init(0, "F32", 1, 4, .float32),
        .init(1, "F16", 1, 2, .float16),
        .init(2, "Q4_0", 32, 18, .q4_0),
        .init(3, "Q4_1", 32, 20, .q4_1),
        .init(6, "Q5_0", 32, 22, .q5_0),
        .init(7, "Q5_1", 32, 24, .q5_1),
        .init(8, "Q8_0", 32, 34, .q8_0),
        .init(9, "Q8_1", 32, 40),
        .init(10, "Q2_K", 256, 84, .q2_K),
        .init(11, "Q3_K", 256, 110, .q3_K),
        .init(12, "Q4_K", 256, 144, .q4_K),
        .init(13, "Q5_K", 256, 176, .q5_K),
        .init(14, "Q6_K", 256, 210, .q6_K),
        .init(15, "Q8_K", 256, 292),
        .init(16, "IQ2_XXS", 256, 66),
        .init(17, "IQ2_XS", 256, 74),
        .init(18, "IQ3_XXS", 256, 98),
        .init(19, "IQ1_S", 256, 50),
        .init(20, "IQ4_NL", 32, 18, .iq4_NL),
        .init(21, "IQ3_S", 256, 110),
        .init(22, "IQ2_S", 256, 82),
        .init(23, "IQ4_XS", 256, 136, .iq4_XS),
        .init(24, "I8", 1, 1),
        .init(25, "I16", 1, 2),
        .init(26, "I32", 1, 4, .int32),
        .init(27, "I64", 1, 8),
        .init(28, "F64", 1, 8),
        .init(29, "IQ1_M", 256, 56),
        .init(30, "BF16", 1, 2, .bfloat16),
        .init(34, "TQ1_0", 256, 54),
        .init(35, "TQ2_0", 256, 66, .tq2_0),
        .init(39, "MXFP4", 32, 17, .mxfp4),
        .init(40, "NVFP4", 64, 36),
        .init(41, "Q1_0", 128, 18),
    ]
}
