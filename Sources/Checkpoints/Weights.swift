public import Tensors

/// Where a model's tensors come from: a file, a dictionary, or a random initialiser.
public protocol WeightSource: Sendable {
    /// Returns the tensor of that name, or nil if the source has none.
    ///
    /// `fresh` says how to make the tensor should the source be one that makes them, and is nil for a tensor that may be
    /// missing.
    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor?

    /// The float32 matrix that `tensor` is a bfloat16 copy of, for products that round it themselves; nil where there is none.
    func master(_ name: String) -> Tensor?
}

extension WeightSource {
    public func master(_ name: String) -> Tensor? { nil }
}

/// How to make a tensor that no file holds yet: uniform in `value ± bound`.
public struct Initializer: Sendable {
    public let shape: Shape
    public let bound, value: Float

    public init(shape: Shape, bound: Float, value: Float) {
        (self.shape, self.bound, self.value) = (shape, bound, value)
    }
}

/// A model's named tensors, seen from one point of the name tree.
///
///     let block = weights["layers"][3]
///     let q = try block["q_proj"].tensor("weight", [64, 64])  // layers.3.q_proj.weight
public struct Weights: Sendable {
    public let source: any WeightSource
    /// The names' prefix: empty, or ending in a full stop.
    public let path: String
    let dropout: DropoutPlan
    /// Whoever wants to see what maps made from these weights are given.
    public let recorder: (any InputRecorder)?
    /// Whoever wants to know which maps are made from these weights.
    public let register: (any MapRegister)?

    public init(
        _ source: any WeightSource,
        dropout: DropoutPlan = DropoutPlan(),
        recorder: (any InputRecorder)? = nil,
        register: (any MapRegister)? = nil
    ) {
        (self.source, path, self.dropout) = (source, "", dropout)
        (self.recorder, self.register) = (recorder, register)
    }

    private init(_ parent: Weights, path: String) {
        (source, self.path, dropout) = (parent.source, path, parent.dropout)
        (recorder, register) = (parent.recorder, parent.register)
    }

    public subscript(name: String) -> Weights { Weights(self, path: path + name + ".") }
    public subscript(index: Int) -> Weights { self[String(index)] }

    /// Returns a tensor the model cannot do without.
    public func tensor(_ name: String, _ shape: Shape, uniform bound: Float = 0, fill value: Float = 0) throws -> Tensor
    {
        let name = path + name
        guard let tensor = try source.tensor(name, Initializer(shape: shape, bound: bound, value: value)) else {
            throw CheckpointError.missingTensor(name)
        }
        return try checked(tensor, name, shape)
    }

    /// Returns a matrix the model cannot do without, for products alone, and whether these round it to bfloat16.
    public func matrix(_ name: String, _ shape: Shape, uniform bound: Float) throws -> (weight: Tensor, isRounded: Bool)
    {
        guard let master = source.master(path + name) else { return (try tensor(name, shape, uniform: bound), false) }
        return (try checked(master, path + name, shape), true)
    }

    private func checked(_ tensor: Tensor, _ name: String, _ shape: Shape) throws -> Tensor {
        guard tensor.shape == shape else {
            throw CheckpointError.shape(name, expected: Array(shape), found: Array(tensor.shape))
        }
        return tensor
    }

    /// Returns a tensor that a checkpoint may add, such as an adapter's.
    public func extra(_ name: String) throws -> Tensor? { try source.tensor(path + name, nil) }
}

extension [String: Tensor]: WeightSource {
    public func tensor(_ name: String, _ fresh: Initializer?) -> Tensor? { self[name] }
}

/// Is told of each affine map that a network is made with.
public protocol MapRegister: AnyObject, Sendable {
    /// Returns the map's place among all of them.
    ///
    /// - Parameters:
    ///   - path: the map's name, such as `model.layers.0.mlp.up_proj`.
    ///   - weight, bias: `[outputs, inputs]` and `[outputs]`.
    func add(_ path: String, _ weight: Tensor, _ bias: Tensor?) -> Int
}
