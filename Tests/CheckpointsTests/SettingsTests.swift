import Checkpoints
import Testing

@Suite struct SettingsTests {
    let settings: Settings = [
        "hidden_size": 64, "whole": 64.0, "rope_theta": 10_000, "rms_norm_eps": 1e-6, "tied": true,
        "model_type": "llama",
        "nothing": nil, "zero": 0, "huge": 4_294_967_296, "eos": [1, 2], "rope_scaling": ["factor": 8],
    ]

    @Test func numbersConvertWhereNothingIsLost() throws {
        #expect(try settings("whole") == 64)
        #expect(try settings("rope_theta") == Float(10_000))
        #expect(try settings("rms_norm_eps") == Double(1e-6))
        #expect(throws: CheckpointError.self) { try settings("rms_norm_eps", Int.self) }
    }

    @Test func aNullCountsAsAbsent() throws {
        #expect(try settings("nothing", default: 7) == 7)
        #expect(throws: CheckpointError.missingKey("nothing")) { try settings("nothing", Int.self) }
        #expect(try settings.optional("nothing", Int.self) == nil)
    }

    @Test func theWrongKindIsAnErrorEvenWithADefault() {
        let error = CheckpointError.setting(key: "model_type", value: "“llama”", expected: "a whole number")
        #expect(throws: error) { try settings("model_type", default: 1) }
        #expect("\(error)" == "the checkpoint's setting model_type is “llama”; expected a whole number")
    }

    @Test(arguments: ["zero", "huge"])
    func sizesAreFromOneToTheLargestInt32(key: String) {
        #expect(throws: CheckpointError.self) { try settings.positive(key) }
        #expect(throws: CheckpointError.self) { try settings.positive(key, default: 1) }
    }

    @Test func sizesHaveDefaults() throws {
        #expect(try settings.positive("hidden_size") == 64)
        #expect(try settings.positive("head_dim", default: 16) == 16)
        #expect(throws: CheckpointError.missingKey("head_dim")) { try settings.positive("head_dim") }
    }

    @Test func listsAndObjectsNest() throws {
        #expect(try settings("eos") == [1, 2])
        #expect(try settings("rope_scaling", Settings.self)("factor") == 8)
        #expect(throws: CheckpointError.self) { try settings("eos", [String].self) }
    }

    @Test func theEdgesOfNumbersDoNotTrap() {
        let edges: Settings = ["a": .number(.infinity), "b": .number(1e300), "c": .number(.nan)]
        #expect(throws: CheckpointError.self) { try edges("a", Int.self) }
        #expect(throws: CheckpointError.self) { try edges("b", Float.self) }
        #expect(throws: CheckpointError.self) { try edges("c", Double.self) }
    }

    @Test func theCommonKeyFindsGPT2sSpelling() throws {
        var gpt2: Settings = ["n_embd": 64, "n_layer": 0, "n_inner": nil]
        #expect(try gpt2.positive("hidden_size") == 64 && gpt2["hidden_size"] == 64)
        #expect(try gpt2.positive("intermediate_size", default: 256) == 256)
        #expect(throws: CheckpointError.missingKey("num_attention_heads")) { try gpt2.positive("num_attention_heads") }
        let expected = "a whole number from 1 to \(Int32.max)"
        #expect(throws: CheckpointError.setting(key: "n_layer", value: "0", expected: expected)) {
            try gpt2.positive("num_hidden_layers")
        }
        gpt2["hidden_size"] = 32
        #expect(gpt2.values["n_embd"] == 32 && gpt2.values["hidden_size"] == nil)
        let both: Settings = ["n_embd": 64, "hidden_size": 32]
        #expect(try both.positive("hidden_size") == 32)
    }
}
