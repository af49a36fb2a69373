import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport

/// A tiny random network that the reference library made, with what it computed.
struct Network {
    let settings: Settings, outputs: [String: Tensor]
    /// As the reference library keeps them, and as models have them.
    let stored: [String: Tensor], weights: [String: Tensor]

    init(_ name: String) throws {
        let (tensors, metadata) = try Golden.safetensors("Models/\(name)")
        settings = try Settings(setting: .init(json: Data(metadata["config", default: "{}"].utf8))) ?? [:]
        let addsOne = try ["gemma2", "gemma3_text"].contains(settings("model_type"))
        stored = Dictionary(
            uniqueKeysWithValues: tensors.map { ($0, addsOne && $0.hasSuffix("norm.weight") ? $1.plusOne : $1) }
        )
        weights = try Network.translated(stored, settings)
        outputs = try Golden.safetensors("Models/\(name).outputs").tensors
    }

    /// The reference's weights or gradients as models have them.
    func translated(_ tensors: [String: Tensor]) throws -> [String: Tensor] {
        try Network.translated(tensors, settings)
    }

    private static func translated(_ tensors: [String: Tensor], _ settings: Settings) throws -> [String: Tensor] {
        guard try settings("model_type") == "gpt2" else { return tensors }
        // Its maps once were convolutions, `[inputs, outputs]`.
        return Dictionary(uniqueKeysWithValues: tensors.map { ($0, $0.contains(".c_") ? $1.turned : $1) })
    }

    func model(_ change: (Tensor) -> Tensor = { $0 }) throws -> any LanguageModel {
        try Models.model(settings, Weights(weights.mapValues(change)))
    }

    func tokens(_ name: String) -> [Int32] { outputs[name]!.integers }
}

extension Tensor {
    /// Gemma's norms as GGUF keeps them.
    fileprivate var plusOne: Tensor { Tensor(scalars.map { $0 + 1 }, shape: shape) }
}

extension Settings.Value {
    init(json: Data) throws {
        self.init(any: try JSONSerialization.jsonObject(with: json))
    }

    private init(any value: Any) {
        switch value {
        case let object as [String: Any]: self = .object(object.mapValues(Self.init(any:)))
        case let array as [Any]: self = .array(array.map(Self.init(any:)))
        case let text as String: self = .string(text)
        case let number as NSNumber: self = Self.number(number)
        default: self = .null
        }
    }

    private static func number(_ number: NSNumber) -> Self {
        switch UInt8(number.objCType.pointee) {
        case UInt8(ascii: "c"), UInt8(ascii: "B"): .bool(number.boolValue)
        case UInt8(ascii: "d"), UInt8(ascii: "f"): .number(number.doubleValue)
        default: .integer(number.intValue)
        }
    }
}
