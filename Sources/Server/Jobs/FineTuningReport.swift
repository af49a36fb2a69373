public import Foundation

/// Something that happened in a run, for those who follow it.
public enum FineTuningReport: Sendable {
    /// What `auto` came to.
    case resolved(FineTuningHyperparameters)
    case metrics(FineTuningMetrics)
    /// The checkpoints that can be served by now, all of them: one that was told of and is missing made room for others.
    case checkpoints([FineTuningCheckpoint])
    case message(Level, String)

    public enum Level: String, Sendable {
        case info, warn, error
    }
}

/// The figures of one step. A step that is computed again, after the process ended, replaces its own.
public struct FineTuningMetrics: Sendable {
    /// The first is 1.
    public var step: Int, totalSteps: Int
    public var trainLoss: Double
    /// The share of tokens of answers that the model would have chosen itself.
    public var trainAccuracy: Double?
    public var validLoss, validAccuracy: Double?
    public var learningRate: Double?
    public var tokensPerSecond: Double?
    /// Trained on so far.
    public var tokens: Int?
    /// How long the run will go on.
    public var secondsLeft: Double?
    /// More figures, under the names that clients see.
    public var more: [String: Double] = [:]

    public init(step: Int, totalSteps: Int, trainLoss: Double) {
        (self.step, self.totalSteps, self.trainLoss) = (step, totalSteps, trainLoss)
    }
}

/// A model as it was after one of the steps. It stays at its place until it is told of no more, or its model is deleted.
public struct FineTuningCheckpoint: Sendable {
    public var url: URL, metrics: FineTuningMetrics

    public init(url: URL, metrics: FineTuningMetrics) { (self.url, self.metrics) = (url, metrics) }
}

/// What came of a run.
public struct FineTuned: Sendable {
    /// The model, or the adapter; the server removes it when its model is deleted.
    public var url: URL
    public var trainedTokens: Int

    public init(url: URL, trainedTokens: Int) { (self.url, self.trainedTokens) = (url, trainedTokens) }
}
