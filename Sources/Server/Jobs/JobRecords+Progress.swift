import Foundation
import Store
import Text

// MARK: From one status to the next

extension JobRecords {
    /// Moves a job, if it stands where it must; returns whether it did.
    ///
    /// - Parameter message: the event that tells of it.
    @discardableResult
    func move(_ id: String, from: Set<JobStatus>, to status: JobStatus, _ message: String) throws -> Bool {
        try write { transaction in
            guard let job = try find(id, transaction), from.contains(job.status) else { return false }
            try set(id, status, transaction)
            try note(id, .info, message, in: transaction)
            return true
        }
    }

    func fail(_ id: String, _ failure: FineTuningFailure) throws {
        try write { transaction in
            guard let job = try find(id, transaction), !job.status.isFinal else { return }
            try set(id, .failed, transaction)
            try transaction.execute(
                "UPDATE fine_tuning_jobs SET failure = $2 WHERE id = $1",
                [.text(id), .text(try failure.json)]
            )
            try note(id, .error, failure.message, in: transaction)
        }
    }

    private func set(_ id: String, _ status: JobStatus, _ transaction: any Transaction) throws {
        try transaction.execute(
            "UPDATE fine_tuning_jobs SET status = $2, finished_at = $3, estimated_finish = NULL WHERE id = $1",
            [.text(id), .text(status.rawValue), status.isFinal ? .integer(clock()) : nil]
        )
        if status.isFinal { try FileRecords.release(by: id, transaction) }
    }

    /// The model is there: its name, its figures as a file, and the end of the job, all at once or not at all.
    ///
    /// A job that was paused while its last step ran has ended all the same; one that was cancelled stays so.
    func finish(_ job: FineTuningJob, _ tuned: FineTuned) throws {
        let draft = try files.draft()
        try draft.write(try resultTable(job.id).utf8)
        try files.add(draft, as: .init(name: "step_metrics.csv", purpose: "fine-tune-results")) { file, transaction in
            let stored = try require(job.id, transaction)
            guard !stored.status.isFinal else { throw Superseded() }
            try set(job.id, .succeeded, transaction)
            try transaction.execute(
                "UPDATE fine_tuning_jobs SET trained_tokens = $2, result_file = $3 WHERE id = $1",
                [.text(job.id), .integer(tuned.trainedTokens), .text(file.id)]
            )
            try TunedRecords.add(model(job, job.modelName, step: nil, tuned.url), transaction)
            try note(job.id, .info, "The model '\(job.modelName)' is ready.", in: transaction)
        }
        try recount()
        try self.tuned.refresh()
    }

    /// The job has ended otherwise, and what came of it is not wanted.
    struct Superseded: Error {}

    private func model(_ job: FineTuningJob, _ name: String, step: Int?, _ url: URL) -> TunedModel {
        TunedModel(
            name: name,
            parent: job.request.model,
            root: tuned.find(job.request.model)?.root ?? job.request.model,
            job: job.id,
            step: step,
            url: url,
            created: clock()
        )
    }
}

// MARK: What happens in between

extension JobRecords {
    func note(
        _ id: String,
        _ level: FineTuningReport.Level,
        _ message: String,
        step: Int? = nil,
        data: JSON? = nil,
        in transaction: any Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO fine_tuning_events (id, number, job, created_at, level, message, step, data)
            VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM fine_tuning_events), $2, $3, $4, $5, $6, $7)
            ON CONFLICT (job, step) DO UPDATE
                SET created_at = EXCLUDED.created_at, message = EXCLUDED.message, data = EXCLUDED.data
            """,
            [
                .text(Identity.fresh("ftevent")), .text(id), .integer(clock()), .text(level.rawValue),
                .text(message.replacing("\0", with: "")),
                Datum(step), Datum(data?.text()),
            ]
        )
    }

    /// The figures of some steps, in one transaction.
    func note(_ id: String, _ steps: [FineTuningMetrics]) throws {
        try database.write { transaction in
            for step in steps { try note(id, .info, step.message, step: step.step, data: step.data, in: transaction) }
            guard let seconds = steps.last?.secondsLeft, seconds.isFinite, seconds < 1e9 else { return }
            try transaction.execute(
                "UPDATE fine_tuning_jobs SET estimated_finish = $2 WHERE id = $1 AND status = 'running'",
                [.text(id), .integer(clock() + Int(max(0, seconds)))]
            )
        }
    }

    func note(_ id: String, _ level: FineTuningReport.Level, _ message: String) throws {
        try database.write { try note(id, level, message, in: $0) }
    }

    func resolve(_ id: String, _ hyperparameters: FineTuningHyperparameters) throws {
        try database.write { transaction in
            var request = try require(id, transaction).request
            request.hyperparameters = hyperparameters
            try transaction.execute(
                "UPDATE fine_tuning_jobs SET request = $2 WHERE id = $1",
                [.text(id), .text(try request.json)]
            )
        }
    }
}

// MARK: Checkpoints

extension JobRecords {
    /// Tells of the checkpoints that came, and forgets those that are gone, with their models.
    func keep(_ checkpoints: [FineTuningCheckpoint], of job: FineTuningJob) throws {
        let steps = Set(checkpoints.map(\.metrics.step))
        try database.write { transaction in
            let rows = try transaction.rows(
                "SELECT step FROM fine_tuning_checkpoints WHERE job = $1",
                [.text(job.id)]
            )
            let known = Set(try rows.map { try $0.integer("step") })
            for step in known.subtracting(steps) { try forget(step, of: job, transaction) }
            for new in checkpoints where !known.contains(new.metrics.step) { try add(new, of: job, transaction) }
        }
        try tuned.refresh()
    }

    private func add(
        _ checkpoint: FineTuningCheckpoint,
        of job: FineTuningJob,
        _ transaction: any Transaction
    ) throws {
        let step = checkpoint.metrics.step, name = job.checkpointName(step: step)
        try transaction.execute(
            """
            INSERT INTO fine_tuning_checkpoints (id, number, job, created_at, name, step, metrics)
            VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM fine_tuning_checkpoints), $2, $3, $4, $5, $6)
            """,
            [
                .text(Identity.fresh("ftckpt")), .text(job.id), .integer(clock()), .text(name), .integer(step),
                .text(checkpoint.metrics.data.text()),
            ]
        )
        try TunedRecords.add(model(job, name, step: step, checkpoint.url), transaction)
        try note(job.id, .info, "A checkpoint of step \(step) can be used as '\(name)'.", in: transaction)
    }

    private func forget(_ step: Int, of job: FineTuningJob, _ transaction: any Transaction) throws {
        try transaction.execute(
            "DELETE FROM fine_tuning_checkpoints WHERE job = $1 AND step = $2",
            [.text(job.id), .integer(step)]
        )
        try TunedRecords.remove(job.checkpointName(step: step), transaction)
    }
}

// MARK: Reading them

extension JobRecords {
    package func events(of id: String, _ page: Cursor) throws -> Cursor.Slice<StoredEvent> {
        try parts(of: id, "fine_tuning_events", page, StoredEvent.init)
    }

    package func checkpoints(of id: String, _ page: Cursor) throws -> Cursor.Slice<StoredCheckpoint> {
        try parts(of: id, "fine_tuning_checkpoints", page, StoredCheckpoint.init)
    }

    private func parts<Part>(
        of id: String,
        _ table: String,
        _ page: Cursor,
        _ make: (Row) throws -> Part
    ) throws -> Cursor.Slice<Part> {
        try database.read { transaction in
            _ = try require(id, transaction)
            let rows = try transaction.rows(
                """
                SELECT * FROM \(table) WHERE job = $1 AND \(page.condition("number", "$2"))
                ORDER BY number \(page.direction) LIMIT $3
                """,
                [.text(id), .integer(try page.position(in: table, transaction)), .integer(page.limit + 1)]
            )
            return try page.slice(rows.map(make))
        }
    }

    /// The figures of every step, under the column names of OpenAI's result files.
    private func resultTable(_ id: String) throws -> String {
        let columns = ["step", "train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy"]
        let rows = try database.read { transaction in
            try transaction.rows(
                "SELECT data FROM fine_tuning_events WHERE job = $1 AND step IS NOT NULL ORDER BY step",
                [.text(id)]
            ).map { try JSON(parsing: $0.text("data")) }
        }
        let lines = rows.map { data in
            columns.map { data[$0].flatMap { $0.isNull ? nil : $0.text() } ?? "" }.joined(separator: ",")
        }
        return ([columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    }
}
