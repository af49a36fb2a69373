import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// The tiny encoders as GGUF files, as the reference's converter would write them.
@Suite struct GGUFEncoderTests {
    static let names = Golden.networks("Encoders", with: .gguf)

    private static func file(_ name: String) throws -> GGUFFile {
        try GGUFFile(path: Golden.folder.appending(path: "Encoders/\(name).gguf").path)
    }

    @Test(arguments: names, TextEncoderTests.texts)
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

    /// Written and read again, with its head and without.
    @Test(arguments: TextEncoderTests.names, [true, false])
    func aWrittenEncoderIsTheSame(name: String, hasHead: Bool) throws {
        let example = try TextEncoderTests.Example(name)
        let weights = example.weights.filter { hasHead || !$0.key.hasPrefix("classifier") }
        let bytes = try GGUFWriter(settings: example.settings, weights: weights).bytes()
        let file = try GGUFFile(bytes: bytes, name: name)
        let encoder = try Models.encoder(file.settings, Weights(file.weights))
        let twin = try Models.encoder(example.settings, Weights(weights))
        #expect(encoder.positions == twin.positions)
        let kinds = example.weights["embeddings.token_type_embeddings.weight"]?.shape[0]
        #expect(file.metadata["tokenizer.ggml.token_type_count"]?.integer == kinds)
        for text in TextEncoderTests.texts {
            let batch = example.batch([text], for: encoder), states = encoder.states(batch)
            expectClose(states, twin.states(batch), absolute: 1e-4, relative: 1e-4)
            let scores = encoder.classifier.map { $0(states, batch) }
            #expect((scores != nil) == hasHead)
            if let scores, let classifier = twin.classifier {
                expectClose(scores, classifier(states, batch), absolute: 1e-4, relative: 1e-4)
            }
        }
    }

    static let unsayable: [(String, String, Settings.Value)] = [
        ("modernbert", "classifier_pooling", "cls"), ("modernbert", "mlp_bias", true),
        ("modernbert", "layer_types", ["full_attention", "full_attention", "full_attention", "full_attention"]),
        ("modernbert", "hidden_activation", "gelu_new"), ("bert", "hidden_act", "gelu_new"),
        ("bert", "position_embedding_type", "relative_key"),
    ]

    @Test(arguments: unsayable)
    func aSettingThatNoFileCanSayIsRefusedByName(name: String, key: String, value: Settings.Value) throws {
        let example = try TextEncoderTests.Example(name)
        var settings = example.settings
        settings[key] = value
        let error = try #require(throws: CheckpointError.self) {
            try GGUFWriter(settings: settings, weights: example.weights)
        }
        #expect("\(error)".contains(key))
    }

    @Test(arguments: ["modernbert", "xlm-roberta"], TextEncoderTests.texts)
    func aRerankersHeadScoresAsThatOfTheSameNetwork(name: String, text: String) throws {
        let example = try TextEncoderTests.Example(name), file = try Self.file("\(name)-ranks")
        let kept = ["position_embeddings", "token_type_embeddings"]
        let rounded = example.weights.map { name, tensor in
            let isMatrix = tensor.shape.count > 1 && !kept.contains(where: name.contains)
            return (name, isMatrix ? tensor.stored(as: .bfloat16) : tensor)
        }
        let twin = try Models.encoder(example.settings, Weights(Dictionary(uniqueKeysWithValues: rounded)))
        let encoder = try Models.encoder(file.settings, Weights(Packed(file.weights)))
        let classifier = try #require(encoder.classifier), other = try #require(twin.classifier)
        #expect(classifier.labels == other.labels)
        let (own, theirs) = (example.batch([text], for: encoder), example.batch([text], for: twin))
        let scores = classifier(encoder.states(own), own)
        expectClose(scores, other(twin.states(theirs), theirs), absolute: 1e-4, relative: 1e-4)
    }

    /// The reference's converter leaves out the pooler of BERT's own rerankers, whose scores are none without it.
    @Test(arguments: ["cls.weight", "cls.output.weight"]) func halfAHeadIsRefused(left: String) throws {
        let file = try Self.file("xlm-roberta-ranks")
        var writer = GGUFWriter(file.metadata)
        for tensor in file.tensors where !tensor.name.hasPrefix("cls.") || tensor.name == left {
            writer.add(tensor.name, try file.stored(tensor))
        }
        let error = #expect(throws: CheckpointError.self) { try GGUFFile(bytes: writer.bytes(), name: "half") }
        let missing = left == "cls.weight" ? "cls.output.weight" : "cls.weight"
        #expect("\(try #require(error))".contains("lacks \(missing)"))
    }

    @Test(arguments: ["bert", "modernbert", "modernbert-ranks", "xlm-roberta"]) func noByteOfTheHeaderMakesItTrap(
        name: String
    ) throws {
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
