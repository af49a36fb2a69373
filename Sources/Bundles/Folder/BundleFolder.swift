import Checkpoints
import Foundation
import Text

/// A folder of files as the Hub and PEFT lay them out: what is there, read with its limits.
struct BundleFolder: Sendable {
    let path: String
    /// What the names of the files begin with, where it is a place in a larger folder: `all-MiniLM-L6-v2` of
    /// `all-MiniLM-L6-v2.safetensors`, which has its `all-MiniLM-L6-v2.config.json` beside it.
    private let stem: String?

    init(path: String) { (self.path, stem) = (path, nil) }

    /// Returns nil for a file that is no safetensors file with settings beside it.
    init?(weights file: String) {
        guard file.hasSuffix(".safetensors") else { return nil }
        let url = URL(filePath: file).deletingPathExtension()
        (path, stem) = (url.deletingLastPathComponent().path, url.lastPathComponent)
        guard has("config.json") else { return nil }
    }

    /// What a JSON file or a template may have, in bytes; a tokenizer's takes some 30 MB.
    private static let most = 256 << 20

    func file(_ name: String) -> String {
        guard let stem else { return path + "/" + name }
        return path + "/" + stem + (name == "model.safetensors" ? ".safetensors" : "." + name)
    }

    func has(_ name: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: file(name), isDirectory: &isFolder) && !isFolder.boolValue
    }

    func bytes(_ name: String) throws -> [UInt8] {
        let path = file(name)
        try requireFile(path)
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            let data = try handle.read(upToCount: Self.most + 1) ?? Data()
            guard data.count <= Self.most else {
                throw BundleError.unsupported(
                    file: path,
                    what: "it has more than \(Self.most >> 20) MB, which no such file needs"
                )
            }
            return [UInt8](data)
        } catch let error as BundleError { throw error } catch {
            let reason =
                FileManager.default.fileExists(atPath: path) ? "it is no readable file" : "there is no such file"
            throw BundleError.unreadable(file: path, reason: reason)
        }
    }

    /// Throws for what is there and no file: to open a pipe is to wait for somebody who writes.
    private func requireFile(_ path: String) throws {
        var about = stat()
        guard stat(path, &about) == 0, about.st_mode & S_IFMT != S_IFREG else { return }
        throw BundleError.unreadable(file: path, reason: "it is not a file")
    }

    func json(_ name: String) throws -> JSON {
        let bytes = try bytes(name)
        do { return try JSON(parsing: bytes, knowsInfinity: true) } catch {
            throw BundleError.malformed(file: file(name), problem: "it is not JSON: \(error)")
        }
    }

    func settings(_ name: String) throws -> Settings { try Settings(json(name), file: file(name)) }

    /// The settings of config.json, each of which stands there once.
    func configuration() throws -> Settings {
        let name = "config.json", settings = try settings(name)
        if let key = try bytes(name).withUnsafeBytes(RepeatedKey.first) {
            throw BundleError.malformed(file: file(name), problem: "“\(key)” stands in it twice; leave one")
        }
        return settings
    }

    /// Does something with the settings of a file; an error about one of them names the file, too.
    func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as CheckpointError {
            switch error {
            case .setting, .missingKey: throw BundleError.malformed(file: file(name), problem: "\(error)")
            default: throw error
            }
        }
    }

    func optionalSettings(_ name: String) throws -> Settings? { has(name) ? try settings(name) : nil }

    func text(_ name: String) throws -> String {
        guard let text = String(validating: try bytes(name), as: UTF8.self) else {
            throw BundleError.malformed(file: file(name), problem: "it is not UTF-8")
        }
        return text
    }

    /// The weights, and what their files say besides.
    func weights() throws -> (weights: any NamedWeights, metadata: [[String: String]]) {
        if has("model.safetensors") {
            let file = try SafetensorsFile(path: file("model.safetensors"))
            try file.requireWeightsToBeRead()
            return (file, [file.metadata])
        }
        if has("model.safetensors.index.json") {
            let shards = try SafetensorsShards(index: file("model.safetensors.index.json"))
            for file in shards.files { try file.requireWeightsToBeRead() }
            return (shards, shards.files.map(\.metadata))
        }
        if has("pytorch_model.bin") || has("pytorch_model.bin.index.json") {
            let what = "its weights are a pickle, which could run any program; save them as safetensors"
            throw BundleError.unsupported(file: path, what: what)
        }
        let reason = "the folder has neither model.safetensors nor model.safetensors.index.json; fetch the model again"
        throw BundleError.unreadable(file: path, reason: reason)
    }
}
