import Foundation
import Store

/// The jobs' rows. A job moves from one status to the next in a transaction that also tells why.
package final class JobRecords: Sendable {
    let database: any Database
    let files: FileRecords
    let tuned: TunedRecords
    let clock: @Sendable () -> Int
    package let gauge = JobGauge()

    init(
        database: any Database,
        files: FileRecords,
        tuned: TunedRecords,
        clock: @escaping @Sendable () -> Int
    ) throws {
        (self.database, self.files, self.tuned, self.clock) = (database, files, tuned, clock)
        try recount()
    }

    static let migrations = [
        Migration(
            "jobs-001",
            """
            CREATE TABLE fine_tuning_jobs (
                id TEXT PRIMARY KEY NOT NULL,
                number BIGINT NOT NULL UNIQUE,
                status TEXT NOT NULL,
                request TEXT NOT NULL,
                model_name TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                finished_at BIGINT,
                estimated_finish BIGINT,
                trained_tokens BIGINT,
                failure TEXT,
                result_file TEXT
            )
            """,
            """
            CREATE TABLE fine_tuning_events (
                id TEXT PRIMARY KEY NOT NULL,
                number BIGINT NOT NULL UNIQUE,
                job TEXT NOT NULL REFERENCES fine_tuning_jobs (id),
                created_at BIGINT NOT NULL,
                level TEXT NOT NULL,
                message TEXT NOT NULL,
                step BIGINT,
                data TEXT,
                UNIQUE (job, step)
            )
            """,
            "CREATE INDEX events_of_job ON fine_tuning_events (job, number)",
            """
            CREATE TABLE fine_tuning_checkpoints (
                id TEXT PRIMARY KEY NOT NULL,
                number BIGINT NOT NULL UNIQUE,
                job TEXT NOT NULL REFERENCES fine_tuning_jobs (id),
                created_at BIGINT NOT NULL,
                name TEXT NOT NULL,
                step BIGINT NOT NULL,
                metrics TEXT NOT NULL,
                UNIQUE (job, step)
            )
            """
        )
    ]

    /// Runs a transaction after which the gauge is right again.
    func write<Value>(_ body: (any Transaction) throws -> Value) throws -> Value {
        try database.write { transaction in
            let value = try body(transaction)
            try count(transaction)
            return value
        }
    }

    func recount() throws { try database.read { try count($0) } }

    private func count(_ transaction: any Transaction) throws {
        let rows = try transaction.rows("SELECT status, COUNT(*) AS jobs FROM fine_tuning_jobs GROUP BY status")
        var counts: [JobStatus: Int] = [:]
        for row in rows { counts[JobStatus(rawValue: try row.text("status")) ?? .failed] = try row.integer("jobs") }
        gauge.set(counts)
    }
}

// MARK: Making

extension JobRecords {
    /// Takes a job into the queue, and hold of its files.
    ///
    /// - Parameter limit: how many may be unfinished.
    package func create(_ request: FineTuningRequest, limit: Int) throws -> StoredJob {
        let id = Identity.fresh("ftjob")
        return try write { transaction in
            let open = try unfinished(transaction)
            guard open < limit else { throw APIError.tooManyJobs(open) }
            try hold(request.trainingFile, "training_file", by: id, transaction)
            if let file = request.validationFile { try hold(file, "validation_file", by: id, transaction) }
            try transaction.execute(
                """
                INSERT INTO fine_tuning_jobs (id, number, status, request, model_name, created_at)
                VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM fine_tuning_jobs), $2, $3, $4, $5)
                """,
                [
                    .text(id), .text(JobStatus.validatingFiles.rawValue), .text(try request.json),
                    .text(modelName(request, id)), .integer(clock()),
                ]
            )
            try note(id, .info, "The job was created; its files are being checked.", in: transaction)
            return try require(id, transaction)
        }
    }

    /// `ft:base:yuyan:suffix:id`; a model that was tuned before is still called after the one at its bottom.
    private func modelName(_ request: FineTuningRequest, _ id: String) -> String {
        let root = tuned.find(request.model)?.root ?? request.model
        return "ft:\(root):yuyan:\(request.suffix ?? ""):\(id.suffix(8))"
    }

    private func hold(_ id: String, _ param: String, by job: String, _ transaction: any Transaction) throws {
        guard let file = try files.find(id, transaction) else { throw APIError.fileNotFound(id, param: param) }
        guard file.purpose == "fine-tune" else {
            throw APIError.invalid(
                param,
                "'\(param)' is '\(id)', whose purpose is '\(file.purpose)'; upload it with purpose 'fine-tune'.",
                code: "invalid_value"
            )
        }
        try FileRecords.hold(id, by: job, transaction)
    }

    private func unfinished(_ transaction: any Transaction) throws -> Int {
        let final = JobStatus.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let row = try transaction.row("SELECT COUNT(*) AS jobs FROM fine_tuning_jobs WHERE status NOT IN (\(final))")
        return try row?.integer("jobs") ?? 0
    }
}

// MARK: Finding

extension JobRecords {
    package func find(_ id: String) throws -> StoredJob? { try database.read { try find(id, $0) } }

    func find(_ id: String, _ transaction: any Transaction) throws -> StoredJob? {
        try transaction.row("SELECT * FROM fine_tuning_jobs WHERE id = $1", [.text(id)]).map(StoredJob.init)
    }

    func require(_ id: String, _ transaction: any Transaction) throws -> StoredJob {
        guard let job = try find(id, transaction) else { throw APIError.jobNotFound(id) }
        return job
    }

    /// - Parameter matches: which metadata a job must have to be listed.
    package func list(_ page: Cursor, where matches: ([String: String]) -> Bool) throws -> Cursor.Slice<StoredJob> {
        try database.read { transaction in
            let rows = try transaction.rows(
                """
                SELECT * FROM fine_tuning_jobs WHERE \(page.condition("number", "$1"))
                ORDER BY number \(page.direction)
                """,
                [.integer(try page.position(in: "fine_tuning_jobs", transaction))]
            )
            return page.slice(try rows.map(StoredJob.init).filter { matches($0.request.metadata) })
        }
    }

    /// The first one that stands at one of these, in their order, then in the order in which they were made.
    func next(_ statuses: [JobStatus]) throws -> StoredJob? {
        try database.read { transaction in
            for status in statuses {
                let row = try transaction.row(
                    "SELECT * FROM fine_tuning_jobs WHERE status = $1 ORDER BY number LIMIT 1",
                    [.text(status.rawValue)]
                )
                if let row { return try StoredJob(row) }
            }
            return nil
        }
    }

    /// The job with its files, as the trainer is given it.
    func forTrainer(_ job: StoredJob) throws -> FineTuningJob {
        func file(_ id: String) throws -> FineTuningJob.File {
            guard let file = try database.read({ try files.find(id, heldBy: job.id, $0) }) else {
                throw FineTuningFailure(
                    code: "file_missing",
                    message: "The file '\(id)' is gone.",
                    param: "training_file"
                )
            }
            return .init(id: id, name: file.name, url: files.url(of: file))
        }
        return FineTuningJob(
            id: job.id,
            request: job.request,
            modelName: job.modelName,
            trainingFile: try file(job.request.trainingFile),
            validationFile: try job.request.validationFile.map(file)
        )
    }
}
