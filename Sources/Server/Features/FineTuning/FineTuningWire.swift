import Text

/// Jobs, events and checkpoints as OpenAI writes them.
extension FineTuning {
    static func write(_ job: StoredJob, to writer: inout JSONWriter) {
        let request = job.request
        writer.field("id", job.id)
        writer.field("object", "fine_tuning.job")
        writer.field("created_at", job.created)
        writer.field("finished_at", job.finished)
        writer.field("estimated_finish", job.estimatedFinish)
        writer.field("model", request.model)
        writer.field("fine_tuned_model", job.status == .succeeded ? job.modelName : nil)
        writer.field("organization_id", "org-yuyan")
        writer.field("status", job.status.rawValue)
        writer.field("training_file", request.trainingFile)
        writer.field("validation_file", request.validationFile)
        writer.field("trained_tokens", job.trainedTokens)
        writer.field("seed", request.seed)
        writer.field("user_provided_suffix", request.suffix)
        writer.member("result_files") { $0.array(job.results) { $0.value($1) } }
        writer.member("integrations") { $0.array { _ in } }
        writer.member("error") { write(job.failure, to: &$0) }
        writer.member("hyperparameters") { write(request.hyperparameters, .supervised, to: &$0) }
        writer.member("method") { write(request, to: &$0) }
        writer.member("metadata") { writer in
            guard !request.metadata.isEmpty else { return writer.null() }
            writer.object { writer in
                for (key, value) in request.metadata.sorted(by: { $0.key < $1.key }) {
                    writer.member(key) { $0.value(value) }
                }
            }
        }
        switch request.settings {
        case .object(let settings): writer.field("yuyan", settings)
        case .yaml(let text): writer.field("yuyan", text)
        case nil: break
        }
    }

    private static func write(_ failure: FineTuningFailure?, to writer: inout JSONWriter) {
        guard let failure else { return writer.null() }
        writer.object { writer in
            writer.field("code", failure.code)
            writer.field("message", failure.message)
            writer.field("param", failure.param)
        }
    }

    private static func write(_ request: FineTuningRequest, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("type", request.method.rawValue)
            writer.member(request.method.rawValue) { writer in
                writer.object { writer in
                    writer.member("hyperparameters") { write(request.hyperparameters, request.method, to: &$0) }
                }
            }
        }
    }

    private static func write(
        _ values: FineTuningHyperparameters,
        _ method: FineTuningRequest.Method,
        to writer: inout JSONWriter
    ) {
        func auto(_ value: Double?) -> JSON { value.map(JSON.number) ?? "auto" }
        writer.object { writer in
            writer.field("n_epochs", values.epochs.map(JSON.integer) ?? "auto")
            writer.field("batch_size", values.batchSize.map(JSON.integer) ?? "auto")
            writer.field("learning_rate_multiplier", auto(values.learningRateMultiplier))
            if method == .dpo { writer.field("beta", auto(values.beta)) }
        }
    }

    static func write(_ event: StoredEvent, to writer: inout JSONWriter) {
        writer.field("id", event.id)
        writer.field("object", "fine_tuning.job.event")
        writer.field("created_at", event.created)
        writer.field("level", event.level)
        writer.field("message", event.message)
        writer.field("type", event.data == nil ? "message" : "metrics")
        writer.field("data", event.data ?? [:])
    }

    static func write(_ checkpoint: StoredCheckpoint, of job: String, to writer: inout JSONWriter) {
        writer.field("id", checkpoint.id)
        writer.field("object", "fine_tuning.job.checkpoint")
        writer.field("created_at", checkpoint.created)
        writer.field("fine_tuned_model_checkpoint", checkpoint.name)
        writer.field("fine_tuning_job_id", job)
        writer.field("step_number", checkpoint.step)
        writer.field("metrics", checkpoint.metrics)
    }
}
