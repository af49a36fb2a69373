public import Checkpoints
import Foundation

/// The file or folder that a model is read from, as lists of models tell of it.
public struct ModelFile: Sendable, Hashable {
    public var bytes: Int
    /// When it was changed last, in seconds of the Unix epoch; of a folder, when one of its files was.
    public var modified: Int
    /// Tells it from others, in 64 hexadecimal digits: the file's SHA-256 where the store knows it, else that of its name, size and
    /// time, for nobody reads gigabytes to list them.
    public var digest: String

    public init(bytes: Int, modified: Int, digest: String) {
        (self.bytes, self.modified, self.digest) = (bytes, modified, digest)
    }

    public init(_ stored: StoredModel) {
        (bytes, modified) = (stored.bytes, Self.modified(stored.path))
        digest = stored.record?.sha256 ?? sha256(of: "\(stored.name) \(bytes) \(modified)".utf8)
    }

    /// When the server started: how old what is no file's is, and a file whose time is not known.
    static let start = Int(Date().timeIntervalSince1970)

    /// 0 where that is not known.
    static func modified(_ path: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let files = names.isEmpty ? [path] : names.map { path + "/" + $0 }
        let dates = files.compactMap { file in
            let place = URL(filePath: file).resolvingSymlinksInPath().path
            return try? FileManager.default.attributesOfItem(atPath: place)[.modificationDate] as? Date
        }
        return Int(dates.max()?.timeIntervalSince1970 ?? 0)
    }
}
