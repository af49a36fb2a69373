import HTTPTypes

extension APIError {
    static func jobNotFound(_ id: String) -> APIError {
        APIError(
            status: .notFound,
            kind: .invalidRequest,
            message: "There is no fine-tuning job '\(id.prefix(80))'.",
            param: "fine_tuning_job_id",
            code: "fine_tuning_job_not_found"
        )
    }

    static func fileNotFound(_ id: String, param: String) -> APIError {
        APIError(
            status: param == "file_id" ? .notFound : .badRequest,
            kind: .invalidRequest,
            message: "There is no file '\(id.prefix(80))'.",
            param: param,
            code: "file_not_found"
        )
    }

    static func tooManyJobs(_ count: Int) -> APIError {
        APIError(
            status: .tooManyRequests,
            kind: .rateLimit,
            message: "\(count) fine-tuning jobs wait already. Cancel one, or come back when one has ended.",
            code: "too_many_jobs",
            headers: [.retryAfter: "600"]
        )
    }

    static func notDeletable(_ model: String) -> APIError {
        APIError(
            status: .forbidden,
            kind: .permission,
            message: "'\(model)' was not made by this server: it was started with it, and no request deletes it.",
            param: "model",
            code: "model_not_deletable"
        )
    }
}
