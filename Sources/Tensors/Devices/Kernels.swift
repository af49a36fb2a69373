import CKernels

/// The kernels of this machine's best instruction set.
enum Kernel {
    nonisolated(unsafe) static let table: kernels_t = kernels().pointee
}

/// The instruction set in use, such as `avx512`.
public var instructionSet: String {
    String(String(cString: Kernel.table.name).dropFirst("kernels_".count))
}

extension DType {
    /// What the panel kernels call this type; nil for types that are no weights.
    var weight: weight_t? {
        switch self {
        case .float32: WEIGHT_F32
        case .float16: WEIGHT_F16
        case .bfloat16: WEIGHT_BF16
        case .int32: nil
        case .q4_0: WEIGHT_Q4_0
        case .q4_1: WEIGHT_Q4_1
        case .q5_0: WEIGHT_Q5_0
        case .q5_1: WEIGHT_Q5_1
        case .q8_0: WEIGHT_Q8_0
        case .q2_K: WEIGHT_Q2_K
        case .q3_K: WEIGHT_Q3_K
        case .q4_K: WEIGHT_Q4_K
        case .q5_K: WEIGHT_Q5_K
        case .q6_K: WEIGHT_Q6_K
        case .iq4_NL: WEIGHT_IQ4_NL
        case .iq4_XS: WEIGHT_IQ4_XS
        case .mxfp4: WEIGHT_MXFP4
        case .tq2_0: WEIGHT_TQ2_0
        }
    }
}
