import Tensors

extension GGUFWriter {
    /// A model's settings and tensors, under GGUF's names and in its order of rows; the tokenizer's metadata is the caller's to
    /// add.
    ///
    /// Vectors and learned positions are stored as float32, as other programs expect.
    ///
    /// - Parameters:
    ///   - recipe: what matrices are stored as; nil leaves each as it is.
    ///   - importance: what an error in each column costs, where it is known.
    /// - Throws: ``CheckpointError`` for settings and tensors that a GGUF file of the architecture cannot say.
    public init(
        settings: Settings,
        weights: any NamedWeights,
        recipe: Recipe? = nil,
        importance: Importance? = nil
    ) throws {
        let (name, architecture) = try GGUFArchitecture.written(for: settings)
        self.init(try GGUFSettings.metadata(settings, name, architecture))
        let model = try WrittenModel(architecture, settings, weights, recipe)
        try model.refuseWhatIsReadOtherwise(metadata, name)
        if let recipe { metadata["general.file_type"] = .uint32(recipe.most.fileType) }
        metadata["general.quantization_version"] = .uint32(2)
        if let divisors = try GGUFSettings.divisors(settings) {
            add(GGUFSettings.rotaryDivisors, Tensor(divisors, shape: [divisors.count]))
        }
        let source: any WeightSource = try architecture.interleaved ? Interleaved(weights, settings) : weights
        for entry in model.entries {
            let planned = try model.plan(entry)
            let cost =
                planned.stored.isQuantized
                ? try importance?.weights(of: entry.name, width: entry.shape.last ?? 1) : nil
            add(planned) { try WrittenModel.tensor(entry, planned.stored, source, weighing: cost) }
        }
    }
}

/// What becomes of a model's tensors in a GGUF file.
private struct WrittenModel {
    let architecture: GGUFArchitecture, recipe: Recipe?, isTied: Bool
    /// The tensors to write: not a head that is the embedding again, nor frequencies that follow from the settings.
    let entries: [WeightEntry]
    private let settings: Settings, layers: Int

    init(_ architecture: GGUFArchitecture, _ settings: Settings, _ weights: any NamedWeights, _ recipe: Recipe?) throws
    {
        let isTied: Bool = try settings("tie_word_embeddings", default: false)
        entries = weights.entries.filter { entry in
            !(isTied && entry.name == "lm_head.weight") && !entry.name.hasSuffix(".rotary_emb.inv_freq")
        }
        layers = try settings.positive("num_hidden_layers", default: 1)
        (self.architecture, self.recipe, self.isTied, self.settings) = (architecture, recipe, isTied, settings)
    }

    func plan(_ entry: WeightEntry) throws -> PlannedTensor {
        let name = try spelling(entry)
        guard entry.shape.count > 1, name != "position_embd.weight" else {
            return PlannedTensor(name, entry, wanted: .float32)
        }
        let wanted = recipe?.type(of: name, layers: layers, isTied: isTied)
        return PlannedTensor(name, entry, wanted: wanted ?? entry.dtype)
    }

    func spelling(_ entry: WeightEntry) throws -> String {
        guard let spelling = architecture.spelling(entry.name) else {
            let what = "GGUF's \(architecture.modelType) has no tensor \(entry.name); merge or remove it first"
            throw CheckpointError.unsupported(file: "export", what: what)
        }
        return spelling
    }

    static func tensor(
        _ entry: WeightEntry,
        _ dtype: DType,
        _ source: any WeightSource,
        weighing cost: [Float]?
    ) throws -> Tensor {
        guard let tensor = try source.tensor(entry.name, nil) else { throw CheckpointError.missingTensor(entry.name) }
        guard dtype != tensor.dtype else { return tensor }
        // Blocks have halves for scales.
        let limit: Float = dtype == .float32 || dtype == .bfloat16 ? .greatestFiniteMagnitude : 65_504
        guard tensor.peak <= limit else {
            let what = "tensor \(entry.name) has values that \(dtype) cannot hold; bfloat16 or float32 may"
            throw CheckpointError.unsupported(file: "export", what: what)
        }
        return tensor.stored(as: dtype, weighing: cost)
    }

    /// Reads the metadata as a file's reader would, and refuses a setting that would come back as another.
    func refuseWhatIsReadOtherwise(_ metadata: GGUFMetadata, _ name: String) throws {
        let tensors = Dictionary(
            entries.map { entry in
                let type = GGUFTensorType(entry.dtype)
                return (entry.name, GGUFTensor(name: entry.name, type: type, shape: entry.shape, range: 0..<0))
            }
        ) { first, _ in first }
        let plain = GGUFWeights(file: "export", bytes: Bytes([]), tensors: [:])
        let read = try GGUFSettings(metadata, prefix: name, architecture, tensors, plain).settings()
        let keys = [
            "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
            "intermediate_size", "rms_norm_eps", "rope_theta", "rope_local_base_freq", "query_pre_attn_scalar",
            "sliding_window_pattern", "tie_word_embeddings", "max_position_embeddings", "layer_norm_epsilon",
            "activation_function", "scale_attn_weights", "scale_attn_by_inverse_layer_idx",
        ]
        for key in keys {
            guard let value = settings[key], value != .null, !Self.isSame(value, read[key] ?? .null) else { continue }
            let expected = "\(read[key] ?? .null), which is all that a GGUF file of this architecture can say"
            throw CheckpointError.setting(key: key, value: "\(value)", expected: expected)
        }
    }

    private static func isSame(_ a: Settings.Value, _ b: Settings.Value) -> Bool {
        if let a = Float(setting: a) { return a == Float(setting: b) }
        return a == b
    }
}

extension DType {
    /// How `general.file_type` numbers a file whose matrices are mostly of this type (the ggml project's `llama_ftype`).
    fileprivate var fileType: UInt32 {
        switch self {
        case .float32, .int32: 0
        case .float16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q8_0: 7
        case .q5_0: 8
        case .q5_1: 9
        case .q2_K: 10
        case .q3_K: 12
        case .q4_K: 15
        case .q5_K: 17
        case .q6_K: 18
        case .iq4_NL: 25
        case .iq4_XS: 30
        case .bfloat16: 32
        case .tq2_0: 37
        case .mxfp4: 38
        }
    }
}
