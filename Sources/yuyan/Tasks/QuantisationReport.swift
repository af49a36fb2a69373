import Checkpoints
import Foundation
import Tensors

/// What a quantisation made, as a person or a script reads it.
struct QuantisationReport: Encodable {
    /// Tensors stored in another type than the recipe's, because their rows do not fill its blocks.
    struct Fallback: Encodable { let wanted, stored: String, tensors: Int }

    let path, type: String, bytes, sourceBytes: Int
    /// Of the tensors alone.
    let bitsPerWeight: Double
    /// How many tensors each type stores.
    let tensors: [String: Int]
    let fallbacks: [Fallback]
    /// Tokens that the importance matrix was made from; nil without one.
    let calibrationTokens: Int?

    init(_ path: String, _ recipe: Recipe, _ writer: GGUFWriter, _ importance: Importance?) {
        let plan = writer.plan, weights = plan.reduce(0) { $0 + $1.shape.reduce(1, *) }
        (self.path, type, bytes) = (path, recipe.name, writer.byteCount)
        sourceBytes = plan.reduce(0) { $0 + $1.source.bytes(for: $1.shape.reduce(1, *)) }
        bitsPerWeight = Double(8 * plan.reduce(0) { $0 + $1.bytes }) / Double(max(1, weights))
        tensors = Dictionary(grouping: plan, by: \.stored.rawValue).mapValues(\.count)
        fallbacks = Dictionary(grouping: plan.filter(\.isFallback)) { [$0.wanted.rawValue, $0.stored.rawValue] }
            .map { Fallback(wanted: $0[0], stored: $0[1], tensors: $1.count) }
            .sorted { ($0.wanted, $0.stored) < ($1.wanted, $1.stored) }
        calibrationTokens = importance.map { $0.chunks * $0.chunkTokens }
    }

    var text: String {
        let kinds = tensors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($1) \($0)" }
        var lines = [
            "\(path)  \(Figures.bytes(bytes)), from \(Figures.bytes(sourceBytes))  "
                + "\(Figures.decimal(bitsPerWeight, 2)) bits a weight",
            "tensors: " + kinds.joined(separator: ", "),
        ]
        lines += fallbacks.map {
            "\($0.tensors) of them are \($0.stored), not \($0.wanted): their rows do not fill its blocks"
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
