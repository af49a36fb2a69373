public import Checkpoints
import Foundation
public import Tensors
import Text

extension ModelBundle {
    /// Writes a folder in the Hub's layout, which the reference library opens: config.json, generation_config.json,
    /// model.safetensors, tokenizer.json, tokenizer_config.json and chat_template.jinja; of what makes vectors also the files of
    /// `sentence-transformers`. An adapter is worked in.
    ///
    /// - Parameters:
    ///   - folder: must not be there yet; it appears whole or not at all.
    ///   - dtype: what weights are stored as; nil leaves each as it is, but what is quantised becomes bfloat16.
    ///   - shardBytes: weights that take more are written as several files with an index.
    /// - Throws: `CheckpointError.unsupported` where `dtype` is quantised.
    public func write(to folder: String, as dtype: DType? = nil, shardBytes: Int = 5_000_000_000) throws {
        try requireAgreement()
        if let dtype, dtype.isQuantized {
            let what = "\(dtype) has no name in safetensors; write float32, float16 or bfloat16, or a GGUF file"
            throw CheckpointError.unsupported(file: folder, what: what)
        }
        let architecture = try architecture(), weights = merged
        let whole: any NamedWeights = architecture.stacksExperts ? StackedExperts(weights) : weights
        let published = PublishedWeights(source: whole, layout: architecture.layout)
        try Self.whole(folder) { draft in
            try furnish(draft, as: dtype)
            var writer = shardsWriter(shardBytes)
            for entry in published.entries {
                let stored = WeightEntry(entry.name, dtype ?? entry.dtype.asFloat, entry.shape)
                writer.add(stored) {
                    guard let tensor = try published.tensor(entry.name, nil) else {
                        throw CheckpointError.missingTensor(entry.name)
                    }
                    return tensor.stored(as: stored.dtype)
                }
            }
            try writer.write(to: draft)
        }
    }

    func shardsWriter(_ shardBytes: Int) -> SafetensorsShardsWriter {
        SafetensorsShardsWriter(["format": "pt", Fingerprint.key: fingerprint.description], shardBytes: shardBytes)
    }

    /// Writes all but the weights into a folder that is there: what a training run adds to its checkpoints.
    ///
    ///     trainer.furnish = { try bundle.furnish($0.path, as: .float32) }
    ///
    /// - Parameter dtype: what the weights are stored as; nil asks the weights.
    public func furnish(_ folder: String, as dtype: DType? = nil) throws {
        try furnish(folder, as: dtype, quantisation: nil)
    }

    func furnish(_ folder: String, as dtype: DType?, quantisation: Settings?) throws {
        let type = dtype ?? weights.entries.first { $0.shape.count > 1 }?.dtype.asFloat ?? .float32
        let tokenizer = tokenizer.unpadded
        var config = try HubConfiguration.config(settings, tokenizer, type: type.rawValue)
        config[Fingerprint.settingKey] = .string(fingerprint.description)
        config["quantization_config"] = quantisation.map { .object($0.values) }
        var files: [(String, String)] = [
            ("config.json", config.json.text(.pretty)),
            ("generation_config.json", HubConfiguration.generation(defaults, tokenizer).json.text(.pretty)),
            ("tokenizer.json", try tokenizer.tokenizerJSON().text()),
            ("tokenizer_config.json", tokenizer.tokenizerConfiguration().text(.pretty)),
        ]
        if let template { files.append(("chat_template.jinja", template)) }
        if let embedding { files += try embedding.files(width: settings.positive("hidden_size")) }
        for (name, text) in files { try Self.write(text, to: folder + "/" + name) }
    }

    /// A network's weights as the Hub's files of this model keep them; nil where that is as they are.
    ///
    ///     trainer.publish = { try bundle.published($0) }
    ///
    /// - Throws: ``BundleError/inexpressible(format:what:)`` for an architecture that the Hub's layout is not known of.
    public func published(_ weights: any NamedWeights) throws -> (any NamedWeights)? {
        let layout = try architecture().layout
        return layout.isPlain ? nil : PublishedWeights(source: weights, layout: layout)
    }

    /// Words of 4-bit levels are of one matrix each.
    func refuseStackedExperts() throws {
        guard try architecture().stacksExperts else { return }
        let what = "a layer's experts stand in one tensor; write floats, or take a GGUF file"
        throw BundleError.inexpressible(format: "A layout of 4-bit words", what: what)
    }

    func architecture() throws -> HubArchitecture {
        let type: String = try settings("model_type")
        guard let architecture = HubArchitecture.named(type) else {
            throw BundleError.inexpressible(format: "config.json", what: "its architecture is \(type)")
        }
        return architecture
    }
}

extension ModelBundle {
    static func write(_ text: String, to path: String) throws {
        let place = URL(filePath: path)
        do {
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: place)
        } catch {
            throw BundleError.unwritable(path: path, reason: "\(error.localizedDescription)")
        }
    }

    /// Fills a draft beside a folder's place, then gives it its name.
    static func whole(_ folder: String, _ fill: (String) throws -> Void) throws {
        let files = FileManager.default, place = URL(filePath: folder)
        guard !files.fileExists(atPath: folder) else {
            throw BundleError.unwritable(path: folder, reason: "it is there already; remove it or take another name")
        }
        let draft = place.deletingLastPathComponent().appending(path: ".\(place.lastPathComponent).writing")
        do {
            try? files.removeItem(at: draft)
            try files.createDirectory(at: draft, withIntermediateDirectories: true)
            try fill(draft.path)
            try files.moveItem(at: draft, to: place)
        } catch {
            try? files.removeItem(at: draft)
            if error is CocoaError { throw BundleError.unwritable(path: folder, reason: error.localizedDescription) }
            throw error
        }
    }
}

extension DType {
    /// What a folder of the Hub has instead of a quantised type.
    fileprivate var asFloat: DType { isQuantized ? .bfloat16 : self }
}
