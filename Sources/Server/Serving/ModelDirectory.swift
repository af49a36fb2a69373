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
}

extension ModelDirectory {
    /// - Parameter name: as a request gives it; nil is the default model.
    func find(_ name: String?) async throws -> any GenerativeModel {
        let name = name ?? names.first ?? ""
        guard let model = try await model(named: name) else { throw APIError.modelNotFound(name, served: names) }
        return model
    }
}
