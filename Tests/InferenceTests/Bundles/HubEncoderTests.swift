import Bundles
import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Every text encoder, opened from a folder as the Hub has it.
@Suite struct HubEncoderTests {
    /// RoBERTa's network is XLM-R's.
    static let networks: [(type: String, golden: String)] = knownEncoders.map {
        ($0, $0 == "roberta" ? "xlm-roberta" : $0)
    }

    private static func folder(_ type: String, _ golden: String) throws -> URL {
        let place = FileManager.default.temporaryDirectory.appending(path: "hub-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let weights = Golden.folder.appending(path: "Encoders/\(golden).safetensors")
        try FileManager.default.copyItem(at: weights, to: place.appending(path: "model.safetensors"))
        let config = try Golden.safetensors("Encoders/\(golden)").metadata["config", default: ""]
            .replacing(#""model_type": "\#(golden)""#, with: #""model_type": "\#(type)""#)
        try Data(config.utf8).write(to: place.appending(path: "config.json"))
        let tokenizer = Golden.folder.appending(path: "Bundles/llama/tokenizer.json")
        try FileManager.default.copyItem(at: tokenizer, to: place.appending(path: "tokenizer.json"))
        return place
    }

    @Test(arguments: networks)
    func statesAndScoresAgreeWithTheReferenceLibrary(type: String, golden: String) throws {
        let place = try Self.folder(type, golden)
        defer { try? FileManager.default.removeItem(at: place) }
        let bundle = try ModelBundle.open(place.path)
        #expect(try bundle.settings("model_type") == type)
        let encoder = try Models.encoder(bundle.settings, Weights(Packed(bundle.network)))
        let outputs = try Golden.safetensors("Encoders/\(golden).outputs").tensors
        for text in ["one", "short", "long"] {
            let batch = TextBatch(
                [outputs["\(text).tokens"]!.integers],
                segments: [outputs["\(text).segments"]!.integers],
                for: encoder.cacheShape
            )
            let states = encoder.states(batch)
            expectClose(states, outputs["\(text).states"]!, absolute: 1e-2, relative: 1e-3)
            let classifier = try #require(encoder.classifier), scores = classifier(states, batch)
            expectClose(scores.reshaped(-1), outputs["\(text).scores"]!, absolute: 1e-2, relative: 1e-3)
        }
    }
}
