public import Checkpoints
import Foundation
import Text

extension ModelBundle {
    /// Finds the model that an adapter names as its base: a path.
    public typealias Resolver = @Sendable (_ name: String) throws -> String

    /// Opens a GGUF file, a folder in the Hub's layout, or an adapter's folder in PEFT's.
    ///
    /// - Parameters:
    ///   - check: what to do where tokenizer or template are not those the weights were made with.
    ///   - resolve: asked for the path of an adapter's base, where it is not a path itself.
    /// - Throws: ``BundleError``, `CheckpointError` or `TokenizerError`, which name the file or the key.
    public static func open(
        _ path: String,
        check: FingerprintCheck = .strict,
        resolving resolve: Resolver? = nil
    ) throws -> ModelBundle {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return try file(path, check)
        }
        let folder = BundleFolder(path: path)
        if folder.has("config.json") { return try ModelBundle(folder, check) }
        guard folder.has("adapter_config.json") else { throw BundleError.noModel(path: path) }
        return try adapted(AdapterBundle(path: path), check, resolve)
    }

    /// A GGUF file; weights with the other files of a folder beside them, under names that begin as theirs; or multilingual E5's own.
    private static func file(_ path: String, _ check: FingerprintCheck) throws -> ModelBundle {
        if let folder = BundleFolder(weights: path) { return try ModelBundle(folder, check) }
        return try E5File.begins(path) ? E5File(path: path).bundle() : ModelBundle(GGUFFile(path: path), check: check)
    }

    /// Opens a GGUF file.
    public init(_ file: GGUFFile, check: FingerprintCheck = .strict) throws {
        guard let architecture = file.metadata["general.architecture"] else {
            throw BundleError.missingMetadata("general.architecture")
        }
        guard architecture.text != nil else { throw BundleError.badMetadata("general.architecture", expected: "text") }
        let settings = try file.naming { try file.settings.checked() }
        try self.init(
            settings: settings,
            weights: file.weights,
            tokenizer: TokenizerSpecification(file.metadata),
            template: file.metadata["tokenizer.chat_template"]?.text,
            defaults: GenerationDefaults(file.metadata)
        )
        (path, embedding) = (file.path, try EmbeddingDefaults(file))
        try verify([file.metadata[Fingerprint.key]?.text], check)
    }

    init(_ folder: BundleFolder, _ check: FingerprintCheck) throws {
        let config = try folder.naming("config.json") { try HubConfiguration(folder.configuration()) }
        let generation = try folder.optionalSettings("generation_config.json") ?? [:]
        var (files, metadata) = try folder.weights()
        if config.architecture?.stacksExperts == true { files = try GPTOSSExperts(files) }
        let stored: any NamedWeights = try config.fourBit.map { try FourBitWeights(files, $0) } ?? files
        let weights = HubWeights(stored, config.architecture)
        var settings = config.settings
        if settings["vocab_size"] == nil,
            let rows = weights.entries.first(where: { $0.name == "model.embed_tokens.weight" })
        {
            settings["vocab_size"] = rows.shape.first.map { .integer($0) }
        }
        let recorded: String? = try settings.optional(Fingerprint.settingKey)
        settings[Fingerprint.settingKey] = nil
        settings = try folder.naming("config.json") { try settings.checked() }
        var tokenizer = try folder.tokenizer(of: settings("model_type"))
        for (name, source) in [("config.json", settings), ("generation_config.json", generation)] {
            let endings = try folder.naming(name) { try source.endings(rows: settings.positive("vocab_size")) }
            tokenizer.endOfGeneration.formUnion(endings.filter(tokenizer.tokens.indices.contains))
        }
        try self.init(
            settings: settings,
            weights: weights,
            tokenizer: tokenizer,
            template: folder.template(),
            defaults: folder.naming("generation_config.json") { try GenerationDefaults(generation) }
        )
        (path, embedding) = (folder.path, try EmbeddingDefaults(folder))
        try verify(metadata.map { $0[Fingerprint.key] } + [recorded], check)
    }

    private static func adapted(
        _ adapter: AdapterBundle,
        _ check: FingerprintCheck,
        _ resolve: Resolver?
    ) throws -> ModelBundle {
        var bundle = try open(adapter.basePath(resolving: resolve), check: check)
        try bundle.adapt(with: adapter, check: check)
        return bundle
    }

    /// Where a base is that is given as a path: its own, or from the adapter's folder on.
    fileprivate static func place(of base: String, beside adapter: String) -> String? {
        guard !base.isEmpty else { return nil }
        let candidates = base.hasPrefix("/") ? [base] : [adapter + "/" + base, base]
        return candidates.first { FileManager.default.fileExists(atPath: $0) }
    }
}

extension AdapterBundle {
    /// Where the model is that it was made over.
    ///
    /// - Parameter resolve: asked for the path, where the configuration does not say one.
    /// - Throws: ``BundleError/unknownBase(adapter:base:reason:)``.
    public func basePath(resolving resolve: ModelBundle.Resolver?) throws -> String {
        let path = path ?? "", base = configuration.base
        func unknown(_ reason: String) -> BundleError { .unknownBase(adapter: path, base: base, reason: reason) }
        let place: String
        do { place = try ModelBundle.place(of: base, beside: path) ?? resolve.map { try $0(base) } ?? "" } catch {
            throw unknown("\(error)")
        }
        guard !place.isEmpty else { throw unknown("there is no such path") }
        let folder = BundleFolder(path: place)
        guard folder.has("config.json") || !folder.has("adapter_config.json") else {
            throw unknown("it is an adapter itself; merge the two first")
        }
        return place
    }
}

extension ModelBundle {
    /// Puts an adapter on top of the weights, in place of one that was there.
    ///
    /// - Throws: ``BundleError`` if it changes tensors that the network does not have, or was made over a base with another
    ///   tokenizer or template.
    public mutating func adapt(with adapter: AdapterBundle, check: FingerprintCheck = .strict) throws {
        let shapes = weights.entries.compactMap { entry in
            entry.name.hasSuffix(".weight") ? (String(entry.name.dropLast(".weight".count)), entry.shape) : nil
        }
        try adapter.requireFit(
            Dictionary(shapes) { first, _ in first },
            fingerprint: fingerprint,
            of: path ?? "the base",
            check: check
        )
        self.adapter = adapter
    }

    /// Compares what files say of the tokenizer and template they were made with.
    private func verify(_ recorded: [String?], _ check: FingerprintCheck) throws {
        guard check == .strict else { return }
        for text in Set(recorded.compactMap { $0 }) {
            guard let expected = Fingerprint(text) else {
                throw BundleError.badMetadata(Fingerprint.key, expected: "tokenizer:… template:…")
            }
            let differing = expected.differences(from: fingerprint)
            guard differing.isEmpty else { throw BundleError.changed(path: path ?? "", differing: differing) }
        }
    }
}

extension Settings {
    /// The ids that end an answer, one or a list of them: each has a row in the network. Those that begin and fill up a text are
    /// the tokenizer's to say, but numbers here too.
    fileprivate func endings(rows: Int) throws -> [Int] {
        for key in ["bos_token_id", "pad_token_id"] { _ = try optional(key, Int.self) }
        let key = "eos_token_id"
        guard let value = self[key], value != .null else { return [] }
        let ids: [Int]
        if case .array = value { ids = try self(key) } else { ids = [try self(key)] }
        guard let odd = ids.first(where: { !(0..<rows).contains($0) }) else { return ids }
        let expected = "the id of a token that ends an answer, from 0 to \(rows - 1) as vocab_size says"
        throw CheckpointError.setting(key: key, value: "\(odd)", expected: expected)
    }
}
