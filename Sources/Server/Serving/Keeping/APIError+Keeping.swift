import Checkpoints
import HTTPTypes

extension APIError {
    static let notManaged = APIError(
        status: .forbidden,
        kind: .permission,
        message:
            "This server's models are its operator's: no request changes them. Started with --manage-models on, it lets "
            + "clients pull, create, copy and delete.",
        code: "models_not_managed"
    )

    static func modelNotInCatalogue(_ name: String, known: [String]) -> APIError {
        APIError(
            status: .notFound,
            kind: .invalidRequest,
            message:
                "There is no model '\(name.prefix(140))' to fetch. Known: \(known.joined(separator: ", ")); or name one as "
                + "hf:ORGANISATION/REPOSITORY/FILE, modelscope:… or a web address.",
            param: "model",
            code: "model_not_found"
        )
    }

    static func badModelName(_ name: String, in field: String) -> APIError {
        .invalid(
            field,
            "'\(field)' is '\(name.prefix(140))', which cannot be a model's name: letters, digits, '.', '_' and '-', in parts that '/' and ':' separate.",
            code: "invalid_value"
        )
    }

    static func modelExists(_ name: String, in field: String) -> APIError {
        APIError(
            status: .conflict,
            kind: .invalidRequest,
            message: "There is a model '\(name)' already. Delete it first, or send another '\(field)'.",
            param: field,
            code: "model_exists"
        )
    }

    static func isBase(_ name: String, of others: [String]) -> APIError {
        APIError(
            status: .conflict,
            kind: .invalidRequest,
            message: "'\(name)' is what \(others.joined(separator: ", ")) was made of. Delete that first.",
            param: "model",
            code: "model_in_use"
        )
    }

    /// Of a model that is served by its path.
    static func outsideStore(_ name: String, in field: String) -> APIError {
        APIError(
            status: .forbidden,
            kind: .permission,
            message:
                "'\(name)', which '\(field)' names, lies outside the store: the server was started with it, and it cannot be "
                + "copied or quantized. Name a model that was pulled or made here.",
            param: field,
            code: "model_not_in_store"
        )
    }

    /// Of a model with files beside its weights.
    static func notOneFile(_ name: String, in field: String) -> APIError {
        .invalid(
            field,
            "'\(field)' is '\(name)', which is no GGUF file, and these alone can be copied; yuyan convert writes one of it.",
            code: "invalid_value"
        )
    }

    /// Of a model that makes vectors, for one that would be made of it.
    static func cannotBeTold(_ name: String, in field: String) -> APIError {
        .invalid(
            field,
            "'\(field)' is '\(name)', which makes vectors or scores, and no instructions change those. Name a model that talks.",
            code: "unsupported_model"
        )
    }

    /// What the store of models refuses.
    init(_ error: Checkpoints.StoreError) {
        let text = "\(error)."
        switch error {
        case .unknownModel, .notPulled:
            self.init(status: .notFound, kind: .invalidRequest, message: text, param: "model", code: "model_not_found")
        case .badReference: self = .invalid("model", text, code: "invalid_value")
        case .unavailable, .http, .network, .python:
            self.init(status: .badGateway, kind: .server, message: text, param: "model", code: "source_failed")
        case .wrongHash, .damaged, .wrongSize:
            self.init(status: .badGateway, kind: .server, message: text, param: "model", code: "wrong_file")
        case .noSpace:
            self.init(
                status: .init(code: 507, reasonPhrase: "Insufficient Storage"),
                kind: .server,
                message: text,
                code: "storage_full"
            )
        case .busy:
            self.init(status: .conflict, kind: .invalidRequest, message: text, param: "model", code: "model_busy")
        case .system: self = .failed("The store of models failed; the server's log has the reason.")
        }
    }

    /// What goes wrong while models are fetched, made or deleted.
    init(keeping error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as Checkpoints.StoreError: self.init(error)
        case let error as CheckpointError:
            self = .invalid("files", "The file is no model: \(error).", code: "invalid_value")
        default: self = .failed("\(error)")
        }
    }
}
