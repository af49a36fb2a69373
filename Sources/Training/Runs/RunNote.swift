public import Foundation

/// What a run's folder says of it, beside its record: `run.json`.
public struct RunNote: Codable, Sendable, Hashable {
    /// How a run ended, or that it did not yet.
    public enum Ending: String, Codable, Sendable {
        case finished, stopped, early, failed
    }

    public struct Setting: Codable, Sendable, Hashable {
        public let key, value: String, isDefault: Bool
    }

    public var name: String
    public var created: Date
    /// Steps that the whole run takes.
    public var steps: Int
    /// Every setting that holds.
    public var settings: [Setting]
    public var ending: Ending?
    /// Why it failed.
    public var problem: String?

    public init(name: String, created: Date, steps: Int, _ lines: [ConfigurationLine]) {
        (self.name, self.created, self.steps) = (name, created, steps)
        settings = lines.map { Setting(key: $0.key, value: $0.value, isDefault: $0.isDefault) }
    }

    /// The settings as a configuration tells them.
    public var lines: [ConfigurationLine] {
        settings.map { ConfigurationLine(key: $0.key, value: $0.value, isDefault: $0.isDefault) }
    }
}

extension RunFolder {
    var noteFile: URL { url.appending(path: "run.json") }

    /// nil where the folder has none, or something else.
    public var note: RunNote? {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return (try? Data(contentsOf: noteFile)).flatMap { try? decoder.decode(RunNote.self, from: $0) }
    }

    public func write(_ note: RunNote) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        try encoder.encode(note).write(to: noteFile, options: .atomic)
    }

    /// Whether a process has the run at this moment.
    public var isBusy: Bool {
        let descriptor = open(url.appending(path: ".lock").path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
        flock(descriptor, LOCK_UN)
        return false
    }
}

/// A run in one line.
public struct RunSummary: Codable, Sendable, Hashable {
    public enum Status: String, Codable, Sendable {
        case running, finished, stopped, early, failed
        /// Its process is gone; it can be taken up.
        case interrupted
    }

    public let name: String, created: Date?, status: Status
    public let step: Int, steps: Int?, tokens: Int
    /// Mean loss of the last steps, the lowest validation loss, and tokens read a second.
    public let loss, validation, tokensPerSecond: Double?

    public init(_ folder: RunFolder) throws {
        let note = folder.note, records = try folder.records()
        (name, created, steps) = (note?.name ?? folder.url.lastPathComponent, note?.created, note?.steps)
        status = folder.isBusy ? .running : note?.ending.flatMap { Status(rawValue: $0.rawValue) } ?? .interrupted
        (step, tokens) = (records.last?.step ?? 0, records.last?.tokens ?? 0)
        let last = records.suffix(20).map(\.loss).filter(\.isFinite)
        loss = last.isEmpty ? nil : last.reduce(0, +) / Double(last.count)
        validation = records.compactMap(\.validation).min()
        tokensPerSecond = records.tokensPerSecond
    }

    /// The runs in a folder, the latest first.
    public static func all(in runs: URL) -> [RunSummary] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
        let folders = names.filter { !$0.hasPrefix(".") }.map { RunFolder(runs.appending(path: $0)) }
        return folders.compactMap { try? RunSummary($0) }
            .sorted { ($0.created ?? .distantPast, $0.name) > ($1.created ?? .distantPast, $1.name) }
    }
}
