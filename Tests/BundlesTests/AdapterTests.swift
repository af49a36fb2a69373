import Bundles
import Checkpoints
import Foundation
import Tensors
import Testing
import Text

@Suite struct AdapterTests {
    @Test(arguments: ["lora", "rslora", "dora"])
    func anAdapterOfTheReferenceIsReadWithItsBase(name: String) throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden(name).path), adapter = try #require(bundle.adapter)
        let configuration = adapter.configuration
        #expect(configuration.rank == 4 && configuration.alpha == 6 && configuration.base == "../llama")
        #expect(configuration.isRankStabilised == (name == "rslora") && configuration.isDecomposed == (name == "dora"))
        #expect(configuration.scale == (name == "rslora" ? 3 : 1.5))
        #expect(adapter.tensors.count == (name == "dora" ? 30 : 20) && adapter.scalesRows == (name == "dora"))
        let map = "model.layers.1.mlp.down_proj"
        let b = try #require(adapter.tensors["\(map).lora_B.weight"]), folded = adapter.folded["\(map).lora_B.weight"]
        #expect(folded?.scalars == b.scalars.map { $0 * configuration.scale })
    }

    @Test(arguments: ["lora", "rslora", "dora"])
    func whatIsWrittenAndReadIsTheSame(name: String) throws {
        let adapter = try AdapterBundle(path: GoldenFolder.golden(name).path), place = try GoldenFolder()
        var marked = adapter
        marked.fingerprint = try ModelBundle.open(GoldenFolder.golden("llama").path).fingerprint
        try marked.write(to: place.file("copy"))
        let copy = try AdapterBundle(path: place.file("copy"))
        #expect(copy.configuration == adapter.configuration && copy.fingerprint == marked.fingerprint)
        #expect(copy.tensors.mapValues(\.scalars) == adapter.tensors.mapValues(\.scalars))
    }

    /// `W + s·B·A` and DoRA's lengths, as the papers have them, in doubles.
    @Test(arguments: ["lora", "rslora", "dora"])
    func mergingIsThePapersFormula(name: String) throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden(name).path), adapter = try #require(bundle.adapter)
        let map = "model.layers.0.self_attn.v_proj"
        let w = try #require(try bundle.weights.tensor("\(map).weight", nil)), width = w.shape[1]
        let a = try #require(adapter.tensors["\(map).lora_A.weight"]).scalars
        let b = try #require(adapter.tensors["\(map).lora_B.weight"]).scalars
        let merged = try #require(try bundle.merged.tensor("\(map).weight", nil)).scalars
        for row in 0..<w.shape[0] {
            var sums = (0..<width).map { column in
                (0..<4).reduce(Double(w.scalars[row * width + column])) { sum, k in
                    sum + Double(adapter.configuration.scale) * Double(b[row * 4 + k]) * Double(a[k * width + column])
                }
            }
            if let lengths = adapter.tensors["\(map).lora_magnitude_vector"]?.scalars {
                let norm = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
                sums = sums.map { $0 * Double(lengths[row]) / norm }
            }
            let isClose = zip(merged[row * width..<(row + 1) * width], sums).allSatisfy { abs(Double($0) - $1) < 1e-5 }
            #expect(isClose, "row \(row)")
        }
        #expect(try bundle.merged.tensor("model.norm.weight", nil)?.dtype == .bfloat16)
    }

    /// Matrices that files keep as `[inputs, outputs]` are adapted like all others.
    @Test func anAdapterOverGPT2IsRead() throws {
        let bundle = try ModelBundle.open(GoldenFolder.golden("gpt2-dora").path), adapter = try #require(bundle.adapter)
        let map = "transformer.h.1.attn.c_attn"
        #expect(adapter.tensors.count == 24 && adapter.scalesRows)
        #expect(adapter.tensors["\(map).lora_A.weight"]?.shape == [4, 64])
        #expect(adapter.tensors["\(map).lora_B.weight"]?.shape == [192, 4])
        #expect(try bundle.weights.tensor("\(map).weight", nil)?.shape == [192, 64])
    }

    /// Rows of what scores the vocabulary cannot be scaled by a network.
    @Test func anAdapterThatScalesTheHeadIsWorkedIn() throws {
        var bundle = try ModelBundle.open(GoldenFolder.golden("qwen3").path)
        let ones = { (count: Int) in [Float](repeating: 0.5, count: count) }
        let tensors = [
            "lm_head.lora_A.weight": Tensor(ones(32), shape: [1, 32]),
            "lm_head.lora_B.weight": Tensor(ones(96), shape: [96, 1]),
            "lm_head.lora_magnitude_vector": Tensor(ones(96), shape: [96]),
        ]
        let shape = AdapterConfiguration(rank: 1, alpha: 2, isDecomposed: true, targets: ["lm_head"], base: "")
        try bundle.adapt(with: AdapterBundle(shape, tensors))
        #expect(try bundle.network.tensor("lm_head.lora_A.weight", nil) == nil)
        let row = try #require(try bundle.network.tensor("lm_head.weight", nil)).scalars.prefix(32)
        #expect(abs(row.reduce(0) { $0 + $1 * $1 } - 0.25) < 1e-5)
    }

    /// A head that is the embedding cannot be merged into; a server adapts it.
    @Test func anAdapterOfATiedHeadIsNotMerged() throws {
        var bundle = try ModelBundle.open(GoldenFolder.golden("llama").path)
        let tensors = [
            "lm_head.lora_A.weight": Tensor([Float](repeating: 1, count: 64), shape: [1, 64]),
            "lm_head.lora_B.weight": Tensor([Float](repeating: 1, count: 96), shape: [96, 1]),
        ]
        let adapter = AdapterBundle(AdapterConfiguration(rank: 1, alpha: 2, targets: ["lm_head"], base: ""), tensors)
        let said = complaint { try bundle.adapt(with: adapter) }
        #expect(said.contains("lm_head") && said.contains("embedding") && said.contains("yuyan serve"))
    }

    @Test func aBaseIsAskedForByName() throws {
        let place = try GoldenFolder("lora"), base = GoldenFolder.golden("llama").path
        try place.set(["base_model_name_or_path"], to: "tiny/llama", in: "adapter_config.json")
        let said = complaint { _ = try ModelBundle.open(place.path) }
        #expect(said.contains("tiny/llama") && said.contains("pull"))
        let bundle = try ModelBundle.open(place.path) { name in name == "tiny/llama" ? base : "/nowhere" }
        #expect(bundle.adapter != nil && bundle.path == base)
        struct Unknown: Error {}
        #expect(throws: BundleError.self) { try ModelBundle.open(place.path) { _ in throw Unknown() } }
    }

    @Test func anAdapterOverAnotherIsRefused() throws {
        let place = try GoldenFolder("lora")
        try place.set(["base_model_name_or_path"], to: .string(place.path), in: "adapter_config.json")
        #expect(complaint { _ = try ModelBundle.open(place.path) }.contains("merge"))
    }

    static let options: [(key: String, value: JSON)] = [
        ("peft_type", "IA3"), ("task_type", "SEQ_CLS"), ("bias", "all"), ("modules_to_save", ["lm_head"]),
        ("rank_pattern", ["q_proj": 8]), ("alpha_pattern", ["q_proj": 8]), ("lora_bias", true),
        ("layer_replication", [[0, 2]]), ("trainable_token_indices", [1]), ("use_qalora", true),
        ("init_lora_weights", "pissa_niter_4"), ("target_parameters", ["x"]), ("something_new", 7), ("r", 0), ("r", 5),
        ("lora_alpha", "6"), ("use_dora", true),
    ]

    @Test(arguments: options.indices)
    func anOptionThatIsNotHereIsRefusedByName(index: Int) throws {
        let (key, value) = Self.options[index], place = try GoldenFolder("lora")
        try place.set([key], to: value, in: "adapter_config.json")
        let said = complaint { _ = try AdapterBundle(path: place.path) }
        #expect(said.contains(key == "r" ? "r" : key) && said != "no error", "\(said)")
    }

    @Test func tensorsThatBelongToNoMapAreRefused() throws {
        let map = "base_model.model.model.layers.0.self_attn.q_proj"
        let a = Tensor([Float](repeating: 1, count: 4 * 64), shape: [4, 64]),
            b = Tensor([Float](repeating: 1, count: 256), shape: [64, 4])
        let wrong: [([String: Tensor], String)] = [
            (["\(map).lora_A.weight": a], "lora_B"), (["\(map).lora_A.weight": b, "\(map).lora_B.weight": a], "rank"),
            (["\(map).lora_C.weight": a], "lora_C"), (["model.norm.weight": a], "base_model.model."),
            ([:], "no tensors"),
            (
                [
                    "\(map).lora_A.weight": Tensor([Int32](repeating: 1, count: 256), shape: [4, 64]),
                    "\(map).lora_B.weight": b,
                ], "whole"
            ),
        ]
        for (tensors, says) in wrong {
            let place = try GoldenFolder("lora")
            var writer = SafetensorsWriter()
            for (name, tensor) in tensors { try writer.add(name, tensor) }
            try writer.write(to: place.file("adapter_model.safetensors"))
            let said = complaint { _ = try AdapterBundle(path: place.path) }
            #expect(said.contains(says), "\(said)")
        }
    }

    @Test func anAdapterOfAnotherModelIsRefused() throws {
        let place = try GoldenFolder("lora"), base = GoldenFolder.golden("gemma3").path
        try place.set(["base_model_name_or_path"], to: .string(base), in: "adapter_config.json")
        #expect(complaint { _ = try ModelBundle.open(place.path) }.contains("another model"))
    }

    @Test func aBaseWithAnotherTemplateIsRefusedUnlessAsked() throws {
        var bundle = try ModelBundle.open(GoldenFolder.golden("llama").path)
        var adapter = try AdapterBundle(path: GoldenFolder.golden("lora").path)
        adapter.fingerprint = bundle.fingerprint
        try bundle.adapt(with: adapter)
        bundle.template = "other"
        #expect(complaint { try bundle.adapt(with: adapter) }.contains("chat template"))
        try bundle.adapt(with: adapter, check: .ignored)
        bundle.tokenizer.bos = 3
        #expect(complaint { try bundle.adapt(with: adapter) }.contains("tokenizer and the chat template"))
    }
}
