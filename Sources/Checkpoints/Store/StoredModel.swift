public import Foundation

/// A model's file in the store, or any file or model's folder that a path names.
public struct StoredModel: Sendable, Hashable {
    /// What a person calls it.
    public let name: String
    public let path: String
    public let bytes: Int
    /// What is known of it since it was fetched; nil for a file that was put there by hand.
    public let record: Record?

    /// The note beside a file: what was verified, and where it came from.
    public struct Record: Sendable, Hashable, Codable {
        public var name: String
        public var sha256: String
        public var source: String
        public var licence: String?
        public var kind: ModelKind?
        public var context: Int?
        public var pulled: Date
        /// Size, place and time of the file when its hash was last taken; a file that differs is looked at again.
        public var seal: String?
    }
}

extension StoredModel {
    /// The file or folder at `path`, with its note if there is one.
    init(path: String) throws {
        let url = URL(filePath: path)
        if let bytes = Self.bytes(ofFolder: path) {
            self.init(name: url.standardized.lastPathComponent.lowercased(), path: path, bytes: bytes, record: nil)
            return
        }
        guard
            let size = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)[.size]
                as? Int
        else {
            throw StoreError.system(path: path, reason: "it cannot be read")
        }
        let record = Record(besides: path)
        let stem = url.deletingPathExtension().lastPathComponent
        self.init(name: record?.name ?? stem.lowercased(), path: path, bytes: size, record: record)
    }

    /// Whether a path is a folder with a model or an adapter in it.
    static func isFolder(_ path: String) -> Bool {
        ["config.json", "adapter_config.json"].contains { FileManager.default.fileExists(atPath: path + "/" + $0) }
    }

    /// The bytes of a model's folder; nil for a path that is none.
    private static func bytes(ofFolder path: String) -> Int? {
        guard isFolder(path), let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return nil }
        return names.reduce(0) { sum, name in
            let file = URL(filePath: path + "/" + name).resolvingSymlinksInPath().path
            return sum + ((try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0)
        }
    }
}

extension StoredModel {
    /// Whether it is a GGUF file by name or by content, which has all that the model needs; others have files beside them.
    public var isGGUF: Bool {
        if path.lowercased().hasSuffix(".gguf") { return true }
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        return (try? file.read(upToCount: 4)) == Data("GGUF".utf8)
    }

    /// What changes when a file is written to: `bytes.inode.seconds.nanoseconds`; nil for what is no file.
    static func seal(ofFile path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        return "\(status.st_size).\(status.st_ino).\(time.tv_sec).\(time.tv_nsec)"
    }

    /// Whether the file was touched since its hash was taken. Always false for one whose hash nobody knows.
    public var isChanged: Bool { record.map { $0.seal != Self.seal(ofFile: path) } ?? false }
}

extension StoredModel.Record {
    static func path(besides file: String) -> String { file + ".json" }

    /// The note beside a file, if there is one that can be read.
    init?(besides file: String) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let data = try? Data(contentsOf: URL(filePath: Self.path(besides: file))),
            let record = try? decoder.decode(Self.self, from: data)
        else { return nil }
        self = record
    }

    func write(besides file: String) throws {
        let encoder = JSONEncoder(), path = Self.path(besides: file)
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do { try encoder.encode(self).write(to: URL(filePath: path), options: .atomic) } catch {
            throw StoreError.system(path: path, reason: "it cannot be written")
        }
    }
}
