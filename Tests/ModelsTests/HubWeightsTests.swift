import Checkpoints
import Models
import Tensors
import TestSupport
import Testing

/// Parameters have the layout of every other network's, files that of the reference library.
@Suite struct HubWeightsTests {
    @Test(arguments: networks)
    func whatIsStoredIsWhatTheReferenceLibraryKeeps(name: String) throws {
        let network = try Network(name), hub = HubArchitecture.named(try network.settings("model_type"))
        for (tensor, weight) in network.weights {
            let stored = try hub.stored(weight, named: tensor), expected = network.stored[tensor]!
            #expect(stored.shape == expected.shape && stored.scalars == expected.scalars, "\(tensor)")
        }
    }

    @Test func gpt2sMatricesMapInputsToOutputs() throws {
        let network = try Network("gpt2")
        #expect(network.stored["transformer.h.0.attn.c_attn.weight"]?.shape == [64, 192])
        #expect(network.weights["transformer.h.0.attn.c_attn.weight"]?.shape == [192, 64])
        #expect(network.weights["transformer.h.0.mlp.c_fc.weight"]?.shape == [96, 64])
        let bias = "transformer.h.0.attn.c_attn.bias"
        #expect(network.weights[bias]?.scalars == network.stored[bias]?.scalars)
    }

    @Test func thePrefixMayBeMissing() throws {
        let network = try Network("gpt2")
        let bare = Dictionary(
            uniqueKeysWithValues: network.stored.map { (String($0.dropFirst("transformer.".count)), $1) }
        )
        let source = HubArchitecture.named("gpt2").weights(bare)
        let model = try Models.model(network.settings, Weights(Packed(source)))
        let batch = Batch(tokens: network.tokens("a.tokens"), for: model.cacheShape)
        #expect(model(batch).scalars == (try network.model())(batch).scalars)
    }

    /// Files may hold halves.
    @Test(arguments: [DType.float16, .bfloat16])
    func halvesAreTurnedAsTheyAre(dtype: DType) throws {
        let hub = HubArchitecture.named("gpt2"), name = "transformer.h.0.mlp.c_fc.weight"
        let values = (0..<630).map { Float($0 % 251) }
        let tensor = Tensor(values, shape: [35, 18]).cast(to: dtype)
        let turned = try #require(try hub.weights([name: tensor]).tensor(name, nil))
        #expect(turned.shape == [18, 35] && turned.dtype == dtype)
        let expected: [Float] = (0..<630).map { index in values[index % 35 * 18 + index / 35] }
        #expect(turned.scalars == expected)
        let back = try hub.stored(turned, named: name)
        #expect(back.withBytes { Array($0) } == tensor.withBytes { Array($0) })
    }

    @Test func aQuantisedMatrixIsNotTurned() throws {
        let name = "transformer.h.0.mlp.c_fc.weight"
        let tensor = Tensor([Float](repeating: 1, count: 64), shape: [2, 32]).quantized(to: .q8_0)
        #expect(throws: CheckpointError.self) { try HubArchitecture.named("gpt2").stored(tensor, named: name) }
    }
}
