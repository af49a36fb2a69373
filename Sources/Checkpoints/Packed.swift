public import Tensors

/// Another source's weights as the kernels want them: matrices packed into panels (DESIGN D2), vectors as float32.
///
/// Both are copies, so that a file's map goes when its model has been made and the weights are in memory only once; two models
/// made of one file share its matrices.
public struct Packed: WeightSource {
    private let source: any WeightSource

    public init(_ source: any WeightSource) { self.source = source }

    public func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let tensor = try source.tensor(name, fresh) else { return nil }
        switch tensor.shape.count {
        case 2: return SharedPanels.panels(of: tensor)
        case 1: return Tensor(tensor.scalars, shape: tensor.shape)
        default: return tensor
        }
    }
}
