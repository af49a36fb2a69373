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
    let frequencies: [Double]

    /// - Parameter scaling: `rope_scaling` of a config: `linear`, or `llama3` (Llama 3.1's, Grattafiori et al. 2024).
    public init(width: Int, base: Double, scaling: Settings? = nil) throws {
        guard base > 0, base.isFinite else {
            throw CheckpointError.setting(key: "rope_theta", value: "\(base)", expected: "a number above 0")
        }
        let plain = rotaryFrequencies(width: width, base: base)
        frequencies = try scaling.map { try RotaryEmbedding.scaled(plain, $0) } ?? plain
    }

    public func angles(at positions: [Int32]) -> RotaryAngles {
        RotaryAngles(positions: positions, frequencies: frequencies)
    }

    private static func scaled(_ frequencies: [Double], _ s: Settings) throws -> [Double] {
        let type: String = try s("rope_type", default: s("type", default: "default"))
        switch type {
        case "default": return frequencies
        case "linear":
            let factor: Double = try s("factor")
            return frequencies.map { $0 / factor }
        case "llama3": return try llama3(frequencies, s)
        default: throw ModelError.unsupported("rope_scaling of type “\(type)” is not supported; linear and llama3 are")
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
        let factor: Double = try s("factor"), context: Double = try s("original_max_position_embeddings")
        let low: Double = try s("low_freq_factor"), high: Double = try s("high_freq_factor")
        return frequencies.map { frequency in
            let turns = context * frequency / (2 * .pi)
            let kept = min(max((turns - low) / (high - low), 0), 1)
            return (1 - kept) * frequency / factor + kept * frequency
        }
    }
}
