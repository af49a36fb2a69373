import Bundles
import Checkpoints
import Foundation
import Models
import Tensors

/// What a run will take, told beforehand: memory by arithmetic and by a trial, time by a trial.
public struct RunPlan: Codable, Sendable, Hashable {
    /// Numbers that are learnt, and those that are only read.
    public let parameters: Int, frozen: Int
    /// Documents and tokens of an epoch; rows that were set aside.
    public let documents: Int, tokensPerEpoch: Int, rejected: Int
    public let steps: Int, tokensPerStep: Int
    public let memory: MemoryPlan
    /// Bytes of memory that were free on this machine before anything was opened, as far as it says.
    public let available: Int?
    /// What a trial of two batches and a step took; nil where there was none.
    public let trial: Trial?
    /// Why the result cannot become a GGUF file; nil where nothing speaks against it.
    public let ggufProblem: String?

    public struct Trial: Codable, Sendable, Hashable {
        /// Seconds of a batch forward and backward, and of the optimiser's step.
        public let batch: Double, update: Double
        /// Seconds that measuring the held-out text takes once, and how often it will be.
        public let validation: Double, validations: Int
        /// The most bytes that were resident.
        public let peak: Int
    }

    /// Tokens that are read a second, measurements left out.
    public var tokensPerSecond: Double? {
        trial.map { Double(tokensPerStep) / ($0.batch * Double(batches) + $0.update) }
    }

    /// Seconds of the whole run.
    public var seconds: Double? {
        trial.map {
            Double(steps) * ($0.batch * Double(batches) + $0.update) + Double($0.validations) * $0.validation
        }
    }

    let batches: Int
}

extension TrainingJob {
    /// Opens and prepares what the run needs, and says what it will take.
    ///
    /// - Parameter tries: whether two batches are worked out to measure time; their results are forgotten.
    /// - Throws: ``RunConfigurationError`` where memory does not suffice, with the arithmetic; what `prepared` throws besides.
    public func plan(tries: Bool = true, report: Report = { _ in }) throws -> RunPlan {
        let available = SystemMemory.availableBytes
        var parts = try parts(report)
        let memory = MemoryPlan(parts, configuration)
        if let available { try memory.require(available) }
        let counts = parts.data.counts, learnt = parts.parameters.values.reduce(0) { $0 + $1.shape.elements }
        let trial = tries ? try parts.trial() : nil
        return RunPlan(
            parameters: learnt,
            frozen: parts.objective.base == nil
                ? 0 : parts.bundle.weights.entries.reduce(0) { $0 + $1.shape.reduce(1, *) },
            documents: counts.reduce(0) { $0 + $1.documents },
            tokensPerEpoch: counts.reduce(0) { $0 + $1.rows },
            rejected: parts.datasets.reduce(0) { $0 + $1.statistics.rejected },
            steps: parts.options.schedule.steps,
            tokensPerStep: configuration.batch.tokens * configuration.batch.accumulation,
            memory: memory,
            available: available,
            trial: trial,
            ggufProblem: parts.bundle.ggufProblem,
            batches: configuration.batch.accumulation
        )
    }
}

extension TrainingJob.Parts {
    /// Works out a first batch to warm up, a second for the clock, and one step; the parameters are lent for it.
    mutating func trial() throws -> RunPlan.Trial {
        let clock = ContinuousClock()
        var state = TrainingState(parameters, optimizer, at: data.start, isAveraged: false)
        parameters = [:]
        defer { parameters = state.parameters }
        var gradient: [String: Tensor] = [:], batch = 0.0
        for attempt in 0..<2 {
            let next = try data.next(&state.cursor), moment = Moment(step: 0, batch: attempt)
            gradient = [:]
            batch =
                try clock.measure {
                    if options.movesInBackward {
                        _ = try state.descend(objective, next, at: moment, rate: 0, averaging: nil)
                    } else {
                        gradient = try valueAndGradient(of: state.parameters) {
                            try objective($0, next, at: moment).loss
                        }.gradient
                    }
                } / .seconds(1)
        }
        state.move(along: gradient, rate: 0, averaging: nil)
        let update = clock.measure { state.move(along: gradient, rate: 0, averaging: nil) } / .seconds(1)
        let peak = SystemMemory.peakBytes
        let validation = try data.validation.first.map { first in
            try clock.measure { _ = try objective.evaluate(state.parameters, [first]) } / .seconds(1)
        }
        let steps = options.schedule.steps
        return RunPlan.Trial(
            batch: batch,
            update: update,
            validation: (validation ?? 0) * Double(data.validation.count),
            validations: data.validation.isEmpty ? 0 : (steps + options.validateEvery - 1) / options.validateEvery,
            peak: peak
        )
    }
}

/// What the machine says of its memory.
enum SystemMemory {
    /// Bytes that a process may still take; nil where the system does not say.
    static var availableBytes: Int? { kilobytes("MemAvailable", in: "/proc/meminfo").map { $0 * 1024 } }

    /// Bytes that this process has resident; nil where the system does not say.
    static var residentBytes: Int? { kilobytes("VmRSS", in: "/proc/self/status").map { $0 * 1024 } }

    /// The most bytes that this process has had resident.
    static var peakBytes: Int { (kilobytes("VmHWM", in: "/proc/self/status") ?? 0) * 1024 }

    private static func kilobytes(_ key: String, in path: String) -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        return line.flatMap { Int($0.filter(\.isNumber)) }
    }
}
