import CKernels
import Tensors
import Testing

/// The instruction sets that this machine runs: the argument list of every kernel test, so that a report shows what ran.
struct ISA: Sendable, CustomTestStringConvertible {
    let isa: isa_t

    static let available = (0..<ISA_COUNT.rawValue).map { ISA(isa: isa_t($0)) }.filter { kernels_for($0.isa) != nil }

    var kernels: kernels_t { kernels_for(isa)!.pointee }
    var testDescription: String { String(cString: kernels.name) }
}

extension DType {
    static let weights: [DType] = allCases.filter { $0 != .int32 }

    var weight: weight_t { weight_t(UInt32(DType.weights.firstIndex(of: self)!)) }
}
