/// A checkpoint's settings, under the names of Hugging Face's config.json.
///
///     let width: Int = try settings.positive("hidden_size")
///     let epsilon: Float = try settings("rms_norm_eps")
///     let window: Int? = try settings.optional("sliding_window")
///
/// Numbers convert where nothing is lost: 10000 reads as a `Float`, 64.0 as an `Int`. A null counts as absent. What is there
/// but of the wrong kind is an error, never a default.
///
/// A few families spell common keys in a way of their own, GPT-2 `n_embd` for `hidden_size`; the common key finds those too.
public struct Settings: Sendable, Hashable {
    public private(set) var values: [String: Value]

    public init(_ values: [String: Value] = [:]) { self.values = values }

    /// The value of a key that must be there.
    public func callAsFunction<V: SettingValue>(_ key: String, _: V.Type = V.self) throws -> V {
        guard let value: V = try optional(key) else { throw CheckpointError.missingKey(key) }
        return value
    }

    /// The value of a key, or `fallback` where it is absent.
    public func callAsFunction<V: SettingValue>(_ key: String, default fallback: @autoclosure () throws -> V) throws
        -> V
    {
        try optional(key) ?? fallback()
    }

    /// The value of a key, or nil where it is absent.
    public func optional<V: SettingValue>(_ key: String, _: V.Type = V.self) throws -> V? {
        guard let value = self[key], value != .null else { return nil }
        guard let converted = V(setting: value) else {
            throw CheckpointError.setting(key: spelling(key), value: "\(value)", expected: V.expected)
        }
        return converted
    }

    /// A size that must be there: from 1 to 2³¹-1, so that the product of two never overflows.
    public func positive(_ key: String) throws -> Int { try checkedSize(key, self(key)) }

    /// A size, or `fallback` where it is absent.
    public func positive(_ key: String, default fallback: @autoclosure () throws -> Int) throws -> Int {
        try checkedSize(key, self(key, default: fallback()))
    }

    private func checkedSize(_ key: String, _ size: Int) throws -> Int {
        guard size > 0, size <= Int32.max else {
            let expected = "a whole number from 1 to \(Int32.max)"
            throw CheckpointError.setting(key: spelling(key), value: "\(size)", expected: expected)
        }
        return size
    }

    /// Sets or, with nil, removes a key, under the spelling that is there.
    public subscript(key: String) -> Value? {
        get { values[spelling(key)] }
        set { values[spelling(key)] = newValue }
    }

    /// What GPT-2's config.json, and that of those who followed it, calls what others call `key`.
    package static let gpt2Spellings = [
        "hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head",
        "intermediate_size": "n_inner", "max_position_embeddings": "n_positions",
    ]

    /// What ChatGLM's calls it.
    package static let chatGLMSpellings = [
        "vocab_size": "padded_vocab_size", "num_hidden_layers": "num_layers", "intermediate_size": "ffn_hidden_size",
        "num_key_value_heads": "multi_query_group_num", "head_dim": "kv_channels", "rms_norm_eps": "layernorm_epsilon",
        "max_position_embeddings": "seq_length",
    ]

    /// What a common key is called here.
    package func spelling(_ key: String) -> String {
        guard values[key] == nil else { return key }
        let own = [Settings.gpt2Spellings, Settings.chatGLMSpellings].compactMap { $0[key] }
        return own.first { values[$0] != nil } ?? key
    }

    /// The same settings under a family's own keys, by the common ones; of two for the same the own stays.
    package func spelt(as spellings: [String: String]) -> Settings {
        var values = values
        for (common, own) in spellings {
            guard let value = values.removeValue(forKey: common) else { continue }
            values[own] = values[own] ?? value
        }
        return Settings(values)
    }
}

extension Settings: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral pairs: (String, Value)...) {
        self.init(Dictionary(pairs) { $1 })
    }
}

extension Settings {
    /// A value as JSON has them.
    public enum Value: Sendable, Hashable {
        case null, bool(Bool), integer(Int), number(Double), string(String), array([Value]), object([String: Value])
    }
}

extension Settings.Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral values: Self...) { self = .array(values) }
    public init(dictionaryLiteral pairs: (String, Self)...) { self = .object(Dictionary(pairs) { $1 }) }
}

extension Settings.Value: CustomStringConvertible {
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "“\(value)”"
        case .array(let values): "a list of \(values.count)"
        case .object(let values): "an object of \(values.count) keys"
        }
    }
}
