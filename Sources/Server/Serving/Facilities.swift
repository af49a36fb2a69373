import HTTPTypes
import Store

/// What every feature is handed.
package struct Facilities: Sendable {
    package let models: any ModelDirectory
    package let vectors: VectorModels
    package let workshop: Workshop
    package let ledger: RequestLedger
    package let drain = Drain()
    let background = BackgroundResponses()
    package let options: ServerOptions
    /// Marks an answer; the text is what its identity begins with.
    package let stamp: @Sendable (String) -> Stamp
    /// What outlives the server; nil where it was given nothing to keep it in.
    package let storage: ServerStorage?
    /// Closes what clients keep for the server; without a storage, until the process ends.
    let seal: Seal
    /// Who brings and removes models on a client's word; nil where clients may not.
    package let keeper: ModelKeeper?

    package init(
        models: any ModelDirectory,
        vectors: VectorModels = .none,
        options: ServerOptions,
        storage: ServerStorage? = nil,
        keeper: ModelKeeper? = nil,
        stamp: @escaping @Sendable (String) -> Stamp
    ) {
        (self.models, self.vectors, self.options) = (models, vectors, options)
        (self.storage, self.keeper, self.stamp) = (storage, keeper, stamp)
        (workshop, ledger, seal) = (Workshop(), RequestLedger(), storage?.seal ?? Seal())
    }

    /// The storage, for those who cannot do without.
    func requireStorage() throws(APIError) -> ServerStorage {
        guard let storage else { throw .noStorage }
        return storage
    }

    /// The keeper of models, for those who cannot do without.
    func requireKeeper() throws(APIError) -> ModelKeeper {
        guard let keeper else { throw .notManaged }
        return keeper
    }
}

extension Facilities {
    /// - Parameters:
    ///   - name: as a request gives it; nil is the default one.
    ///   - namesModel: whether the request has to name one.
    func talker(_ name: String?, namesModel: Bool = true) async throws -> any GenerativeModel {
        if let name, let reader = vectors.describe(name), !models.names.contains(name) { throw APIError.reads(reader) }
        return namesModel ? try await models.require(name) : try await models.find(name)
    }

    /// - Parameters:
    ///   - name: as a request gives it; nil is the default one.
    ///   - namesModel: whether the request has to name one.
    ///   - ranking: whether scores are wanted: of several unnamed models the first that makes them. Otherwise it is vectors, which one
    ///     that scores does not make.
    func vectorModel(
        _ name: String?,
        namesModel: Bool = false,
        ranking: Bool = false
    ) async throws -> any VectorService {
        let names = vectors.names
        if let name, !names.contains(name), models.names.contains(name) { throw APIError.talks(name, others: names) }
        guard !names.isEmpty else { throw APIError.noVectors }
        guard name != nil || !namesModel else { throw APIError.modelMissing(served: names) }
        let model = try await vectors.find(name, ranking: ranking)
        guard ranking || !model.ranks else { throw APIError.scores(model.card.name) }
        return model
    }

    /// The names of all models, those that talk first.
    var allNames: [String] {
        let talkers = models.names
        return talkers + vectors.names.filter { !talkers.contains($0) }
    }
}

extension APIError {
    fileprivate static let noVectors = APIError(
        status: .notFound,
        kind: .invalidRequest,
        message:
            "No model that makes vectors is served here; the server's operator can add one with --embedding-model.",
        param: "model",
        code: "model_not_found"
    )

    /// - Parameter others: the models that make vectors.
    static func noSuchVectors(_ name: String, others: [String]) -> APIError {
        var error = APIError.modelNotFound(name, served: others)
        let names = others.map { "'\($0)'" }.joined(separator: ", ")
        error.message = "The model '\(name)' does not exist here. Those that make vectors: \(names)."
        return error
    }

    /// Of a model that only reads, whether for vectors or for scores: that is known once it has been open.
    static func reads(_ model: ModelListing) -> APIError {
        let (use, paths) =
            switch model.card?.ranks {
            case true?: ("scores texts", "/v1/rerank")
            case false?: ("makes vectors", "/v1/embeddings or /v1/rerank")
            case nil: ("makes vectors or scores of texts", "/v1/embeddings or /v1/rerank")
            }
        let why = "The model '\(model.name)' \(use); it cannot talk. Use \(paths)."
        return .invalid("model", why, code: "unsupported_model")
    }

    /// The states beneath a head that scores were not learnt for vectors.
    fileprivate static func scores(_ name: String) -> APIError {
        let why = "The model '\(name)' scores texts; it makes no vectors. Use /v1/rerank."
        return .invalid("model", why, code: "unsupported_model")
    }

    /// - Parameter others: those that do make vectors.
    fileprivate static func talks(_ name: String, others: [String]) -> APIError {
        let remedy =
            others.isEmpty ? noVectors.message : "Ask " + others.map { "'\($0)'" }.joined(separator: " or ") + "."
        let why = "The model '\(name)' talks; it makes neither vectors nor scores. \(remedy)"
        return .invalid("model", why, code: "unsupported_model")
    }

    /// An `openai` client takes 501 for a reason to try again, unless it is told not to.
    static let inVain: HTTPFields = [HTTPField.Name("x-should-retry")!: "false"]

    static let noStorage = APIError(
        status: .notImplemented,
        kind: .invalidRequest,
        message: "This server keeps no files and no jobs: it was started without a place for them.",
        code: "no_storage",
        headers: inVain
    )

    static let noTrainer = APIError(
        status: .notImplemented,
        kind: .invalidRequest,
        message: "This server does not train: it was started without a trainer.",
        code: "no_trainer",
        headers: inVain
    )
}
