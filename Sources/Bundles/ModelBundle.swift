public import Checkpoints
import Tensors
public import Text

/// A model with all that belongs to it, wherever it lay: settings, weights, tokenizer, chat template, and how it wants to be sampled.
///
///     let bundle = try ModelBundle.open("models/qwen2.5-0.5b")       // a folder in the Hub's layout, PEFT's, or a GGUF file
///     let network = try Models.model(bundle.settings, Weights(Packed(bundle.network)))
///     try bundle.export(gguf: "qwen.gguf", type: .q8_0)
///
/// The parts are in the vocabulary of ``Checkpoints``, whatever the files'. Nothing is computed: weights are read when they are
/// asked for.
public struct ModelBundle: Sendable {
    /// The network's settings, under config.json's keys.
    public var settings: Settings
    /// The network's own weights, without the adapter.
    public var weights: any NamedWeights
    /// One token for each row of the network: see ``Text/TokenizerSpecification/padded(to:)``.
    public var tokenizer: TokenizerSpecification
    /// The chat template's source; nil for a base model.
    public var template: String?
    public var defaults: GenerationDefaults
    /// How vectors are made of texts, where the files say.
    public var embedding: EmbeddingDefaults?
    /// What was learnt on top of the weights.
    public var adapter: AdapterBundle?
    /// The file or folder that it was opened from; nil for one put together in memory.
    public internal(set) var path: String?

    /// - Throws: ``BundleError/vocabulary(tokens:rows:)`` where the tokenizer has more tokens than the network has rows, and
    ///   `CheckpointError` for weights that are no fractions.
    public init(
        settings: Settings,
        weights: any NamedWeights,
        tokenizer: TokenizerSpecification,
        template: String? = nil,
        defaults: GenerationDefaults = GenerationDefaults(),
        adapter: AdapterBundle? = nil
    ) throws {
        if let odd = weights.entries.first(where: { $0.dtype == .int32 }) {
            throw CheckpointError.unsupported(
                file: "the model",
                what: "tensor \(odd.name) has whole numbers for weights"
            )
        }
        (self.settings, self.weights, self.template) = (settings, weights, template)
        (self.defaults, self.adapter) = (defaults, adapter)
        self.tokenizer = try tokenizer.padded(to: settings.positive("vocab_size"))
    }

    /// The weights as a network is to see them: with the adapter's beside them.
    ///
    /// Networks know no head whose rows an adapter scales; such a one has all of its adapter worked in.
    public var network: any WeightSource {
        guard let adapter else { return weights }
        return adapter.scalesHead ? merged : Overlay(adapter.folded, weights)
    }

    /// The weights with the adapter worked in, in float32 where it changes them.
    ///
    /// The base may be quantised; what the adapter changes is then worked out.
    public var merged: any NamedWeights {
        guard let adapter else { return weights }
        return MergedWeights(weights, adapter)
    }

    /// What the weights expect of the text they are shown.
    public var fingerprint: Fingerprint { Fingerprint(tokenizer, template) }

    /// The chat template, ready to render.
    public func chatTemplate() throws -> ChatTemplate? {
        func spelling(_ id: Int?) -> String {
            id.map { tokenizer.tokens.indices.contains($0) ? tokenizer.tokens[$0] : "" } ?? ""
        }
        return try template.map {
            try ChatTemplate($0, bosToken: spelling(tokenizer.bos), eosToken: spelling(tokenizer.eos))
        }
    }
}
