import Text

extension FineTuningMetrics {
    /// Under the names that OpenAI's events and checkpoints have, and a few more.
    var data: JSON {
        var members: [(String, JSON)] = [
            ("step", .integer(step)), ("total_steps", .integer(totalSteps)), ("train_loss", .finite(trainLoss)),
        ]
        func add(_ name: String, _ value: JSON?) { if let value { members.append((name, value)) } }
        add("train_mean_token_accuracy", trainAccuracy.map(JSON.finite))
        add("valid_loss", validLoss.map(JSON.finite))
        add("valid_mean_token_accuracy", validAccuracy.map(JSON.finite))
        add("learning_rate", learningRate.map(JSON.finite))
        add("tokens_per_second", tokensPerSecond.map(JSON.finite))
        add("tokens", tokens.map(JSON.integer))
        for (name, value) in more.sorted(by: { $0.key < $1.key }) { add(name, .finite(value)) }
        return .object(.init(members))
    }

    /// The line that a person reads.
    var message: String {
        var text = "Step \(step)/\(totalSteps): training loss=\(trainLoss.figure)"
        if let validLoss { text += ", validation loss=\(validLoss.figure)" }
        return text
    }
}

extension JSON {
    /// JSON has no infinity and no NaN.
    fileprivate static func finite(_ value: Double) -> JSON { value.isFinite ? .number(value) : .null }
}

extension Double {
    /// With four digits after the point.
    fileprivate var figure: String { isFinite ? ((self * 1e4).rounded() / 1e4).description : description }
}
