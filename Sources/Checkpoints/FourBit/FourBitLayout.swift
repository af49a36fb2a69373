/// How the Hub's folders keep matrices of 4-bit levels: `quantization_config` of config.json.
///
/// A weight is `scale * (level - zero)`, with a scale in half precision and a zero for each output and each group of inputs. A matrix
/// `NAME.weight` `[outputs, inputs]` is kept as `NAME.scales` `[groups, outputs]` and as words of eight levels or zeros:
///
/// - GPTQ (Frantar et al. 2023, as AutoGPTQ lays it out): `qweight` `[inputs / 8, outputs]`, `qzeros` `[groups, outputs / 8]`, lowest
///   bits first, and `g_idx` `[inputs]`, the group of each input. Zeros are stored less one, unless the format is `gptq_v2`.
/// - AWQ (Lin et al. 2023, the `gemm` version of AutoAWQ): `qweight` `[inputs, outputs / 8]`, `qzeros` `[groups, outputs / 8]`, both with
///   outputs 0, 2, 4, 6, 1, 3, 5, 7 of eight from the lowest bits on.
public struct FourBitLayout: Sendable, Hashable {
    public enum Method: String, Sendable, CaseIterable { case awq, gptq }

    public let method: Method
    /// Inputs that share a scale; nil for all of a row.
    public let group: Int?
    /// What is added to stored zeros.
    let zeroShift: Int

    /// What this version writes: groups of 128 inputs.
    public init(_ method: Method, group: Int = 128) {
        precondition(group > 0 && group % 8 == 0, "groups of \(group) inputs")
        (self.method, self.group, zeroShift) = (method, group, method == .gptq ? 1 : 0)
    }

    /// Reads `quantization_config`.
    ///
    /// - Throws: ``CheckpointError/setting(key:value:expected:)`` for a layout that is not read.
    public init(_ configuration: Settings) throws {
        func refuse(_ key: String, _ expected: String) -> CheckpointError {
            let value = configuration[key].map { "\($0)" } ?? "missing"
            let remedy = "\(expected); or fetch the model in float16 or bfloat16, or as a quantised GGUF file"
            return .setting(key: "quantization_config.\(key)", value: value, expected: remedy)
        }
        let name: String = try configuration("quant_method", default: "")
        guard let method = Method(rawValue: name.lowercased()) else { throw refuse("quant_method", "awq or gptq") }
        guard try configuration("bits", default: 0) == 4 else { throw refuse("bits", "4") }
        let group: Int = try configuration("group_size", default: 128)
        guard group == -1 || group > 0 && group % 8 == 0 else { throw refuse("group_size", "-1 or a multiple of 8") }
        if let dynamic: Settings = try configuration.optional("dynamic"), !dynamic.values.isEmpty {
            throw refuse("dynamic", "none")
        }
        (self.method, self.group) = (method, group == -1 ? nil : group)
        switch method {
        case .awq:
            let version: String = try configuration("version", default: "gemm")
            guard version.lowercased() == "gemm" else { throw refuse("version", "gemm") }
            zeroShift = 0
        case .gptq:
            let format: String = try configuration("checkpoint_format", default: "gptq")
            guard ["gptq", "gptq_v2"].contains(format) else { throw refuse("checkpoint_format", "gptq or gptq_v2") }
            zeroShift = format == "gptq" ? 1 : 0
        }
    }

    /// `quantization_config` for files written in this layout.
    ///
    /// - Parameter isSymmetric: whether every zero is 8.
    public func configuration(isSymmetric: Bool) -> Settings {
        var settings: Settings = [
            "quant_method": .string(method.rawValue), "bits": 4, "group_size": .integer(group ?? -1),
        ]
        switch method {
        case .awq:
            settings["version"] = "gemm"
            settings["zero_point"] = true
        case .gptq:
            settings["checkpoint_format"] = "gptq"
            settings["desc_act"] = false
            settings["sym"] = .bool(isSymmetric)
        }
        return settings
    }

    /// Where each of eight outputs' bits begin in AWQ's words, in units of four.
    static let awqPlaces = [0, 4, 1, 5, 2, 6, 3, 7]

    /// Where an output's zero stands in its word, in bits.
    func zeroBits(_ output: Int) -> UInt32 {
        UInt32(4 * (method == .awq ? FourBitLayout.awqPlaces[output % 8] : output % 8))
    }
}
