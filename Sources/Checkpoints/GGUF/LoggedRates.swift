import Foundation
import Tensors

/// A state space's weights with the logarithms of its rates, `A_log`, where a GGUF file has what they stand for: `-exp(A_log)`.
struct LoggedRates: NamedWeights {
    let source: any NamedWeights
    /// Whether it is the way back, into a file.
    var isWritten = false

    var entries: [WeightEntry] {
        source.entries.map { Self.holds($0.name) ? WeightEntry($0.name, .float32, $0.shape) : $0 }
    }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        guard let tensor = try source.tensor(name, fresh), Self.holds(name) else {
            return try source.tensor(name, fresh)
        }
        if isWritten { return Tensor(tensor.scalars.map { -exp($0) }, shape: tensor.shape) }
        guard tensor.scalars.allSatisfy({ $0 < 0 }) else {
            throw CheckpointError.setting(key: name, value: "a rate from 0 on", expected: "rates below 0")
        }
        return Tensor(tensor.scalars.map { log(-$0) }, shape: tensor.shape)
    }

    private static func holds(_ name: String) -> Bool { name.hasSuffix(".mixer.A_log") }
}
