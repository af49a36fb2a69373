import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// The tiny encoders as GGUF files, as the reference's converter would write them.
@Suite struct GGUFEncoderTests {
    private static func file(_ name: String) throws -> GGUFFile {
        try GGUFFile(path: Golden.folder.appending(path: "Encoders/\(name).gguf").path)
    }

    @Test(arguments: ["bert", "modernbert", "xlm-roberta"], TextEncoderTests.texts)
    func statesAreThoseOfTheSameNetworkWithItsOwnNames(name: String, text: String) throws {
        let example = try TextEncoderTests.Example(name), file = try Self.file(name)
        let kept = ["position_embeddings", "token_type_embeddings"]
        let rounded = example.weights.filter { !$0.key.hasPrefix("classifier") }.map { name, tensor in
            let isMatrix = tensor.shape.count > 1 && !kept.contains(where: name.contains)
            return (name, isMatrix ? tensor.stored(as: .bfloat16) : tensor)
        }
        let twin = try Models.encoder(example.settings, Weights(Dictionary(uniqueKeysWithValues: rounded)))
        for weights in [Weights(file.weights), Weights(Packed(file.weights))] {
            let encoder = try Models.encoder(file.settings, weights)
            #expect(encoder.positions == twin.positions && encoder.classifier == nil)
            let states = encoder.states(example.batch([text], for: encoder))
            expectClose(states, twin.states(example.batch([text], for: twin)), absolute: 1e-4, relative: 1e-4)
        }
    }

    @Test(arguments: ["bert", "modernbert", "xlm-roberta"]) func noByteOfTheHeaderMakesItTrap(name: String) throws {
        let path = Golden.folder.appending(path: "Encoders/\(name).gguf").path
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        var random = SplitMix(seed: 6)
        for _ in 0..<120 {
            var broken = bytes
            broken[Int(random.next() % 2_000)] ^= 1 << (random.next() % 8)
            guard let file = try? GGUFFile(bytes: broken, name: name) else { continue }
            for entry in file.weights.entries { _ = try? file.weights.tensor(entry.name, nil) }
            _ = try? Models.encoder(file.settings, Weights(file.weights))
        }
    }
}
