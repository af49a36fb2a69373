import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

@Suite struct TextEncoderTests {
    static let names = Golden.networks("Encoders")
    static let texts = ["one", "short", "long"]

    struct Example {
        let settings: Settings, weights: [String: Tensor], outputs: [String: Tensor]

        init(_ name: String) throws {
            let (tensors, metadata) = try Golden.safetensors("Encoders/\(name)")
            settings = try Settings(setting: .init(json: Data(metadata["config", default: "{}"].utf8))) ?? [:]
            (weights, outputs) = (tensors, try Golden.safetensors("Encoders/\(name).outputs").tensors)
        }

        func encoder(_ change: (Tensor) -> Tensor = { $0 }) throws -> any TextEncoder {
            try Models.encoder(settings, Weights(weights.mapValues(change)))
        }

        func batch(_ texts: [String], for encoder: any TextEncoder) -> TextBatch {
            TextBatch(
                texts.map { outputs["\($0).tokens"]!.integers },
                segments: texts.map { outputs["\($0).segments"]!.integers },
                for: encoder.cacheShape
            )
        }
    }

    @Test(arguments: names, texts) func statesAndScoresAgreeWithTheReferenceLibrary(name: String, text: String) throws {
        let example = try Example(name), encoder = try example.encoder()
        let batch = example.batch([text], for: encoder), states = encoder.states(batch)
        // Keys and values are kept as halves.
        expectClose(states, example.outputs["\(text).states"]!, absolute: 1e-2, relative: 1e-3)
        let classifier = try #require(encoder.classifier), scores = classifier(states, batch)
        expectClose(scores.reshaped(-1), example.outputs["\(text).scores"]!, absolute: 1e-2, relative: 1e-3)
    }

    @Test(arguments: names, texts)
    func quantizedStatesAreNearTheReferenceLibrarys(name: String, text: String) throws {
        let example = try Example(name), encoder = try example.encoder(quantizing(to: .q8_0))
        let states = encoder.states(example.batch([text], for: encoder))
        let likeness = cosine(states.scalars, example.outputs["\(text).states"]!.scalars)
        #expect(likeness > 0.99, "\(likeness)")
    }

    /// DESIGN D3, and no padding: texts of any lengths lie side by side.
    @Test(arguments: names, [DType.float32, .q8_0])
    func aTextsStatesAreTheSameBitsAloneAndInACrowd(name: String, dtype: DType) throws {
        let example = try Example(name)
        let encoder = try example.encoder(quantizing(to: dtype))
        let crowd = ["short", "long", "one", "long", "short"], batch = example.batch(crowd, for: encoder)
        let states = encoder.states(batch), scores = encoder.classifier!(states, batch)
        for (index, text) in crowd.enumerated() {
            let alone = example.batch([text], for: encoder), own = encoder.states(alone)
            #expect(states.rows(batch.texts[index]).scalars == own.scalars)
            #expect(scores.rows(index..<index + 1).scalars == encoder.classifier!(own, alone).scalars)
        }
    }

    @Test(arguments: names) func aCheckpointWithoutAHeadHasNoClassifier(name: String) throws {
        let example = try Example(name), weights = example.weights.filter { !$0.key.hasPrefix("classifier") }
        #expect(try Models.encoder(example.settings, Weights(weights)).classifier == nil)
    }

    @Test(
        arguments: names,
        [
            ("num_hidden_layers", Settings.Value.integer(1)), ("num_hidden_layers", .integer(Int(Int32.max))),
            ("num_attention_heads", .integer(3)), ("hidden_size", .integer(0)),
            ("max_position_embeddings", .integer(0)),
            ("vocab_size", .integer(95)),
        ]
    )
    func impossibleSettingsAreNamed(name: String, change: (key: String, value: Settings.Value)) throws {
        let example = try Example(name)
        var settings = example.settings
        settings[change.key] = change.value
        #expect(throws: CheckpointError.self) { try Models.encoder(settings, Weights(example.weights)) }
    }

    @Test func whatIsNotKnownIsNamedWithWhatIs() {
        #expect(throws: ModelError.self) { try Models.encoder(["model_type": "albert"], Weights([String: Tensor]())) }
    }
}
