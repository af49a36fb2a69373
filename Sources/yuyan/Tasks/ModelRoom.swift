import Bundles
import Checkpoints
import Foundation
import Inference
import Models
import Server
import Tensors

/// The models that a server talks with, on the shelf that they share with those that make vectors.
struct ModelRoom {
    let shelf: Shelf, models: ShelvedModels
    /// Where each of them is, by its name.
    let paths: [String: String]
    /// Each of them that is no adapter, by its path.
    let items: [String: Shelf.Item]
    let settings: ServeSettings
    /// Models that will be refused to everybody, and why.
    private let complaints: [(name: String, why: String)]

    /// - Parameter stored: the first, which is open from the start, then the others.
    init(_ stored: [StoredModel], _ settings: ServeSettings, on shelf: Shelf) {
        var settings = settings
        settings.machine.sharesContext = stored.count > 1
        let named = stored.enumerated().map { ($0.offset == 0 ? settings.name : nil) ?? $0.element.name }
        var items: [String: Shelf.Item] = [:], entries: [ShelvedModels.Entry] = [], asked: [Shelf.Item] = []
        let models = Array(zip(stored, named)), adapters = models.filter { StoredModel.isAdapter($0.0.path) }
        for (stored, name) in models.filter({ !StoredModel.isAdapter($0.0.path) }) + adapters {
            var item = Self.item(stored, name, isPinned: settings.pins(stored, as: name), over: items, settings)
            // What the server was asked for is not refused, unless a limit was set, and leaves some room to adapters.
            let room = max(0, Self.room(settings) - (item.base?.bytes ?? 0))
            if stored == models[0].0, settings.modelMemory == nil { item.bytes = min(item.bytes, room) }
            asked.append(item)
            if item.base == nil { items[Self.canonical(stored.path)] = item }
            entries.append(Self.entry(item, stored, settings))
        }
        entries.sort { (named.firstIndex(of: $0.item.name) ?? 0) < (named.firstIndex(of: $1.item.name) ?? 0) }
        self.models = ShelvedModels(entries, on: shelf)
        paths = Dictionary(zip(named, stored.map(\.path))) { first, _ in first }
        complaints = asked.compactMap { item in shelf.complaint(of: item, among: asked).map { (item.name, $0) } }
        settings.machine.sharesContext = true  // with those that join
        (self.shelf, self.items, self.settings) = (shelf, items, settings)
    }

    private static func entry(
        _ item: Shelf.Item,
        _ stored: StoredModel,
        _ settings: ServeSettings
    ) -> ShelvedModels.Entry {
        .init(item, card: Outline(stored, settings)?.card(item.name), file: ModelFile(stored))
    }

    /// What all models of a server stand on.
    static func shelf(_ settings: ServeSettings) -> Shelf {
        Shelf(budget: budget(settings), idle: settings.idle.map { .seconds($0 * 60) }, trim: trim)
    }

    /// A model as it stands on the shelf: alone or, where it is an adapter, over its model.
    ///
    /// - Parameter items: models that may be beneath, by their paths.
    static func item(
        _ stored: StoredModel,
        _ name: String,
        isPinned: Bool = false,
        over items: [String: Shelf.Item] = [:],
        _ settings: ServeSettings
    ) -> Shelf.Item {
        if let adapter = try? adapter(stored.path, name, isPinned: isPinned, over: items, settings) { return adapter }
        let outline = Outline(stored, settings), engine = outline?.engine ?? settings.engine
        let bytes = stored.bytes + (outline?.cacheBytes ?? 0)
        var item = Shelf.Item(name: name, bytes: bytes, isPinned: isPinned) {
            var model = EngineModel(try settings.machine.open(stored, name: name), options: engine)
            model.details = ModelDetails(at: stored.path)
            return model
        }
        item.least = outline == nil ? nil : stored.bytes
        return item
    }

    /// Throws where the first model, which is open from the start, does not fit.
    func requireRoom() throws {
        let first = models.names.first
        if let complaint = complaints.first(where: { $0.name == first }) { throw BadInput(complaint.why) }
    }

    /// Tells of models that nobody will be answered by.
    func complain() {
        for (_, why) in complaints { Terminal.complain("yuyan: requests for it are refused: \(why)") }
    }

    /// Who brings models and lets them go while the server runs.
    func keeper(_ vectors: VectorModels) -> ModelKeeper {
        let standing = Set(settings.namedAtStart + models.names.prefix(1))
        let quantising: ModelKeeper.Quantising = { try Self.quantise($0, $1, $2, $3) }
        return ModelKeeper(
            ModelStore(),
            models: models,
            vectors: vectors,
            standing: standing,
            quantising: quantising
        ) { [settings] stored in
            if stored.makesVectors { return .makesVectors(settings.vectorEntry(stored, stored.name)) }
            return .talks(Self.entry(Self.item(stored, stored.name, settings), stored, settings))
        }
    }

    private static func quantise(
        _ source: String,
        _ recipe: String,
        _ target: String,
        _ progress: @escaping @Sendable (Double) throws -> Void
    ) throws {
        guard let recipe = Recipe.named(recipe) else {
            throw APIError.invalid("quantize", "'quantize' must be a way of storing weights, not '\(recipe)'.")
        }
        let writer = try ModelBundle.open(source).ggufWriter(recipe: recipe)
        if let first = writer.plan.first(where: \.isRoundedAgain) {
            throw APIError.invalid(
                "quantize",
                "Its weights are rounded already (\(first.name) to \(first.source)): rounded again they err twice. Take the model "
                    + "in float32, float16, bfloat16 or q8_0, or use yuyan quantize --allow-requantize."
            )
        }
        let total = Double(max(1, writer.byteCount))
        try writer.write(to: target) { try progress(Double($0) / total) }
    }
    /// An adapter over one of the models, or over another that nobody asked for by itself.
    private static func adapter(
        _ path: String,
        _ name: String,
        isPinned: Bool,
        over items: [String: Shelf.Item],
        _ settings: ServeSettings
    ) throws -> Shelf.Item? {
        guard StoredModel.isAdapter(path) else { return nil }
        let base = try AdapterBundle(path: path).basePath { try ModelStore().locate($0).path }
        if let known = items[canonical(base)] {
            return try item(adapter: path, name, isPinned: isPinned, over: known)
        }
        let hidden = try ModelStore().locate(base), isTaken = items.values.contains { $0.name == hidden.name }
        let beneath = item(hidden, isTaken || hidden.name == name ? canonical(base) : hidden.name, settings)
        return try item(adapter: path, name, isPinned: isPinned, over: beneath)
    }

    /// An adapter over a model.
    static func item(
        adapter path: String,
        _ name: String,
        isPinned: Bool = false,
        over base: Shelf.Item
    ) throws -> Shelf.Item {
        let bytes = try AdapterBundle(path: path).floatBytes
        return Shelf.Item(name: name, bytes: bytes, isPinned: isPinned, over: base) { model in
            guard let model = model as? EngineModel else { throw BadInput("\(base.name) takes no adapters") }
            return try model.adapted(named: name, by: path)
        }
    }

    static func canonical(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }

    /// What all models together may take, in bytes.
    static func budget(_ settings: ServeSettings) -> Int {
        settings.modelMemory.map { $0 << 20 } ?? machine / 5 * 4
    }

    /// What one that talks may take: some room is left to adapters, and to what makes vectors, but no more than half.
    static func room(_ settings: ServeSettings) -> Int {
        let budget = budget(settings)
        return max(budget / 16 * 15 - settings.vectorBytes, budget / 2)
    }

    private static var machine: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

    /// An engine ends a moment after it was let go.
    private static func trim() {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 1)
            returnUnusedMemory()
        }
    }
}

/// What the header of a file tells before the model is open.
private struct Outline {
    let contextLength: Int, cacheBytes: Int, template: String?, details: ModelDetails?
    /// The server's, with a cache that fits beside the weights.
    let engine: Engine.Options

    /// The fewest tokens that a cache is made smaller to.
    private static let leastTokens = 4096

    init?(_ stored: StoredModel, _ settings: ServeSettings) {
        let file = try? GGUFFile(path: stored.path)
        guard let known = try? file?.settings ?? ModelBundle.settings(at: stored.path),
            let full = try? Self.context(known)
        else { return nil }
        contextLength = min(full, settings.machine.context ?? full)
        (template, details) = (file?.metadata["tokenizer.chat_template"]?.text, file.map { ModelDetails($0) })
        let shape = (try? Self.cache(known))?.kept(as: settings.machine.cacheType)
        let block = shape?.blockBytes ?? 0
        let states = shape.map { settings.engine.fitted(to: $0).maxRunning * $0.stateBytes } ?? 0
        let room = ModelRoom.room(settings) - stored.bytes - states
        engine = Self.fitted(settings.engine, block, contextLength, room)
        cacheBytes =
            states + (block == 0 ? 0 : engine.cacheBlocks(blockBytes: block, contextLength: contextLength) * block)
    }

    /// Where the cache would not fit and nobody has said how large it is to be, one that does, or the smallest that is of use.
    private static func fitted(_ options: Engine.Options, _ block: Int, _ context: Int, _ room: Int) -> Engine.Options {
        guard block > 0, options.cacheTokens == nil else { return options }
        let most = max(room / block * CacheShape.blockSize, min(context, leastTokens))
        let wanted = options.cacheBlocks(blockBytes: block, contextLength: context) * CacheShape.blockSize
        guard most < wanted else { return options }
        var options = options
        options.cacheTokens = most
        return options
    }

    func card(_ name: String) -> ModelCard {
        var card = ModelCard(
            name: name,
            created: Int(Date().timeIntervalSince1970),
            contextLength: contextLength,
            chatTemplate: template
        )
        card.details = details
        return card
    }

    private static func context(_ settings: Checkpoints.Settings) throws -> Int {
        try settings("max_position_embeddings")
    }

    private static func cache(_ settings: Checkpoints.Settings) throws -> CacheShape {
        if settings["state_size"] != nil { return try Mamba2.cacheShape(settings) }
        let heads: Int = try settings("num_attention_heads"), width: Int = try settings("hidden_size")
        let kvHeads = try settings.optional("num_key_value_heads") ?? heads
        let headWidth = try settings.optional("head_dim") ?? width / max(1, heads)
        return CacheShape(layers: try settings("num_hidden_layers"), kvHeads: kvHeads, headWidth: headWidth)
    }
}
