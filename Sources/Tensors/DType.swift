/// What one element is, and how it is stored.
///
/// The quantised types are GGUF's (`ggml-common.h` of the ggml project, where each block is specified): their elements
/// come in blocks of 32 or 256 along the last axis, with a scale and perhaps a minimum for each block.
public enum DType: String, Sendable, Hashable, CaseIterable {
    case float32, float16, bfloat16, int32
    case q4_0, q4_1, q5_0, q5_1, q8_0, q2_K, q3_K, q4_K, q5_K, q6_K
    case iq4_NL, iq4_XS, mxfp4, tq2_0

    /// Elements in one block; 1 for types that are not quantised.
    public var blockSize: Int {
        switch self {
        case .float32, .float16, .bfloat16, .int32: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_NL, .mxfp4: 32
        case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_XS, .tq2_0: 256
        }
    }

    /// Bytes of one block.
    public var bytesPerBlock: Int {
        switch self {
        case .float32, .int32: 4
        case .float16, .bfloat16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q2_K: 84
        case .q3_K: 110
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        case .iq4_NL: 18
        case .iq4_XS: 136
        case .mxfp4: 17
        case .tq2_0: 66
        }
    }

    public var isQuantized: Bool { blockSize > 1 }

    /// Bytes of `elements` elements, which must fill whole blocks.
    public func bytes(for elements: Int) -> Int {
        precondition(elements % blockSize == 0, "\(elements) elements do not fill \(self) blocks of \(blockSize)")
        return elements / blockSize * bytesPerBlock
    }
}
