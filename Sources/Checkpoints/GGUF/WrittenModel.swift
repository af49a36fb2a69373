import Tensors

/// What becomes of a model's tensors in a GGUF file.
struct WrittenModel {
    let export: GGUFExport, recipe: Recipe?, isTied: Bool
    /// The tensors to write: not a head that is the embedding again, nor frequencies that follow from the settings. A layer's experts are
    /// one tensor, with `#` for their number.
    let tensors: [WrittenTensor]
    private let settings: Settings, layers: Int

    init(_ export: GGUFExport, _ settings: Settings, _ weights: any NamedWeights, _ recipe: Recipe?) throws {
        let isTied: Bool = try settings("tie_word_embeddings", default: false)
        let entries = weights.entries.filter { entry in
            !(isTied && entry.name == "lm_head.weight") && !entry.name.hasSuffix(".rotary_emb.inv_freq")
        }
        tensors = try WrittenTensor.all(entries)
        layers = try settings.positive("num_hidden_layers", default: 1)
        (self.export, self.recipe, self.isTied, self.settings) = (export, recipe, isTied, settings)
    }

    func plan(_ tensor: WrittenTensor) throws -> PlannedTensor {
        guard let name = export.architecture.spelling(tensor.name) else {
            let what = "GGUF's \(export.name) has no tensor \(tensor.name); merge or remove it first"
            throw CheckpointError.unsupported(file: "export", what: what)
        }
        let shape = try export.shape(tensor.name, tensor.entry.shape, settings)
        let entry = WeightEntry(tensor.name, tensor.entry.dtype, shape)
        guard shape.count > 1, !Self.staysFloat(name) else { return PlannedTensor(name, entry, wanted: .float32) }
        return PlannedTensor(name, entry, wanted: recipe?.type(of: name, layers: layers, isTied: isTied) ?? entry.dtype)
    }

    /// Learned positions, biases of experts, maps that choose experts and the small matrices of state spaces are float32, as other
    /// programs expect.
    private static func staysFloat(_ name: String) -> Bool {
        let parts = ["position_embd.", "token_types.", "ffn_gate_inp.", ".ssm_conv1d.", ".ssm_norm."]
        return name.hasSuffix(".bias") || [".ssm_a", ".ssm_d"].contains(where: name.hasSuffix)
            || parts.contains(where: name.contains)
    }

    /// Reads the metadata as a file's reader would, and refuses a setting that would come back as another.
    func refuseWhatIsReadOtherwise(_ metadata: GGUFMetadata) throws {
        let listed = Dictionary(
            tensors.map { tensor in
                let type = GGUFTensorType(tensor.entry.dtype), shape = tensor.entry.shape
                return (tensor.name, GGUFTensor(name: tensor.name, type: type, shape: shape, range: 0..<0))
            }
        ) { first, _ in first }
        let plain = GGUFWeights(file: "export", bytes: Bytes([]), tensors: [:])
        let read = try GGUFSettings(metadata, prefix: export.name, export.architecture, listed, plain).settings()
        let keys = [
            "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
            "intermediate_size", "rms_norm_eps", "rope_theta", "rope_local_base_freq", "query_pre_attn_scalar",
            "sliding_window_pattern", "tie_word_embeddings", "max_position_embeddings", "layer_norm_epsilon",
            "activation_function", "scale_attn_weights", "scale_attn_by_inverse_layer_idx",
        ]
        for key in keys + export.checked {
            guard let value = settings[key], value != .null, !Self.isSame(value, read[key] ?? Self.unsaid[key] ?? .null)
            else { continue }
            let expected = "\(read[key] ?? .null), which is all that a GGUF file of this architecture can say"
            throw CheckpointError.setting(key: key, value: "\(value)", expected: expected)
        }
    }

    /// What a setting is where a file does not say it.
    private static let unsaid: [String: Settings.Value] = [
        "swiglu_limit": 7, "n_group": 1, "topk_group": 1, "partial_rotary_factor": 1,
        "time_step_limit": [0, .number(.infinity)],
    ]

    private static func isSame(_ a: Settings.Value, _ b: Settings.Value) -> Bool {
        if let a = Float(setting: a), let b = Float(setting: b) { return abs(a - b) <= 1e-6 * abs(a) }
        if let a = Float(setting: a) { return a == Float(setting: b) }
        if case .array(let a) = a, case .array(let b) = b { return a.count == b.count && zip(a, b).allSatisfy(isSame) }
        return a == b
    }
}

/// A tensor of the file: one of the model's, or those of a layer's experts.
struct WrittenTensor {
    /// With `#` for the number of an expert.
    let name: String
    /// Of the whole.
    let entry: WeightEntry
    /// The model's tensors.
    let parts: [WeightEntry]

    /// - Throws: ``CheckpointError/shape(_:expected:found:)`` where a layer's experts differ.
    static func all(_ entries: [WeightEntry]) throws -> [WrittenTensor] {
        var groups: [String: [Int: WeightEntry]] = [:], order: [String] = []
        for entry in entries {
            let (name, expert) = split(entry.name)
            if groups[name] == nil { order.append(name) }
            groups[name, default: [:]][expert] = entry
        }
        return try order.map { name in
            let group = groups[name]!, first = group.values.min { $0.name < $1.name }!
            guard name.contains("#") else { return WrittenTensor(name: name, entry: first, parts: [first]) }
            let parts = (0..<group.count).compactMap { group[$0] }
            guard parts.count == group.count else { throw CheckpointError.missingTensor(name) }
            if let other = parts.first(where: { $0.shape != first.shape || $0.dtype != first.dtype }) {
                throw CheckpointError.shape(other.name, expected: first.shape, found: other.shape)
            }
            let whole = WeightEntry(name, first.dtype, [parts.count] + first.shape)
            return WrittenTensor(name: name, entry: whole, parts: parts)
        }
    }

    /// An expert's tensor by the name of all, and its number.
    static func split(_ name: String) -> (name: String, expert: Int) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let place = parts.firstIndex(of: "experts"), place + 1 < parts.count, let expert = Int(parts[place + 1])
        else {
            return (name, 0)
        }
        parts[place + 1] = "#"
        return (parts.joined(separator: "."), expert)
    }

    /// - Parameter costs: what an error in each column of each of the model's tensors costs, where it is known.
    func tensor(_ planned: PlannedTensor, _ source: any WeightSource, weighing costs: [[Float]?]) throws -> Tensor {
        let made = try zip(parts, costs).map { part, cost in
            try Self.tensor(part.name, planned.stored, source, weighing: cost)
        }
        return made.count == 1 && !name.contains("#")
            ? made[0].in(planned.shape) : Tensor(stacking: made, planned.shape)
    }

    private static func tensor(
        _ name: String,
        _ dtype: DType,
        _ source: any WeightSource,
        weighing cost: [Float]?
    ) throws -> Tensor {
        guard let tensor = try source.tensor(name, nil) else { throw CheckpointError.missingTensor(name) }
        guard dtype != tensor.dtype else { return tensor }
        // Blocks have halves for scales.
        let limit: Float = dtype == .float32 || dtype == .bfloat16 ? .greatestFiniteMagnitude : 65_504
        guard tensor.peak <= limit else {
            let what = "tensor \(name) has values that \(dtype) cannot hold; bfloat16 or float32 may"
            throw CheckpointError.unsupported(file: "export", what: what)
        }
        return tensor.stored(as: dtype, weighing: cost)
    }
}

extension Tensor {
    /// The same bytes in another shape.
    fileprivate func `in`(_ shape: [Int]) -> Tensor {
        Array(self.shape) == shape ? self : Tensor(stacking: [self], shape)
    }

    /// The bytes of several tensors of one type, one after another.
    fileprivate init(stacking parts: [Tensor], _ shape: [Int]) {
        let size = parts[0].withBytes(\.count), block = MemoryBlock(parts.count * size)
        for (index, part) in parts.enumerated() {
            part.withBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: block.buffer[index * size..<(index + 1) * size]).copyMemory(
                    from: bytes
                )
            }
        }
        let bytes = UnsafeRawBufferPointer(block.buffer)
        self.init(borrowing: bytes, owner: block, dtype: parts[0].dtype, shape: Shape(shape))
    }
}
