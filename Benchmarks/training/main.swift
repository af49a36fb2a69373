// Our side of compare.py, compiled together with Sources/Training/Optimizers over the rooms Tensors, Checkpoints and Models.
// Arguments: settings as key=value,…, documents, tokens in each, `float32` or `bfloat16`, the rank of an adapter or 0, how many bits
// AdamW's moments have, 32 or 8, and whether parameters move `in_backward` or `after`. For each line read, takes as many steps as it says
// and prints the seconds they took, the last loss, and the most memory held, in kB.
import Checkpoints
import Foundation
import Models
import Tensors

/// What a step learns, from parameters that stay as they are.
struct Lesson {
    let settings: Settings, documents, length: Int, precision: DType, base: [String: Tensor]
    let tokens: [Int32]

    func loss(_ parameters: [String: Tensor]) throws -> Tensor {
        let targets = tokens.dropFirst() + [tokens[0]]
        let network = try model(settings, Weights(Overlay(Narrowed(parameters, precision), base)))
        let documents = (0..<documents).map { $0 * length..<($0 + 1) * length }
        let batch = Batch(tokens: tokens, documents: documents, for: network.cacheShape)
        return crossEntropy(network.states(batch), network.head, Array(targets))
    }
}

struct Bench {
    let lesson: Lesson, movesInBackward: Bool
    var parameters: [String: Tensor], optimizer = AdamW()

    init(_ arguments: [String]) throws {
        let settings = Bench.settings(arguments[1]), documents = Int(arguments[2])!, length = Int(arguments[3])!
        let precision: DType = arguments[4] == "bfloat16" ? .bfloat16 : .float32
        let source = RandomWeights(seed: 1), rank = Int(arguments[5])!
        optimizer.bytesFrom = arguments[6] == "8" ? 4096 : nil
        movesInBackward = arguments[7] == "in_backward"
        _ = try model(settings, Weights(source))
        let weights = source.tensors, vocabulary: Int = try settings("vocab_size")
        parameters = rank > 0 ? Bench.adapter(of: weights, rank) : weights
        lesson = Lesson(
            settings: settings, documents: documents, length: length, precision: precision,
            base: rank > 0 ? weights.mapValues { $0.shape.count == 2 ? $0.cast(to: precision) : $0 } : [:],
            tokens: (0..<documents * length).map { Int32($0 &* 7919 % vocabulary) })
    }

    private static func settings(_ text: String) -> Settings {
        var settings: Settings = [:]
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=").map(String.init)
            settings[parts[0]] =
                Int(parts[1]).map { .integer($0) } ?? Double(parts[1]).map { .number($0) }
                ?? Bool(parts[1]).map { .bool($0) } ?? .string(parts[1])
        }
        return settings
    }

    /// Low-rank corrections of every map in the layers.
    private static func adapter(of weights: [String: Tensor], _ rank: Int) -> [String: Tensor] {
        var adapter: [String: Tensor] = [:]
        for (name, weight) in weights where name.contains("_proj.weight") {
            let stem = name.dropLast("weight".count), inputs = weight.shape[1], outputs = weight.shape[0]
            let down = (0..<rank * inputs).map { Float($0 &* 7919 % 1000) / 50000 - 0.01 }
            adapter["\(stem)lora_A.weight"] = Tensor(down, shape: [rank, inputs])
            adapter["\(stem)lora_B.weight"] = Tensor([Float](repeating: 0, count: outputs * rank), shape: [outputs, rank])
        }
        return adapter
    }

    mutating func step() throws -> Float {
        let lesson = lesson
        guard movesInBackward else {
            let (loss, gradient) = try valueAndGradient(of: parameters) { try lesson.loss($0) }
            optimizer.update(&parameters, along: gradient, rate: 1e-4)
            return loss
        }
        optimizer.steps += 1
        var optimizer = AdamW()
        swap(&optimizer, &self.optimizer)
        defer { swap(&optimizer, &self.optimizer) }
        return try value(moving: &parameters) { try lesson.loss($0) } _: { optimizer.move($0, &$1, along: $2, rate: 1e-4) }
    }
}

var bench = try Bench(CommandLine.arguments)
returnUnusedMemory()  // The float32 weights that narrower ones were made from.
while let line = readLine(), let steps = Int(line) {
    var loss: Float = 0
    let seconds = try ContinuousClock().measure { for _ in 0..<steps { loss = try bench.step() } } / .seconds(1)
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
    let peak = status.first { $0.hasPrefix("VmHWM") }?.filter(\.isNumber) ?? ""
    FileHandle.standardOutput.write(Data("\(seconds) \(loss) \(peak)\n".utf8))
}
