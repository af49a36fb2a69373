import Tensors

extension GGUFWriter {
    /// A model's settings and tensors, under GGUF's names and in its order of rows; the tokenizer's metadata is the caller's to
    /// add.
    ///
    /// Vectors, learned positions and what chooses experts are stored as float32, as other programs expect.
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
        let export = try GGUFExport.of(settings), settings = try export.settings(settings)
        self.init(try GGUFSettings.metadata(settings, export))
        let weights = try export.weights(weights, settings)
        let model = try WrittenModel(export, settings, weights, recipe)
        try model.refuseWhatIsReadOtherwise(metadata)
        if let recipe { metadata["general.file_type"] = .uint32(recipe.most.fileType) }
        metadata["general.quantization_version"] = .uint32(2)
        if let divisors = try GGUFSettings.divisors(settings) {
            add(GGUFSettings.rotaryDivisors, Tensor(divisors, shape: [divisors.count]))
        }
        for (name, divisors) in try GGUFSettings.longDivisors(settings) {
            add(name, Tensor(divisors, shape: [divisors.count]))
        }
        let isTurned = export.architecture.interleaved
        let source: any WeightSource = try isTurned ? Interleaved(weights, settings) : weights
        for tensor in model.tensors {
            let planned = try model.plan(tensor), isRounded = planned.stored.isQuantized
            let costs = try tensor.parts.map { part in
                isRounded ? try importance?.weights(of: part.name, width: part.shape.last ?? 1) : nil
            }
            add(planned) { try tensor.tensor(planned, source, weighing: costs) }
        }
        // How many kinds of segments there are: llama.cpp opens no BERT whose file does not say it.
        let kinds = plan.first { $0.name == "token_types.weight" }?.shape.first
        metadata["tokenizer.ggml.token_type_count"] = kinds.map { .uint32(UInt32(clamping: $0)) }
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
