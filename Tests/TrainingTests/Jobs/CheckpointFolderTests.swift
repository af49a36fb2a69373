import Bundles
import Checkpoints
import Foundation
import Models
import Tensors
import Testing
import Training

/// A checkpoint is a model in the Hub's layout, also where that is not the layout of what learns.
@Suite struct CheckpointFolderTests {
    static let networks = [
        "gpt2": #""n_embd": 32, "n_layer": 1, "n_head": 2"#,
        "gemma3_text": shared + #", "query_pre_attn_scalar": 16"#,
        "qwen3": shared,
    ]

    private static let shared = #"""
        "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
        "intermediate_size": 48, "head_dim": 16
        """#

    private func settings(_ type: String, _ more: String) -> String {
        #"""
        "model": {"new": {"model_type": "\#(type)", \#(Self.networks[type]!)}, "tokenizer": {"size": 400}},
        "data": {"train": {"path": "birds.txt", "format": "lines"}, "validation_share": 0}, "batch": {"tokens": 64,
          "context": 64, "precision": "float32"}, "optimizer": {"rate": 0.01}, "checkpoints": {"every": 4}, "steps": 8, \#(more)
        """#
    }

    private func logits(_ path: String) throws -> [Float] {
        let bundle = try ModelBundle.open(path)
        let network = try Models.model(bundle.settings, Weights(bundle.network))
        return network(Batch(tokens: [5, 9, 300, 17], for: network.cacheShape)).scalars
    }

    @Test(arguments: networks.keys.sorted(), ["", #""average": 0.9, "#])
    func opensAsWhatWasLearnt(type: String, averaging: String) throws {
        let place = try Workplace()
        var run = try place.job("run", settings(type, averaging + #""seed": 3"#)).prepared()
        _ = try run.go()
        let checkpoint = run.job.places.folder.checkpoint(8)
        #expect(try logits(checkpoint.path) == logits(run.result.path))
        let stored = try SafetensorsFile(path: checkpoint.appending(path: "model.safetensors").path)
        if type == "gpt2" {
            #expect(try stored.tensor("transformer.h.0.attn.c_attn.weight", nil)?.shape == [32, 96])
        }
        let keepsItsOwn = FileManager.default.fileExists(
            atPath: checkpoint.appending(path: "parameters.safetensors").path
        )
        #expect(keepsItsOwn == (type != "qwen3" || !averaging.isEmpty))
    }

    @Test(arguments: networks.keys.sorted(), ["", #""average": 0.9, "#])
    func isGoneOnFromExactly(type: String, averaging: String) throws {
        let place = try Workplace(), settings = settings(type, averaging + #""seed": 3"#)
        var whole = try place.job("whole", settings).prepared()
        _ = try whole.go()
        var first = try place.job("parts", settings).prepared(), asked = 0
        _ = try first.go(isStopped: {
            asked += 1
            return asked > 5
        })
        _ = consume first
        var second = try place.job("parts", settings).prepared()
        #expect(second.step == 5)
        _ = try second.go()
        #expect(try logits(whole.result.path) == logits(second.result.path))
    }

    @Test(arguments: [
        (#""context": 64"#, #""context": 65"#, "batch.context: 65 tokens"),
        (#""seed": 3"#, #""samples": {"prompts": ["The swift"], "tokens": 64}"#, "samples.tokens: "),
    ])
    func moreTextThanTheNetworkHasPositionsIsRefused(old: String, new: String, message: String) throws {
        let place = try Workplace()
        let text = settings("gpt2", #""seed": 3"#).replacing(#""n_head": 2"#, with: #""n_head": 2, "n_positions": 64"#)
        let longer = text.replacing(#""tokens": 64"#, with: #""tokens": 128"#).replacing(old, with: new)
        let error = #expect(throws: RunConfigurationError.self) { try place.job("x", longer).prepared() }
        let said = "\(try #require(error))"
        #expect(said.hasPrefix(message) && said.contains("n_positions, which is 64"), "\(said)")
    }

    @Test func impossibleSettingsOfANewNetworkAreNamed() throws {
        let place = try Workplace()
        let text = settings("gpt2", #""seed": 3"#).replacing(#""n_head": 2"#, with: #""n_head": 3"#)
        let error = #expect(throws: CheckpointError.self) { try place.job("x", text).prepared() }
        #expect("\(try #require(error))".contains("n_embd"))
    }
}
