import Foundation
import Tensors

extension GGUFSettings {
    /// The metadata that says these settings, under the keys of the same table that reads them.
    static func metadata(_ settings: Settings, _ export: GGUFExport) throws -> GGUFMetadata {
        let name = export.name, architecture = export.architecture
        var metadata: GGUFMetadata = ["general.architecture": .string(name)]
        let keys = keys.merging(architecture.keys) { $1 }.filter { !architecture.unused.contains($0.key) }
        for (key, setting) in keys.sorted(by: { $0.key < $1.key }) {
            guard let value = settings[setting], value != .null else { continue }
            if setting == "sliding_window", try !slides(settings, export) { continue }
            metadata[name + "." + key] = try value.metadata(setting)
        }
        metadata[name + ".attention.value_length"] = metadata[name + ".attention.key_length"]
        if architecture.interleaved || settings["partial_rotary_factor"] != nil {
            let width = try settings.positive("head_dim", default: try meanWidth(settings))
            let share: Double = try settings("partial_rotary_factor", default: 1)
            metadata[name + ".rope.dimension_count"] = .uint32(UInt32((share * Double(width)).rounded()))
        }
        if metadata[name + ".feed_forward_length"] == nil {  // GPT-2's is four times the width where nothing is said
            metadata[name + ".feed_forward_length"] = .uint32(
                UInt32(clamping: 4 * (try settings.positive("hidden_size")))
            )
        }
        metadata[name + ".vocab_size"] = .uint32(UInt32(try settings.positive("vocab_size")))
        try writeScaling(settings, export, into: &metadata)
        for (key, value) in try export.keys(settings).sorted(by: { $0.key < $1.key }) {
            metadata[name + "." + key] = value
        }
        return metadata
    }

    /// Llama 3's divisors of the rotary frequencies (Grattafiori et al. 2024), which the format keeps as a tensor: long waves
    /// are stretched by the factor, short ones kept, those between blended.
    static func divisors(_ settings: Settings) throws -> [Float]? {
        guard let scaling: Settings = try settings.optional("rope_scaling"), try kind(scaling) == "llama3" else {
            return nil
        }
        if let factors: [Float] = try scaling.optional("factors") { return factors }
        let factor: Double = try scaling("factor"), context: Double = try scaling("original_max_position_embeddings")
        let low: Double = try scaling("low_freq_factor"), high: Double = try scaling("high_freq_factor")
        let base: Double = try settings("rope_theta", default: 10_000)
        let width = try settings.positive("head_dim", default: try meanWidth(settings))
        return (0..<width / 2).map { pair in
            let frequency = pow(base, -2 * Double(pair) / Double(width)), turns = context * frequency / (2 * .pi)
            let kept = min(max((turns - low) / (high - low), 0), 1)
            return Float(1 / ((1 - kept) / factor + kept))
        }
    }

    static func meanWidth(_ settings: Settings) throws -> Int {
        let width = try settings.positive("hidden_size"), heads = try settings.positive("num_attention_heads")
        return max(1, width / heads)
    }

    private static func kind(_ scaling: Settings) throws -> String {
        try scaling("rope_type", default: scaling("type", default: "default"))
    }

    /// LongRoPE's divisors (Ding et al. 2024), which the format keeps as tensors, by their names; empty for settings without them.
    static func longDivisors(_ settings: Settings) throws -> [(name: String, values: [Float])] {
        guard let scaling: Settings = try settings.optional("rope_scaling"), try isLong(kind(scaling)) else {
            return []
        }
        return [(longDivisors, try scaling("long_factor")), (shortDivisors, try scaling("short_factor"))]
    }

    private static func isLong(_ kind: String) -> Bool { ["longrope", "su"].contains(kind) }

    private static func writeScaling(
        _ settings: Settings,
        _ export: GGUFExport,
        into metadata: inout GGUFMetadata
    ) throws {
        guard var scaling: Settings = try settings.optional("rope_scaling") else { return }
        let name = export.name, kind = try kind(scaling), isLong = isLong(kind)
        guard kind != "default", kind != "llama3" else { return }
        guard ["linear", "yarn"].contains(kind) || isLong && export.takesLongDivisors else {
            let expected = "what GGUF's \(name) can say: linear, yarn" + (export.takesLongDivisors ? ", longrope" : "")
            throw CheckpointError.setting(key: "rope_scaling", value: "“\(kind)”", expected: expected)
        }
        if isLong { try writeLongScaling(settings, &scaling) }
        metadata[name + ".rope.scaling.type"] = .string(isLong ? "longrope" : kind)
        let keys = [
            "factor": "factor", "original_max_position_embeddings": "original_context_length",
            "attention_factor": "attn_factor", "beta_fast": "yarn_beta_fast", "beta_slow": "yarn_beta_slow",
        ]
        for (setting, key) in keys.sorted(by: { $0.key < $1.key }) {
            metadata[name + ".rope.scaling." + key] = try scaling[setting].map { try $0.metadata(setting) }
        }
    }

    /// Says what follows from the settings beside the scaling: the original context, and what turned coordinates are multiplied by.
    private static func writeLongScaling(_ settings: Settings, _ scaling: inout Settings) throws {
        let key = "original_max_position_embeddings", most = try settings.positive("max_position_embeddings")
        scaling[key] = scaling[key] ?? settings[key] ?? .integer(most)
        let original = try scaling.positive(key)
        let ratio: Double = try scaling("factor", default: Double(most) / Double(original))
        let magnitude = longRoPEMagnitude(ratio: ratio, original: original)
        scaling["attention_factor"] = scaling["attention_factor"] ?? .number(Double(magnitude))
        scaling["factor"] = nil
    }

    /// Whether rows see only the latest positions. GGUF can say it of some architectures alone: of others programs would not heed it.
    private static func slides(_ settings: Settings, _ export: GGUFExport) throws -> Bool {
        let window = try settings.positive("sliding_window"), architecture = export.architecture
        if export.saysWindow { return true }
        if [GGUFArchitecture.qwen2, .qwen3].contains(where: { $0.modelType == architecture.modelType }) {
            guard try settings("use_sliding_window", default: false) else { return false }
        }
        if window < (try settings("max_position_embeddings", default: Int.max)) {
            let expected = "none, or the whole context: GGUF's \(architecture.modelType) has no sliding window"
            throw CheckpointError.setting(key: "sliding_window", value: "\(window)", expected: expected)
        }
        return false
    }
}

extension Settings.Value {
    /// Settings that are numbers of any kind, and whole only by chance.
    private static let floats: Set = [
        "rope_theta", "rms_norm_eps", "layer_norm_epsilon", "routed_scaling_factor", "scale_emb", "factor",
        "attention_factor", "beta_fast", "beta_slow", "attn_logit_softcapping", "final_logit_softcapping",
        "global_rope_theta", "local_rope_theta", "layer_norm_eps", "norm_eps",
    ]

    fileprivate func metadata(_ key: String) throws -> GGUFValue {
        switch self {
        case .integer(let value):
            guard let value = UInt32(exactly: value) else { break }
            return Self.floats.contains(key) ? .float32(Float(value)) : .uint32(value)
        case .number(let value): return .float32(Float(value))
        case .string(let text): return .string(text)
        case .bool(let flag): return .bool(flag)
        default: break
        }
        throw CheckpointError.setting(key: key, value: "\(self)", expected: "a number that GGUF can hold")
    }
}

extension GGUFFile {
    /// What Llama 3's scaling divides each rotary frequency by; nil for settings without it.
    package static func rotaryDivisors(_ settings: Settings) throws -> [Float]? { try GGUFSettings.divisors(settings) }
}
