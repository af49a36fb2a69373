import Synchronization
import Text

/// Several models behind one port, each opened by the first who asks for it; the first one, which answers those who name none,
/// and those that are pinned are opened at the start. Models can join and leave while the server runs.
public final class ShelvedModels: ModelDirectory {
    /// A model, and what is known of it before it is open.
    public struct Entry: Sendable {
        public var item: Shelf.Item
        public var card: ModelCard?
        /// What it is opened from; nil where it is no file's.
        public var file: ModelFile?
        /// In seconds of the Unix epoch. Opening it, or what is known of it then, does not change it.
        let created: Int

        public init(_ item: Shelf.Item, card: ModelCard? = nil, file: ModelFile? = nil) {
            (self.item, self.card, self.file) = (item, card, file)
            let modified = file.flatMap { $0.modified > 0 ? $0.modified : nil }
            created = modified ?? card?.created ?? ModelFile.start
        }
    }

    private struct State {
        var entries: [Entry] = []
        var derivations: [Derivation] = []
        /// Templates of derivations, once they were wanted.
        var templates: [String: ChatTemplate] = [:]
        var isPrepared = false

        func entry(_ name: String) -> Entry? { entries.first { $0.item.name == name } }
        func derivation(_ name: String) -> Derivation? { derivations.first { $0.name == name } }
    }

    public let shelf: Shelf
    private let state: Mutex<State>

    /// - Parameter entries: at least one; of several with one name the first counts.
    public init(_ entries: [Entry], on shelf: Shelf) {
        precondition(!entries.isEmpty, "ShelvedModels: no model")
        var names: Set<String> = []
        state = Mutex(State(entries: entries.filter { names.insert($0.item.name).inserted }))
        self.shelf = shelf
    }

    public var names: [String] {
        state.withLock { state in
            let entries = state.entries.map(\.item.name)
            return entries + state.derivations.map(\.name).filter { !entries.contains($0) }
        }
    }

    public var open: [any GenerativeModel] {
        let names = Set(names + state.withLock { $0.entries.compactMap(\.item.base?.name) })
        return shelf.open.filter { names.contains($0.card.name) }
    }

    public func model(named name: String) async throws -> (any GenerativeModel)? {
        let (derivation, entry) = state.withLock { state in
            let derivation = state.derivation(name)
            return (derivation, state.entry(derivation?.base ?? name))
        }
        guard let entry else { return nil }
        let model = try await shelf.model(entry.item)
        guard let derivation else { return model }
        return DerivedModel(derivation, of: model, template: try template(of: derivation, for: model))
    }

    public func prepare() async throws {
        for (index, entry) in state.withLock(\.entries).enumerated() where index == 0 || entry.item.isPinned {
            _ = try await shelf.model(entry.item)
        }
        state.withLock { $0.isPrepared = true }
    }

    public var isReady: Bool { state.withLock(\.isPrepared) || !open.isEmpty }

    public func describe(_ name: String) async throws -> ModelListing? {
        let (derivation, entry) = state.withLock { ($0.derivation(name), $0.entry($0.derivation(name)?.base ?? name)) }
        guard let entry else { return nil }
        var listing = listing(name, derivation, entry)
        listing.file = entry.file
        return listing
    }

    private func listing(_ name: String, _ derivation: Derivation?, _ entry: Entry) -> ModelListing {
        let known = open.first { $0.card.name == entry.item.name }?.card ?? entry.card
        let base = entry.item.base?.name
        guard var card = known else {
            return ModelListing(name: name, created: derivation?.created ?? entry.created, parent: base, root: base)
        }
        guard let derivation else {
            return ModelListing(name: name, created: entry.created, parent: base, root: base, card: card)
        }
        derivation.mark(&card)
        return ModelListing(
            name: name,
            created: derivation.created,
            parent: derivation.base,
            root: derivation.base,
            card: card
        )
    }

    public func keep(_ name: String, for duration: Duration?) {
        shelf.keep(state.withLock { $0.derivation(name)?.base } ?? name, for: duration)
    }

    public func holding(_ name: String) -> Holding? {
        shelf.holding(state.withLock { $0.derivation(name)?.base } ?? name)
    }
}

// MARK: Joining and leaving

extension ShelvedModels {
    /// A model joins; one of the same name leaves.
    public func add(_ entry: Entry) {
        let name = entry.item.name
        state.withLock { state in
            if let index = state.entries.firstIndex(where: { $0.item.name == name }) {
                state.entries[index] = entry
            } else {
                state.entries.append(entry)
            }
        }
        shelf.keep(name, for: .zero)
    }

    func add(_ derivation: Derivation) {
        state.withLock { state in
            state.derivations.removeAll { $0.name == derivation.name }
            state.derivations.append(derivation)
            state.templates[derivation.name] = nil
        }
    }

    /// Whoever is being answered by it is answered to the end.
    func remove(_ name: String) {
        state.withLock { state in
            state.entries.removeAll { $0.item.name == name }
            state.derivations.removeAll { $0.name == name }
            state.templates[name] = nil
        }
        shelf.drop(name)
    }

    func derivation(_ name: String) -> Derivation? { state.withLock { $0.derivation(name) } }

    /// Models that were made of that one, itself left out.
    func derivations(of base: String) -> [Derivation] {
        state.withLock { $0.derivations.filter { $0.base == base && $0.name != base } }
    }

    /// Whether a model of that name, none that was made of another, can be asked for.
    func hasEntry(_ name: String) -> Bool { state.withLock { $0.entry(name) != nil } }

    private func template(of derivation: Derivation, for model: any GenerativeModel) throws -> ChatTemplate? {
        guard let source = derivation.template else { return nil }
        if let known = state.withLock({ $0.templates[derivation.name] }) { return known }
        let template = try Derivation.compiled(source, for: model)
        state.withLock { $0.templates[derivation.name] = template }
        return template
    }
}
