import HTTPTypes
package import Hummingbird
import Text

/// `/v1/fine_tuning/jobs`, as OpenAI defines it.
///
/// Beyond it: more settings for the trainer under `yuyan`, an object or a YAML text, and more figures in the events' `data`.
package struct FineTuning: Feature {
    let facilities: Facilities
    /// Nil where this server does not train.
    let queue: JobQueue?

    package init(_ facilities: Facilities, queue: JobQueue?) { (self.facilities, self.queue) = (facilities, queue) }

    package func mount(on router: RouterGroup<AppContext>) {
        let jobs = router.group("v1/fine_tuning/jobs")
        jobs.post(use: create)
        jobs.get(use: list)
        jobs.get(":id", use: show)
        jobs.post(":id/cancel", use: cancel)
        jobs.post(":id/pause", use: pause)
        jobs.post(":id/resume", use: resume)
        jobs.get(":id/events", use: events)
        jobs.get(":id/checkpoints", use: checkpoints)
    }

    @Sendable func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage()
        guard let queue else { throw APIError.noTrainer }
        let body = try await request.json(limit: facilities.options.bodyLimit, in: facilities.workshop)
        let ignored = try FineTuningBody.refusals.check(body)
        let wanted = try FineTuningBody.read(body)
        guard facilities.models.names.contains(wanted.model) else {
            throw APIError.modelNotFound(wanted.model, served: facilities.models.names)
        }
        let limit = facilities.options.maximumJobs
        let job = try await storage.run {
            var wanted = wanted
            do { wanted.hyperparameters = try queue.tuner.check(wanted) } catch let error as FineTuningFailure {
                throw APIError.invalid(error.param, error.message, code: error.code)
            }
            return try storage.jobs.create(wanted, limit: limit)
        }
        queue.wake()
        var response = Response { FineTuning.write(job, to: &$0) }
        response.headers.ignored = ignored
        return response
    }
}

// MARK: Reading

extension FineTuning {
    @Sendable func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage(), page = try Cursor(request, standard: 20)
        let filter = MetadataFilter(request.uri.query)
        let jobs = try await storage.run { try storage.jobs.list(page, where: filter.matches) }
        return Response(jobs, id: \.id) { FineTuning.write($0, to: &$1) }
    }

    @Sendable func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage(), id = try context.parameters.require("id")
        let job = try await storage.run { try storage.jobs.find(id) }
        guard let job else { throw APIError.jobNotFound(id) }
        return Response { FineTuning.write(job, to: &$0) }
    }

    @Sendable func events(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage(), id = try context.parameters.require("id")
        let page = try Cursor(request, standard: 20)
        let events = try await storage.run { try storage.jobs.events(of: id, page) }
        return Response(events, id: \.id) { FineTuning.write($0, to: &$1) }
    }

    @Sendable func checkpoints(_ request: Request, _ context: AppContext) async throws -> Response {
        let storage = try facilities.requireStorage(), id = try context.parameters.require("id")
        let page = try Cursor(request, standard: 10)
        let checkpoints = try await storage.run { try storage.jobs.checkpoints(of: id, page) }
        return Response(checkpoints, id: \.id) { FineTuning.write($0, of: id, to: &$1) }
    }
}

// MARK: Moving

extension FineTuning {
    @Sendable func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let open = Set(JobStatus.allCases.filter { !$0.isFinal })
        return try await move(context, from: open, to: .cancelled, "The job was cancelled.")
    }

    @Sendable func pause(_ request: Request, _ context: AppContext) async throws -> Response {
        try await move(context, from: [.queued, .running], to: .paused, "The job was paused.")
    }

    @Sendable func resume(_ request: Request, _ context: AppContext) async throws -> Response {
        try await move(context, from: [.paused], to: .queued, "The job was resumed; it is queued.")
    }

    private func move(
        _ context: AppContext,
        from: Set<JobStatus>,
        to status: JobStatus,
        _ message: String
    ) async throws -> Response {
        let storage = try facilities.requireStorage(), id = try context.parameters.require("id")
        let job = try await storage.run {
            let hasMoved = try storage.jobs.move(id, from: from, to: status, message)
            guard let job = try storage.jobs.find(id) else { throw APIError.jobNotFound(id) }
            guard hasMoved else { throw APIError.cannotMove(job, from, to: status) }
            return job
        }
        if status == .queued { queue?.wake() } else { queue?.interrupt(id) }
        return Response { FineTuning.write(job, to: &$0) }
    }
}

extension APIError {
    fileprivate static func cannotMove(_ job: StoredJob, _ from: Set<JobStatus>, to status: JobStatus) -> APIError {
        let words = from.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        let verb = status == .queued ? "resumed" : status.rawValue
        return .invalid(
            "fine_tuning_job_id",
            "The job '\(job.id)' is '\(job.status.rawValue)'; only one that is \(words) can be \(verb).",
            code: "invalid_status"
        )
    }
}
