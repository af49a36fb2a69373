import Text

/// Reads what `POST /v1/fine_tuning/jobs` is sent.
enum FineTuningBody {
    static let refusals = Refusals(
        [
            .init("integrations", "this server reports to nobody else; read the job's events") { $0 == .array([]) }
        ],
        known: [
            "model", "training_file", "validation_file", "method", "hyperparameters", "seed", "suffix", "metadata",
            "yuyan", "user",
        ]
    )

    static func read(_ body: JSONField) throws -> FineTuningRequest {
        var request = FineTuningRequest(
            model: try body["model"].string,
            trainingFile: try body["training_file"].string,
            validationFile: try body["validation_file"].optional?.string,
            seed: try body["seed"].optional?.integer(in: 0...Int(Int32.max)) ?? Int.random(in: 0...Int(Int32.max))
        )
        (request.method, request.hyperparameters) = try method(body)
        request.suffix = try body["suffix"].optional.map(suffix)
        request.metadata = try body["metadata"].optional.map(OpenAIFields.metadata) ?? [:]
        _ = try body["user"].optional?.string
        request.settings = try body["yuyan"].optional.map(settings)
        return request
    }

    /// It becomes a part of a name whose parts are told apart by colons.
    private static func suffix(_ field: JSONField) throws -> String {
        let suffix = try field.string
        guard (1...64).contains(suffix.count),
            suffix.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) })
        else { throw field.unexpected("1 to 64 letters, digits, '-', '_' and '.'") }
        return suffix
    }

    private static func settings(_ field: JSONField) throws -> FineTuningSettings {
        if let text = field.value?.string { return .yaml(text) }
        guard let value = field.value, value.object != nil else { throw field.unexpected("an object or a YAML text") }
        return .object(value)
    }
}

// MARK: The method

extension FineTuningBody {
    /// `method`, or the `hyperparameters` that came before there were methods.
    private static func method(
        _ body: JSONField
    ) throws -> (FineTuningRequest.Method, FineTuningHyperparameters) {
        guard let field = body["method"].optional else {
            return (
                .supervised,
                try body["hyperparameters"].optional.map { try hyperparameters($0, .supervised) } ?? .init()
            )
        }
        guard body["hyperparameters"].optional == nil else {
            throw APIError.invalid(
                "hyperparameters",
                "'hyperparameters' is the old place of 'method.….hyperparameters'; send one of them.",
                code: "invalid_value"
            )
        }
        let method = try kind(field["type"])
        for name in try field.object.keys where name != "type" && name != method.rawValue {
            guard field[name].optional != nil else { continue }
            throw field[name].unexpected("absent where 'method.type' is '\(method.rawValue)'")
        }
        let place = field[method.rawValue]["hyperparameters"]
        return (method, try place.optional.map { try hyperparameters($0, method) } ?? .init())
    }

    private static func kind(_ field: JSONField) throws -> FineTuningRequest.Method {
        let name = try field.string
        if name == "reinforcement" {
            throw APIError.unsupported("method.type", "'reinforcement' is not supported; 'supervised' and 'dpo' are.")
        }
        guard let method = FineTuningRequest.Method(rawValue: name) else {
            throw field.unexpected("'supervised' or 'dpo'")
        }
        return method
    }

    /// A name that is not known is refused: one that is misspelt would change what is learnt.
    private static func hyperparameters(
        _ field: JSONField,
        _ method: FineTuningRequest.Method
    ) throws -> FineTuningHyperparameters {
        let known = ["n_epochs", "batch_size", "learning_rate_multiplier"] + (method == .dpo ? ["beta"] : [])
        for name in try field.object.keys where !known.contains(name) {
            throw APIError.unsupported(
                field[name].path,
                "'\(field[name].path.prefix(120))' is not a hyperparameter of '\(method.rawValue)': "
                    + "those are \(known.joined(separator: ", ")); others go under 'yuyan'."
            )
        }
        return FineTuningHyperparameters(
            epochs: try number(field["n_epochs"]) { try $0.integer(in: 1...1000) },
            batchSize: try number(field["batch_size"]) { try $0.integer(in: 1...4096) },
            learningRateMultiplier: try number(field["learning_rate_multiplier"]) { try $0.double(in: 1e-6...1000) },
            beta: try number(field["beta"]) { try $0.double(in: 1e-6...100) }
        )
    }

    /// Nil for `auto`, and for what is absent.
    private static func number<Number>(_ field: JSONField, _ read: (JSONField) throws -> Number) throws -> Number? {
        guard let field = field.optional, field.value != "auto" else { return nil }
        guard field.value?.double != nil else { throw field.unexpected("a number or 'auto'") }
        return try read(field)
    }
}
