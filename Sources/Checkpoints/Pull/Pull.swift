import Foundation

/// One pull: tries the plan's sources in order, verifies what came, and puts it into the store in one step.
struct Pull {
    let plan: PullPlan
    let folder: String
    let environment: [String: String]
    let patience: Patience
    let meter: ProgressMeter

    private var path: String { folder + "/" + plan.file }

    func run() async throws -> StoredModel {
        let lock = try await FileLock.acquire(path: try lockPath(folder, plan.file)) {
            meter.begin(.waiting, source: plan.name, total: plan.bytes, reason: "another process is fetching it")
        }
        defer { withExtendedLifetime(lock) {} }
        if let present = try present() { return present }
        let part = try PartialFile(path: path + ".part")
        defer { if part.count == 0 { part.remove() } }
        var reasons: [String] = []
        for source in plan.sources {
            do { return try await fetch(source, part) } catch let error as StoreError {
                if plan.sources.count == 1 || !error.isOfSource { throw error }
                reasons.append("\(source): \(error)")
                meter.begin(.retrying, source: "\(source)", total: plan.bytes, reason: "\(error)")
            }
        }
        throw StoreError.unavailable(plan.name, reasons: reasons)
    }

    /// The file, if the store has it already and nothing has happened to it.
    private func present() throws -> StoredModel? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let stored = try StoredModel(path: path)
        guard let sha256 = plan.sha256 else {
            return stored.record.map { $0.source == "\(plan.sources[0])" } == true ? stored : nil
        }
        guard stored.bytes == plan.bytes ?? stored.bytes else { return nil }
        guard try verify(path) == sha256 else {
            let reason = "what the store has is damaged, or another file"
            meter.begin(.retrying, source: plan.name, total: plan.bytes, reason: reason)
            return nil
        }
        guard let note = stored.record, note.sha256 == sha256 else { return try record(sha256, "found in the store") }
        return stored.isChanged ? try stored.sealed(note) : stored
    }

    private func fetch(_ source: ModelSource, _ part: PartialFile) async throws -> StoredModel {
        let continued = part.count > 0
        do { return try await fetchOnce(source, part) } catch StoreError.wrongHash where continued {
            try part.startAgain()  // what an earlier attempt left may have been the wrong part
            return try await fetchOnce(source, part)
        }
    }

    private func fetchOnce(_ source: ModelSource, _ part: PartialFile) async throws -> StoredModel {
        try await bring(source, part)
        if let bytes = plan.bytes, part.count != bytes {
            defer { try? part.startAgain() }
            throw StoreError.wrongSize(file: plan.file, expected: bytes, found: part.count)
        }
        let found = try verify(part.path)
        if let expected = plan.sha256 ?? part.note.announced, found != expected {
            try part.startAgain()
            throw StoreError.wrongHash(file: plan.file, expected: expected, found: found)
        }
        try requireSound(part)
        try part.move(to: path)
        return try record(found, "\(source)")
    }

    private func bring(_ source: ModelSource, _ part: PartialFile) async throws {
        if let bytes = plan.bytes { try requireSpace(bytes - part.count, in: folder) }
        switch source {
        case .huggingFace, .modelScope, .url:
            guard let address = try WebAddress(source, environment) else { return }
            let download = HTTPDownload(
                address: address,
                source: "\(source)",
                expectedBytes: plan.bytes,
                isVerified: plan.sha256 != nil,
                patience: source == plan.sources.last ? patience : patience.whileOthersRemain,
                meter: meter
            )
            try await download.run(into: part)
        case .file(let path): try LocalCopy(path: path, meter: meter).run(into: part)
        case .packages(let packages):
            let download = PythonDownload(
                packages: packages,
                source: "\(source)",
                expectedBytes: plan.bytes,
                environment: environment,
                meter: meter
            )
            try await download.run(into: part)
        }
    }

    private func verify(_ path: String) throws -> String {
        meter.begin(.verifying, source: plan.file, total: try StoredModel(path: path).bytes)
        return try sha256(ofFile: path) { meter.update($0) }
    }

    /// A file that no catalogue vouches for has at least to be what its name says.
    private func requireSound(_ part: PartialFile) throws {
        guard plan.sha256 == nil else { return }
        do {
            if plan.file.lowercased().hasSuffix(".gguf") { _ = try GGUFFile(path: part.path) }
            if try Data(contentsOf: URL(filePath: part.path), options: .alwaysMapped).first == UInt8(ascii: "<") {
                throw CheckpointError.unsupported(file: plan.file, what: "this is a web page, not a model")
            }
        } catch {
            try part.startAgain()
            throw StoreError.badReference(plan.file, reason: "\(error)")
        }
    }

    private func record(_ sha256: String, _ source: String) throws -> StoredModel {
        try StoredModel(path: path).sealed(.init(plan, sha256: sha256, source: source))
    }
}

/// Where the lock of a file of the store is.
func lockPath(_ folder: String, _ file: String) throws -> String {
    try makeFolder(folder + "/.locks")
    return folder + "/.locks/" + file
}

func makeFolder(_ path: String) throws {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
        throw StoreError.system(path: path, reason: "the folder cannot be made (\(systemMessage()))")
    }
}

extension StoreError {
    /// Whether another source may do better.
    var isOfSource: Bool {
        switch self {
        case .http, .network, .wrongHash, .wrongSize, .python, .badReference, .unavailable: true
        case .unknownModel, .notPulled, .noSpace, .system, .busy, .damaged: false
        }
    }
}
