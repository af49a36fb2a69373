import Checkpoints
import Foundation
import Models
import Tensors
import TestSupport
import Testing

/// Golden networks that `scripts/golden.py ggufs` has written as the reference's converter would.
let converted = Golden.networks(with: .gguf)

@Suite struct GGUFFamilyTests {
    /// What a tiny network has otherwise than every published one, which files therefore do not say.
    private static let unsaid: [String: Settings] = [
        // The 13B model is told by its 40 layers.
        "baichuan2-13b": [
            "model_type": "baichuan", "packs_queries": false, "position_embedding_type": "alibi",
        ],
        "gemma2": ["query_pre_attn_scalar": 24], "gpt-oss": ["swiglu_limit": 1.5],
        "mamba2": ["time_step_limit": [0.05, 1.5]], "mistral": ["sliding_window": 8],
    ]

    @Test(arguments: converted)
    func logitsAreThoseOfTheSameNetworkWithItsOwnNames(name: String) throws {
        let network = try Network(name), file = try GGUFFile(path: Self.path(name))
        var settings = file.settings
        for (key, value) in Self.unsaid[name]?.values ?? [:] { settings[key] = value }
        if case .object(var scaling)? = settings["rope_scaling"], name == "deepseek-v3" {
            scaling["mscale"] = 1.0
            settings["rope_scaling"] = .object(scaling)
        }
        var rounded = network.weights.mapValues {
            $0.shape.count > 1 && $0.shape[0] > 1 ? $0.stored(as: .bfloat16) : $0
        }
        if name.hasPrefix("baichuan") { rounded["lm_head.weight"] = rounded["lm_head.weight"]?.withUnitRows }
        // In rows, and packed as a server has them.
        for (ours, theirs) in [
            (Weights(file.weights), Weights(rounded)), (Weights(Packed(file.weights)), Weights(Packed(rounded))),
        ] {
            let model = try Models.model(settings, ours), twin = try Models.model(network.settings, theirs)
            #expect(model.cacheShape == twin.cacheShape)
            for prompt in ["a", "b"] {
                let batch = Batch(tokens: network.tokens("\(prompt).tokens"), for: model.cacheShape)
                expectClose(model(batch), twin(batch), absolute: 1e-5, relative: 1e-5)
            }
        }
    }

    /// What is listed is there, as it is listed.
    @Test(arguments: converted)
    func everyEntryCanBeRead(name: String) throws {
        let file = try GGUFFile(path: Self.path(name))
        for entry in file.weights.entries {
            let tensor = try #require(try file.weights.tensor(entry.name, nil), "\(entry.name)")
            #expect(tensor.dtype == entry.dtype && Array(tensor.shape) == entry.shape, "\(entry.name)")
        }
    }

    @Test func quantisedExpertsAreSlicesOfTheirTensor() throws {
        let file = try GGUFFile(path: Self.path("gpt-oss")), experts = try stored("blk.2.ffn_gate_exps.weight", file)
        for expert in 0..<4 {
            let name = "model.layers.2.mlp.experts.\(expert).gate_proj.weight"
            let found = try #require(try file.weights.tensor(name, nil))
            #expect(found.dtype == .mxfp4 && found.shape == [32, 32])
            #expect(found.scalars == Array(experts.scalars[expert * 1024..<(expert + 1) * 1024]))
        }
    }

    /// Heads of 64 for keys and 96 for values, out of a latent of 32.
    @Test func quantisedHalvesOfTheMapOutOfTheLatentAreJoined() throws {
        let file = try GGUFFile(path: Self.path("deepseek-v3"))
        let keys = try stored("blk.2.attn_k_b.weight", file).scalars
        let values = try stored("blk.2.attn_v_b.weight", file).scalars
        let found = try #require(try file.weights.tensor("model.layers.2.self_attn.kv_b_proj.weight", nil))
        #expect(found.dtype == .float16 && found.shape == [320, 32])
        let expected = (0..<320).flatMap { row in
            (0..<32).map { column in
                let head = row / 160, place = row % 160
                return place < 64
                    ? keys[(head * 32 + column) * 64 + place] : values[(head * 96 + place - 64) * 32 + column]
            }
        }
        expectClose(found, Tensor(expected, shape: [320, 32]), absolute: 0, relative: 1e-3)
    }

    private func stored(_ name: String, _ file: GGUFFile) throws -> Tensor {
        try file.stored(try #require(file.tensors.first { $0.name == name }))
    }

    /// Whatever a header says, the file is refused, or it is a network.
    @Test(arguments: converted)
    func noByteOfTheHeaderMakesItTrap(name: String) throws {
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: Self.path(name))))
        var random = SplitMix(seed: 6)
        for _ in 0..<120 {
            var broken = bytes
            broken[Int(random.next() % 3_000)] ^= 1 << (random.next() % 8)
            guard let file = try? GGUFFile(bytes: broken, name: name) else { continue }
            for entry in file.weights.entries { _ = try? file.weights.tensor(entry.name, nil) }
            _ = try? Models.model(file.settings, Weights(file.weights))
        }
    }

    private static func path(_ name: String) -> String { Golden.folder.appending(path: "Models/\(name).gguf").path }
}
