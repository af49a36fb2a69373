import Checkpoints

/// Which of a network's layers see a window only: as `layer_types` says, or else by a rule.
///
/// It costs nothing for layers that are only claimed.
struct LocalLayers: Sendable {
    private let types: [Bool]?, rule: @Sendable (_ layer: Int) -> Bool

    /// - Parameter count: the number of layers, which a list must have too.
    init(_ settings: Settings, _ count: Int, else rule: @escaping @Sendable (_ layer: Int) -> Bool) throws {
        self.rule = rule
        let types: [String]? = try settings.optional("layer_types")
        if let types {
            let known = ["full_attention", "sliding_attention"]
            guard types.count == count, types.allSatisfy(known.contains) else {
                let expected = "full_attention or sliding_attention for each of \(count) layers"
                throw CheckpointError.setting(key: "layer_types", value: "a list of \(types.count)", expected: expected)
            }
        }
        self.types = types?.map { $0 == "sliding_attention" }
    }

    subscript(layer: Int) -> Bool { types?[layer] ?? rule(layer) }
}
