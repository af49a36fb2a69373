import Foundation
import Server
import Text
import Training

/// A job's request as the settings of a run.
struct TunerSettings {
    static let epochs = 3

    private var settings: OrderedObject
    private let request: FineTuningRequest

    init(
        _ request: FineTuningRequest,
        train: FineTuningJob.File,
        validation: FineTuningJob.File?,
        _ model: String
    ) throws {
        self.request = request
        let wanted = request.hyperparameters
        var data: OrderedObject = ["train": Self.file(train)]
        if let validation { data["validation"] = Self.file(validation) }
        let beta = JSON.number(wanted.beta ?? 0.1)
        settings = [
            "seed": .integer(request.seed), "model": ["base": .string(model)], "data": .object(data),
            "objective": request.method == .dpo ? ["type": "dpo", "beta": beta] : ["type": "next_token"],
            "adapter": ["type": "lora", "rank": 16], "epochs": .integer(wanted.epochs ?? Self.epochs),
            "optimizer": ["rate": .number(2e-4 * (wanted.learningRateMultiplier ?? 1))],
            "checkpoints": ["every": 25, "keep": 4], "validation": ["every": 20],
        ]
        if let more = try Self.own(request) { try merge(more) }
    }

    /// What the request says under `yuyan`.
    static func own(_ request: FineTuningRequest) throws -> JSON? {
        switch request.settings {
        case .object(let json)?: json
        case .yaml(let text)?: try YAMLFile(path: "yuyan", bytes: Data(text.utf8)).json()
        case nil: nil
        }
    }

    /// Batches of as many examples as were asked for, or eight, and a context that holds the longest.
    mutating func fit(_ statistics: DatasetStatistics?) {
        guard let statistics, statistics.documents > 0 else { return }
        var batch = settings["batch"]?.object ?? [:]
        let pairs = request.method == .dpo ? 2 : 1
        let context = batch["context"]?.integer ?? max(16, (statistics.longest + 15) / 16 * 16)
        let examples = (request.hyperparameters.batchSize ?? 8) * pairs
        let tokens = max(pairs * context, examples * statistics.tokens / statistics.documents)
        if batch["context"] == nil { batch["context"] = .integer(context) }
        if batch["tokens"] == nil { batch["tokens"] = .integer(tokens) }
        settings["batch"] = .object(batch)
    }

    func json() -> JSON { .object(settings) }

    /// Puts what was said over what holds otherwise, group by group.
    private mutating func merge(_ more: JSON) throws {
        guard let object = more.object else {
            throw FineTuningFailure(
                code: "invalid_settings",
                message: "'yuyan' must be settings of a run",
                param: "yuyan"
            )
        }
        for key in ["model", "data", "name"] where object[key] != nil {
            let message = "'yuyan.\(key)' is said by the job itself: 'model', 'training_file', 'suffix'"
            throw FineTuningFailure(code: "invalid_settings", message: message, param: "yuyan")
        }
        if object["steps"] != nil { settings["epochs"] = nil }
        for (key, value) in object {
            if let group = value.object, var held = settings[key]?.object {
                for (name, inner) in group { held[name] = inner }
                settings[key] = .object(held)
            } else {
                settings[key] = value
            }
        }
    }

    /// The format is that of the name that the client gave.
    private static func file(_ file: FineTuningJob.File) -> JSON {
        let ending = (file.name as NSString).pathExtension.lowercased()
        let format = DataChoice.Format(rawValue: ending == "txt" ? "text" : ending) ?? .jsonl
        return ["path": .string(file.url.path), "format": .string(format.rawValue)]
    }
}
