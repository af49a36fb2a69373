import Checkpoints

/// Makes a network's layers one after another, so that a count that lies costs no more than the layers that are there.
///
/// Throws what `make` throws, and ``CheckpointError`` where the checkpoint has a layer beyond the last.
func layers<Layer>(
    _ count: Int,
    _ weights: Weights,
    _ make: (_ index: Int, _ weights: Weights) throws -> Layer
) throws -> [Layer] {
    var layers: [Layer] = []
    for index in 0..<count { layers.append(try make(index, weights[index])) }
    guard try weights[count].extra("input_layernorm.weight") == nil else {
        throw CheckpointError.setting(
            key: "num_hidden_layers",
            value: "\(count)",
            expected: "the number of layers in the file, which has more"
        )
    }
    return layers
}
