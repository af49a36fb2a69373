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

    public static let all = [
        GGUFTensorType(0, "F32", 1, 4, .float32),
        GGUFTensorType(1, "F16", 1, 2, .float16),
        GGUFTensorType(2, "Q4_0", 32, 18, .q4_0),
        GGUFTensorType(3, "Q4_1", 32, 20, .q4_1),
        GGUFTensorType(6, "Q5_0", 32, 22, .q5_0),
        GGUFTensorType(7, "Q5_1", 32, 24, .q5_1),
        GGUFTensorType(8, "Q8_0", 32, 34, .q8_0),
        GGUFTensorType(9, "Q8_1", 32, 40),
        GGUFTensorType(10, "Q2_K", 256, 84, .q2_K),
        GGUFTensorType(11, "Q3_K", 256, 110, .q3_K),
        GGUFTensorType(12, "Q4_K", 256, 144, .q4_K),
        GGUFTensorType(13, "Q5_K", 256, 176, .q5_K),
        GGUFTensorType(14, "Q6_K", 256, 210, .q6_K),
        GGUFTensorType(15, "Q8_K", 256, 292),
        GGUFTensorType(16, "IQ2_XXS", 256, 66),
        GGUFTensorType(17, "IQ2_XS", 256, 74),
        GGUFTensorType(18, "IQ3_XXS", 256, 98),
        GGUFTensorType(19, "IQ1_S", 256, 50),
        GGUFTensorType(20, "IQ4_NL", 32, 18),
        GGUFTensorType(21, "IQ3_S", 256, 110),
        GGUFTensorType(22, "IQ2_S", 256, 82),
        GGUFTensorType(23, "IQ4_XS", 256, 136),
        GGUFTensorType(24, "I8", 1, 1),
        GGUFTensorType(25, "I16", 1, 2),
        GGUFTensorType(26, "I32", 1, 4, .int32),
        GGUFTensorType(27, "I64", 1, 8),
        GGUFTensorType(28, "F64", 1, 8),
        GGUFTensorType(29, "IQ1_M", 256, 56),
        GGUFTensorType(30, "BF16", 1, 2, .bfloat16),
        GGUFTensorType(34, "TQ1_0", 256, 54),
        GGUFTensorType(35, "TQ2_0", 256, 66),
        GGUFTensorType(39, "MXFP4", 32, 17),
        GGUFTensorType(40, "NVFP4", 64, 36),
        GGUFTensorType(41, "Q1_0", 128, 18),
    ]
}
