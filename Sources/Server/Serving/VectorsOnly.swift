/// A directory without a model that talks, for a server that makes vectors; the first of them is open from the start.
public struct VectorsOnly: ModelDirectory {
    private let vectors: VectorModels

    public init(_ vectors: VectorModels) { self.vectors = vectors }

    public var names: [String] { [] }
    public var open: [any GenerativeModel] { [] }

    public func model(named name: String) async throws -> (any GenerativeModel)? {
        guard let reader = vectors.describe(name) else { return nil }
        throw APIError.reads(reader)
    }

    public func prepare() async throws {
        _ = try await vectors.find(nil)
        try await vectors.prepare()
    }

    public var isReady: Bool { vectors.isReady }

    public func keep(_ name: String, for duration: Duration?) {}
    public func holding(_ name: String) -> Holding? { nil }

    public func describe(_ name: String) async throws -> ModelListing? { nil }
}
