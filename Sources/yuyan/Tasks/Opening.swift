import Checkpoints
import Foundation
import Inference
import Server

/// How a model came to be open.
struct Opening {
    let model: ServedModel, began: ContinuousClock.Instant, ended: ContinuousClock.Instant
    /// Bytes that the process held then; 0 where the system does not say.
    let residentBytes: Int

    /// - Parameter isWarm: whether the model's files are read beforehand, so that the system has them in its cache.
    init(of stored: StoredModel, isWarm: Bool, _ open: () throws -> ServedModel) rethrows {
        if isWarm { Self.read(stored.path) }
        began = .now
        model = try open()
        ended = .now
        residentBytes = ProcessFigures.now.residentBytes
    }

    private static func read(_ path: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path))?.map { "\(path)/\($0)" } ?? [path]
        for file in names.compactMap(FileHandle.init(forReadingAtPath:)) {
            while let part = try? file.read(upToCount: 1 << 20), !part.isEmpty {}
        }
    }
}
