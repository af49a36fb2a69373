import Foundation

/// One line of a run's record: a step, and what was measured after it.
public struct StepRecord: Codable, Sendable, Hashable {
    /// The first step is step 1.
    public var step: Int
    /// Mean loss of the step's tokens before it was taken, in nats.
    public var loss: Double
    /// The length of the gradient before it was cut, and the learning rate.
    public var norm: Float, rate: Float
    /// Tokens learnt from since the run began.
    public var tokens: Int
    /// Tokens read in the step, learnt from or not; nil in records of older versions.
    public var rows: Int?
    /// Seconds that the step took. The one field that two equal runs differ in.
    public var seconds: Double
    /// The loss on held-out text after the step, where it was measured.
    public var validation: Double?
    /// Whether the step was left out because its gradient was not a number.
    public var skipped: Bool?
    /// What the loss measured beside itself, by name; after `validation.` what it measured on held-out text.
    public var metrics: [String: Double]?

    public init(
        step: Int,
        loss: Double,
        norm: Float,
        rate: Float,
        tokens: Int,
        rows: Int? = nil,
        seconds: Double,
        validation: Double? = nil,
        skipped: Bool? = nil,
        metrics: [String: Double]? = nil
    ) {
        (self.step, self.loss, self.norm, self.rate, self.tokens, self.rows) = (step, loss, norm, rate, tokens, rows)
        (self.seconds, self.validation, self.skipped, self.metrics) = (seconds, validation, skipped, metrics)
    }
}

extension [StepRecord] {
    /// Tokens read a second, over all steps.
    var tokensPerSecond: Double? {
        let seconds = reduce(0) { $0 + $1.seconds }
        let read = reduce(0) { $0 + ($1.rows ?? 0) }
        return seconds > 0 ? Double(read > 0 ? read : last?.tokens ?? 0) / seconds : nil
    }
}

/// A run's record: JSON, a line for each step.
struct MetricsFile {
    private let handle: FileHandle
    private let encoder = JSONEncoder()

    /// Opens the record, without what a killed process wrote after `step`: those steps will be taken again.
    init(_ url: URL, after step: Int) throws {
        let lines = (try? Self.read(url)) ?? []
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = Self.toText
        var kept = Data()
        for line in lines where line.step <= step { kept += try encoder.encode(line) + Data([10]) }
        try kept.write(to: url, options: .atomic)
        handle = try FileHandle(forWritingTo: url)
        try handle.seekToEnd()
    }

    func append(_ record: StepRecord) throws {
        try handle.write(contentsOf: encoder.encode(record) + Data([10]))
    }

    /// The whole lines of a record; one cut off by a kill is left out.
    static func read(_ url: URL) throws -> [StepRecord] {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = fromText
        return try Data(contentsOf: url).split(separator: 10).compactMap {
            try? decoder.decode(StepRecord.self, from: $0)
        }
    }

    private static let toText = JSONEncoder.NonConformingFloatEncodingStrategy.convertToString(
        positiveInfinity: "inf",
        negativeInfinity: "-inf",
        nan: "nan"
    )
    private static let fromText = JSONDecoder.NonConformingFloatDecodingStrategy.convertFromString(
        positiveInfinity: "inf",
        negativeInfinity: "-inf",
        nan: "nan"
    )
}

extension RunFolder {
    /// The run's record so far.
    public func records() throws -> [StepRecord] { try MetricsFile.read(metrics) }
}
