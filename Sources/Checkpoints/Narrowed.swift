public import Tensors

/// Matrices of float32 as a narrower type, as a network that learns reads them.
///
/// Maps whose products round to that type themselves are given the float32 matrix, so that of most there is no copy.
public struct Narrowed: WeightSource {
    private let masters: [String: Tensor], dtype: DType

    public init(_ masters: [String: Tensor], _ dtype: DType) { (self.masters, self.dtype) = (masters, dtype) }

    public func tensor(_ name: String, _ fresh: Initializer?) -> Tensor? {
        masters[name].map { $0.shape.count >= 2 ? $0.cast(to: dtype) : $0 }
    }

    public func master(_ name: String) -> Tensor? {
        guard let tensor = masters[name], dtype.isRoundedInProducts else { return nil }
        return tensor.shape.count == 2 && tensor.dtype == .float32 && !tensor.isPacked ? tensor : nil
    }
}
