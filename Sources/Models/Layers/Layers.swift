import Checkpoints

/// Makes a network's layers one after another, so that a count that lies costs no more than the layers that are there.
///
/// Throws what `make` throws, and ``CheckpointError`` where the checkpoint has a layer beyond the last.
///
/// - Parameters:
///   - key: what the settings call the number of layers.
///   - first: a tensor that every layer has.
func layers<Layer>(
    _ count: Int,
    _ weights: Weights,
    key: String = "num_hidden_layers",
    first: String = "input_layernorm.weight",
    _ make: (_ index: Int, _ weights: Weights) throws -> Layer
) throws -> [Layer] {
    var layers: [Layer] = []
    for index in 0..<count { layers.append(try make(index, weights[index])) }
    guard try weights[count].extra(first) == nil else {
        throw CheckpointError.setting(
            key: key,
            value: "\(count)",
            expected: "the number of layers in the file, which has more"
        )
    }
    return layers
}
