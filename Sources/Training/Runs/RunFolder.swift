import Checkpoints
public import Foundation

/// Where a run keeps what it makes.
///
///     metrics.jsonl            a line for each step
///     checkpoints/00000500/    the model in the Hub's layout, and what the run needs to go on
///
/// A checkpoint appears whole or not at all.
public struct RunFolder: Sendable, Hashable {
    public let url: URL

    public init(_ url: URL) { self.url = url }

    public var metrics: URL { url.appending(path: "metrics.jsonl") }
    public var checkpoints: URL { url.appending(path: "checkpoints") }

    public func checkpoint(_ step: Int) -> URL { checkpoints.appending(path: name(step)) }

    private func name(_ step: Int) -> String {
        let digits = String(step)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// The steps that have a checkpoint, the first first.
    public var steps: [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints.path)) ?? []
        return names.compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }.sorted()
    }

    /// Creates the folder; drafts that a killed process left are removed.
    func prepare() throws {
        let files = FileManager.default
        try files.createDirectory(at: checkpoints, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: checkpoints.path) where name.hasPrefix(".") {
            try files.removeItem(at: checkpoints.appending(path: name))
        }
    }

    /// Fills a draft, then gives it its name, in place of what had it.
    func write(_ step: Int, _ fill: (URL) throws -> Void) throws {
        let files = FileManager.default, draft = checkpoints.appending(path: ".\(name(step)).writing")
        try? files.removeItem(at: draft)
        try files.createDirectory(at: draft, withIntermediateDirectories: true)
        do {
            try fill(draft)
            try synchronise(draft)
            if files.fileExists(atPath: checkpoint(step).path) { try files.removeItem(at: checkpoint(step)) }
            try files.moveItem(at: draft, to: checkpoint(step))
            try synchronise(checkpoints)
        } catch {
            try? files.removeItem(at: draft)
            throw error
        }
    }

    /// Removes all but the latest `count` checkpoints and those named. A name goes before its content does.
    func keep(_ count: Int, and others: [Int]) throws {
        let files = FileManager.default
        for step in steps.dropLast(max(1, count)) where !others.contains(step) {
            let rest = checkpoints.appending(path: ".\(name(step)).removed")
            try files.moveItem(at: checkpoint(step), to: rest)
            try files.removeItem(at: rest)
        }
    }

    private func synchronise(_ folder: URL) throws {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
