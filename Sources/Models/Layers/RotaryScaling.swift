public import Checkpoints
import Tensors

extension Settings {
    /// A number above 0 that something is divided or multiplied by.
    func factor(_ key: String = "factor") throws -> Double {
        let factor: Double = try self(key)
        guard factor > 0 else {
            throw CheckpointError.setting(key: "rope_scaling.\(key)", value: "\(factor)", expected: "a number above 0")
        }
        return factor
    }

    /// `rope_scaling`, with the sizes that stand beside it.
    func ropeScaling() throws -> Settings? {
        guard var scaling: Settings = try optional("rope_scaling") else { return nil }
        for key in ["max_position_embeddings", "original_max_position_embeddings", Self.openedContext]
        where scaling[key] == nil { scaling[key] = self[key] }
        return scaling
    }

    /// How many of a head's coordinates turn: `partial_rotary_factor` of its width.
    func rotaryWidth(of headWidth: Int, default fallback: Double = 1) throws -> Int {
        let share: Double = try self("partial_rotary_factor", default: fallback)
        let width = share > 0 && share <= 1 ? Int(Double(headWidth) * share) : 0
        guard width > 0, width % 2 == 0 else {
            let expected = "from 0 to 1, such that an even number of the \(headWidth) coordinates turn"
            throw CheckpointError.setting(key: "partial_rotary_factor", value: "\(share)", expected: expected)
        }
        return width
    }

    /// YaRN's numbers, and what it multiplies turned coordinates by.
    func yarn() throws -> (stretch: RotaryStretch, magnitude: Float) {
        let factor = try factor(), fast: Double = try self("beta_fast", default: 32)
        let slow: Double = try self("beta_slow", default: 1)
        let most = try positive("max_position_embeddings", default: Int(Int32.max))
        let original = try positive("original_max_position_embeddings", default: most)
        guard fast > 0, slow > 0 else {
            throw CheckpointError.setting(key: "beta_fast, beta_slow", value: "\(fast), \(slow)", expected: "above 0")
        }
        let stretch = RotaryStretch(
            factor: factor,
            original: original,
            turns: (fast: fast, slow: slow),
            isCut: try self("truncate", default: true)
        )
        if let own: Float = try optional("attention_factor") { return (stretch, own) }
        let scale: Double = try self("mscale", default: 0), all: Double = try self("mscale_all_dim", default: 0)
        let isOwn = scale != 0 && all != 0
        let magnitude = isOwn ? stretch.sharpness(scale) / stretch.sharpness(all) : stretch.sharpness(1)
        return (stretch, Float(magnitude))
    }

    /// LongRoPE (Ding et al. 2024): what each of `count` frequencies is divided by, and what turned coordinates are multiplied by; by one
    /// list in a context no longer than the original, by another in a longer one.
    ///
    /// A model is one of the two, by the context that it is opened with, so that a token's result never depends on how long a text
    /// becomes.
    func longRoPE(_ count: Int) throws -> (factors: [Double], magnitude: Float) {
        let most = try positive("max_position_embeddings")
        let original = try positive("original_max_position_embeddings", default: most)
        let key = try positive(Self.openedContext, default: most) > original ? "long_factor" : "short_factor"
        let factors: [Double] = try self(key)
        guard factors.count == count, factors.allSatisfy({ $0 > 0 }) else {
            let expected = "\(count) numbers above 0"
            throw CheckpointError.setting(
                key: "rope_scaling.\(key)",
                value: "\(factors.count) numbers",
                expected: expected
            )
        }
        let ratio: Double = try self("factor", default: Double(most) / Double(original))
        return (factors, try self("attention_factor", default: longRoPEMagnitude(ratio: ratio, original: original)))
    }
}

extension Settings {
    /// How many tokens the model is opened for, where those are not its own most.
    private static let openedContext = "yuyan_context"

    /// The settings of a model that is opened for no more than `context` tokens; nil for its own most. LongRoPE goes by it.
    public func opened(for context: Int?) -> Settings {
        guard let context, context > 0 else { return self }
        var settings = self
        settings[Self.openedContext] = .integer(context)
        return settings
    }

    /// Whether keys turn otherwise in a model that is opened for `context` tokens than in one that is opened for its own most.
    public func turnsOtherwise(for context: Int) -> Bool {
        guard let scaling = try? ropeScaling(), scaling["short_factor"] != nil,
            let most = try? scaling.positive("max_position_embeddings"),
            let original = try? scaling.positive("original_max_position_embeddings", default: most)
        else { return false }
        return most > original && context <= original
    }
}
