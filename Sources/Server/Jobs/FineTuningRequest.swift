public import Foundation
public import Text

/// What a client asked to be trained.
public struct FineTuningRequest: Hashable, Codable, Sendable {
    public enum Method: String, Codable, Sendable {
        /// Answers are learnt as they are.
        case supervised
        /// The preferred of two answers (Rafailov et al. 2023).
        case dpo
    }

    /// The name of a model that is served.
    public var model: String
    /// Identities of files whose purpose is `fine-tune`.
    public var trainingFile: String, validationFile: String?
    public var method = Method.supervised
    public var hyperparameters = FineTuningHyperparameters()
    public var seed: Int
    /// A part of the new model's name.
    public var suffix: String?
    public var metadata: [String: String] = [:]
    /// What the request said under `yuyan`, as it said it.
    public var settings: FineTuningSettings?

    public init(model: String, trainingFile: String, validationFile: String? = nil, seed: Int = 0) {
        (self.model, self.trainingFile, self.validationFile, self.seed) = (model, trainingFile, validationFile, seed)
    }
}

/// OpenAI's few; nil is `auto`.
public struct FineTuningHyperparameters: Hashable, Codable, Sendable {
    public var epochs: Int?
    /// In examples.
    public var batchSize: Int?
    public var learningRateMultiplier: Double?
    /// Of DPO only.
    public var beta: Double?

    public init(epochs: Int? = nil, batchSize: Int? = nil, learningRateMultiplier: Double? = nil, beta: Double? = nil) {
        (self.epochs, self.batchSize) = (epochs, batchSize)
        (self.learningRateMultiplier, self.beta) = (learningRateMultiplier, beta)
    }
}

/// More settings for the trainer, which the server does not read.
public enum FineTuningSettings: Hashable, Sendable {
    case object(JSON)
    case yaml(String)
}

/// As texts, so that an object keeps the order of its keys.
extension FineTuningSettings: Codable {
    private enum Key: CodingKey {
        case object, yaml
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .object) {
            self = .object(try JSON(parsing: text))
        } else {
            self = .yaml(try container.decode(String.self, forKey: .yaml))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .object(let json): try container.encode(json.text(), forKey: .object)
        case .yaml(let text): try container.encode(text, forKey: .yaml)
        }
    }
}

/// A job, as the trainer is given it.
public struct FineTuningJob: Hashable, Sendable {
    /// As `ftjob-…`; never used twice, and fit for the name of a folder.
    public let id: String
    public let request: FineTuningRequest
    /// What the finished model will be called.
    public let modelName: String
    public let trainingFile: File
    public let validationFile: File?

    /// A file on this machine, which stays as it is until the job has ended.
    public struct File: Hashable, Sendable {
        public let id: String
        /// As its client called it, which may be anything: its extension tells the format, and it is no path. The file at
        /// `url` has no extension.
        public let name: String
        public let url: URL

        public init(id: String, name: String, url: URL) { (self.id, self.name, self.url) = (id, name, url) }
    }

    public init(id: String, request: FineTuningRequest, modelName: String, trainingFile: File, validationFile: File?) {
        (self.id, self.request, self.modelName) = (id, request, modelName)
        (self.trainingFile, self.validationFile) = (trainingFile, validationFile)
    }

    /// What the checkpoint of a step is called.
    public func checkpointName(step: Int) -> String { "\(modelName):ckpt-step-\(step)" }
}
