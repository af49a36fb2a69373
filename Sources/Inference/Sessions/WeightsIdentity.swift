import Checkpoints
import Foundation

/// What tells a model's weights from others, without reading all of them: sizes, and pieces spread over each file.
///
/// Training changes every weight a little, so some piece differs; a file's header, with all that says how weights are used, is in
/// the first piece or moves what follows.
enum WeightsIdentity {
    private static let pieces = 64, pieceBytes = 16 << 10

    /// - Parameter paths: of files or folders; nil if one cannot be read.
    static func of(_ paths: [String]) -> String? {
        var facts: [UInt8] = []
        for path in paths {
            for file in files(path) {
                guard let digest = digest(file) else { return nil }
                facts += Array("\(URL(filePath: file).lastPathComponent) \(digest)\n".utf8)
            }
        }
        return facts.isEmpty ? nil : sha256(of: facts)
    }

    private static func files(_ path: String) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return [path] }
        return names.filter { $0.hasSuffix(".safetensors") || $0.hasSuffix(".json") }.sorted().map { path + "/" + $0 }
    }

    private static func digest(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path), let size = try? file.seekToEnd() else { return nil }
        defer { try? file.close() }
        var sample = Array("\(size)\n".utf8)
        let step = max(UInt64(pieceBytes), size / UInt64(pieces))
        for start in stride(from: 0, to: size, by: UInt64.Stride(step)) {
            guard (try? file.seek(toOffset: start)) != nil, let piece = try? file.read(upToCount: pieceBytes) else {
                return nil
            }
            sample += piece
        }
        return sha256(of: sample)
    }
}
