import Synchronization
public import Tensors

/// Another source's tensors, each asked for once: for a network that is made anew at every step over weights that stay.
///
///     Remembered(Packed(file.weights))
public final class Remembered: WeightSource {
    private let source: any WeightSource
    private let known = Mutex<[String: Tensor]>([:])

    public init(_ source: any WeightSource) { self.source = source }

    public func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        if let tensor = known.withLock({ $0[name] }) { return tensor }
        guard let tensor = try source.tensor(name, fresh) else { return nil }
        return known.withLock { known in
            if let tensor = known[name] { return tensor }
            known[name] = tensor
            return tensor
        }
    }
}
