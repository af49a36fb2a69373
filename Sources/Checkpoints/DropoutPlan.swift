public import Tensors

/// How much one step of training leaves out, by kind of place, and the number that decides what it is.
///
/// It reaches layers with their weights, as a network is made anew at every step; without a plan, as in service, nothing is left out.
public struct DropoutPlan: Sendable, Hashable {
    /// The share of what a block adds to what passes through it, and of what goes into an adapter.
    public var residual: Float, adapter: Float
    /// Another one at every step.
    public var seed: UInt64

    public init(residual: Float = 0, adapter: Float = 0, seed: UInt64 = 0) {
        (self.residual, self.adapter, self.seed) = (residual, adapter, seed)
    }
}

extension Weights {
    /// What is left out of what a block adds in this place.
    public var residualDropout: Dropout { Dropout(rate: dropout.residual, key: key) }

    /// What is left out of what goes into an adapter in this place.
    public var adapterDropout: Dropout { Dropout(rate: dropout.adapter, key: key) }

    private var key: UInt64 { dropout.seed ^ fingerprint(path) }
}
