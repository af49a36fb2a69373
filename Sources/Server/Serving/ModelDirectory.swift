/// Which models are served, under which names.
public protocol ModelDirectory: Sendable {
    /// The names, the default model's first.
    var names: [String] { get }
    /// The model of that name, waiting while it opens; nil where there is none.
    func model(named name: String) async throws -> (any GenerativeModel)?
    /// Those that are open now.
    var open: [any GenerativeModel] { get }
    /// Returns when every model that should be open at the start is; throws if one cannot be opened.
    func prepare() async throws
    /// What is known of the model of that name, which need not be open; nil where there is none.
    func describe(_ name: String) async throws -> ModelListing?
    /// Deletes the model of that name; returns false where there is none. Throws for one that is not to be deleted.
    func delete(_ name: String) async throws -> Bool
    /// Whether requests need not wait for what should be open at the start.
    var isReady: Bool { get }
    /// Keeps an open model for that long after its last use; zero lets it go at once, nil keeps it until its room is wanted.
    func keep(_ name: String, for duration: Duration?)
    /// How an open model is held; nil where it is not open, or nobody counts.
    func holding(_ name: String) -> Holding?
}

/// A line of the list of models.
public struct ModelListing: Sendable {
    public var name: String
    /// In seconds of the Unix epoch.
    public var created: Int
    /// The model it was tuned from, and the one at the bottom; nil for one that was not tuned here.
    public var parent: String?, root: String?
    /// What its engine tells, or that of the model it was tuned from; nil where neither is open.
    public var card: ModelCard?
    /// What it, or the model beneath, is opened from; nil where it is no file's.
    public var file: ModelFile?
    /// Whether it makes vectors, and does not talk.
    var makesVectors = false

    public init(_ card: ModelCard) { (name, created, self.card) = (card.name, card.created, card) }

    public init(name: String, created: Int, parent: String? = nil, root: String? = nil, card: ModelCard? = nil) {
        (self.name, self.created, self.parent, self.root, self.card) = (name, created, parent, root, card)
    }
}

// No defaults for what a directory over another has to hand on: one that is forgotten would not be noticed.
extension ModelDirectory {
    public func describe(_ name: String) async throws -> ModelListing? {
        try await model(named: name).map { ModelListing($0.card) }
    }

    public func delete(_ name: String) async throws -> Bool {
        guard names.contains(name) else { return false }
        throw APIError.notDeletable(name)
    }

    /// A line for every name.
    func listings() async throws -> [ModelListing] {
        var found: [ModelListing] = []
        for name in names {
            if let listing = try await describe(name) { found.append(listing) }
        }
        return found
    }

    /// - Parameter name: as a request gives it. In APIs where every request has to name its model, none is refused.
    func require(_ name: String?) async throws -> any GenerativeModel {
        guard let name else { throw APIError.modelMissing(served: names) }
        return try await find(name)
    }

    /// - Parameter name: as a request gives it; nil is the default model.
    func find(_ name: String?) async throws -> any GenerativeModel {
        let name = name ?? names.first ?? ""
        guard let model = try await model(named: name) else { throw APIError.modelNotFound(name, served: names) }
        return model
    }
}
