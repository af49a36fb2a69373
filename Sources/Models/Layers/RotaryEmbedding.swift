public import Checkpoints
public import Tensors

extension Settings {
    /// Refuses a network that turns only some coordinates of a head; those here turn all.
    func requireWholeRotation() throws {
        let share: Double = try self("partial_rotary_factor", default: 1)
        guard share == 1 else {
            throw CheckpointError.setting(
                key: "partial_rotary_factor",
                value: "\(share)",
                expected: "1 in this network"
            )
        }
    }
}

/// The frequencies of rotary positions (Su et al. 2021), stretched as the settings ask.
public struct RotaryEmbedding: Sendable {
    private(set) var frequencies: [Double]
    /// What turned coordinates are multiplied by.
    private(set) var magnitude: Float = 1
    private let pairing: RotaryPairing

    /// - Parameters:
    ///   - width: how many of a head's coordinates turn.
    ///   - scaling: `rope_scaling` of a config: `linear`, `llama3` (Grattafiori et al. 2024), `yarn` (Peng et al. 2023),
    ///     `longrope` (Ding et al. 2024), or `dynamic` with a fixed `alpha`.
    public init(width: Int, base: Double, scaling: Settings? = nil, pairing: RotaryPairing = .halves) throws {
        guard base > 0, base.isFinite else {
            throw CheckpointError.setting(key: "rope_theta", value: "\(base)", expected: "a number above 0")
        }
        frequencies = rotaryFrequencies(width: width, base: base)
        self.pairing = pairing
        if let scaling { try scale(scaling, width: width, base: base) }
    }

    public func angles(at positions: [Int32]) -> RotaryAngles {
        RotaryAngles(positions: positions, frequencies: frequencies, magnitude: magnitude, pairing: pairing)
    }

    private mutating func scale(_ s: Settings, width: Int, base: Double) throws {
        let type: String = try s("rope_type", default: s("type", default: "default"))
        switch type {
        case "default": break
        case "linear":
            let factor: Double = try s.factor()
            frequencies = frequencies.map { $0 / factor }
        case "llama3": frequencies = try Self.llama3(frequencies, s)
        case "yarn":
            let (stretch, magnitude) = try s.yarn()
            (frequencies, self.magnitude) = (stretch(frequencies, base: base), magnitude)
        case "longrope", "su":
            let (factors, magnitude) = try s.longRoPE(frequencies.count)
            (frequencies, self.magnitude) = (zip(frequencies, factors).map { $0 / $1 }, magnitude)
        case "dynamic" where s["alpha"] != nil && s["alpha"] != .null:
            let alpha: Double = try s.factor("alpha")
            frequencies = rotaryFrequencies(width: width, base: stretchedBase(base, by: alpha, width: width))
        default:
            let known = "linear, llama3, yarn, longrope and dynamic with alpha are"
            throw ModelError.unsupported("rope_scaling of type “\(type)” is not supported; \(known)")
        }
    }

    /// Long waves are stretched by the factor, short ones kept, those between blended; or each divided by its own factor,
    /// where a file has worked them out.
    private static func llama3(_ frequencies: [Double], _ s: Settings) throws -> [Double] {
        if let factors: [Double] = try s.optional("factors") {
            guard factors.count == frequencies.count else {
                throw ModelError.unsupported(
                    "\(factors.count) rotary factors do not fit \(frequencies.count) frequencies"
                )
            }
            return zip(frequencies, factors).map { $0 / $1 }
        }
        let factor: Double = try s.factor(), context: Double = try s("original_max_position_embeddings")
        let low: Double = try s("low_freq_factor"), high: Double = try s("high_freq_factor")
        return frequencies.map { frequency in
            let turns = context * frequency / (2 * .pi)
            let kept = min(max((turns - low) / (high - low), 0), 1)
            return (1 - kept) * frequency / factor + kept * frequency
        }
    }
}
