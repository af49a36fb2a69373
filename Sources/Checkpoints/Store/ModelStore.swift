public import Foundation

/// The models of this machine, in `YUYAN_HOME/models`, and the ways to bring more.
///
///     let store = ModelStore()
///     let model = try await store.pull("smollm2-135m-instruct") { print($0.completed) }
///     let file = try GGUFFile(path: store.locate("smollm2").path)
///
/// Nothing is fetched unless ``pull(_:sha256:progress:)`` is called. Each model is one file with a note beside it,
/// `FILE.json`, so a file put there by hand is a model too.
public struct ModelStore: Sendable {
    /// The folder of the models.
    public let folder: String
    public let catalogue: Catalogue
    private let environment: [String: String]
    package var patience = Patience()

    /// The store of `YUYAN_HOME` or, without one, of `.yuyan` in `HOME`.
    public init(
        home: String? = nil,
        catalogue: Catalogue = .builtIn,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let own = (environment.nonEmpty("HOME") ?? "~") + "/.yuyan"
        let home = home ?? environment.nonEmpty("YUYAN_HOME") ?? own
        folder = (home as NSString).expandingTildeInPath + "/models"
        (self.catalogue, self.environment) = (catalogue, environment)
    }

    /// The models in the store, by name.
    public func list() throws -> [StoredModel] {
        guard FileManager.default.fileExists(atPath: folder) else {
            try requireHome()
            return []
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw StoreError.system(path: folder, reason: "it cannot be read")
        }
        let hidden = [".json", ".part", ".wheels"]
        let files = names.filter { name in !name.hasPrefix(".") && !hidden.contains { name.hasSuffix($0) } }
        return files.compactMap { try? StoredModel(path: folder + "/" + $0) }.filter { $0.bytes > 0 && isFile($0.path) }
            .map(named).sorted { $0.name < $1.name }
    }

    /// Finds a model by a name, alias or file name, with or without its end, in the store, by the name of a training run that has
    /// ended, or by a path, of a file or of a folder with config.json or adapter_config.json. A file of the store that was
    /// touched since its hash was taken is verified again.
    public func locate(_ nameOrPath: String) throws -> StoredModel {
        if let stored = try find(nameOrPath) { return try verified(stored) }
        if let stored = try result(ofRun: nameOrPath) { return stored }
        let path = (nameOrPath as NSString).expandingTildeInPath
        if isFile(path) || StoredModel.isFolder(path) { return try StoredModel(path: path) }
        if catalogue[nameOrPath] != nil { throw StoreError.notPulled(nameOrPath) }
        if nameOrPath.contains("/") {
            let isFolder = FileManager.default.fileExists(atPath: path)
            let reason = isFolder ? "this folder has no config.json or adapter_config.json" : "there is no such file"
            throw StoreError.badReference(nameOrPath, reason: reason + "; yuyan list --all shows the names there are")
        }
        let known = try catalogue.entries.map(\.name) + list().map(\.name)
        throw StoreError.unknownModel(nameOrPath, known: Catalogue.nearest(to: nameOrPath, among: Array(Set(known))))
    }

    /// Deletes a model of the store, and what an unfinished pull left of it.
    public func remove(_ name: String) throws {
        guard let stored = try find(name) else {
            guard let entry = catalogue[name] else {
                // What an unfinished pull of something else left.
                let isName = !name.contains("/") && !name.hasPrefix("."), part = folder + "/" + name + ".part"
                if isName, FileManager.default.fileExists(atPath: part), try removeFiles(folder + "/" + name) { return }
                let known = Catalogue.nearest(to: name, among: try list().map(\.name))
                throw StoreError.unknownModel(name, known: known)
            }
            guard try removeFiles(folder + "/" + entry.file) else { throw StoreError.notPulled(name) }
            return
        }
        _ = try removeFiles(stored.path)
        for companion in companions(stored.name) { _ = try removeFiles(folder + "/" + companion.file) }
    }

    /// Fetches a model by a name of the catalogue, a web address, `hf:…`, `modelscope:…` or a file's path, verifies it, and
    /// keeps it. Returns at once if it is there. A pull that stopped goes on where it was.
    ///
    /// - Parameter sha256: What the file must be, for one that the catalogue does not know.
    @discardableResult
    public func pull(
        _ reference: String,
        sha256: String? = nil,
        progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> StoredModel {
        if let sha256, sha256.count != 64 || !sha256.allSatisfy(\.isHexDigit) {
            throw StoreError.badReference(sha256, reason: "a SHA-256 has 64 hexadecimal digits")
        }
        try makeFolder(folder)
        let meter = ProgressMeter(progress)
        var plan = try await plan(reference, meter)
        plan.sha256 = plan.sha256 ?? sha256?.lowercased()
        for companion in companions(reference) { try await run(companion, meter) }
        return try adopted(await run(plan, meter))
    }

    /// A file of the catalogue goes by its name there, wherever it came from.
    private func adopted(_ stored: StoredModel) throws -> StoredModel {
        guard let entry = catalogue[URL(filePath: stored.path).lastPathComponent], let note = stored.record,
            note.sha256 == entry.sha256, note.name != entry.name || note.kind != entry.kind
        else { return stored }
        return try stored.sealed(.init(PullPlan(entry), sha256: note.sha256, source: note.source))
    }
}

extension ModelStore {
    @discardableResult
    private func run(_ plan: PullPlan, _ meter: ProgressMeter) async throws -> StoredModel {
        try await Pull(plan: plan, folder: folder, environment: environment, patience: patience, meter: meter).run()
    }

    private func companions(_ name: String) -> [PullPlan] {
        catalogue[name].map { entry in entry.companions.map { PullPlan($0, of: entry) } } ?? []
    }

    private func plan(_ reference: String, _ meter: ProgressMeter) async throws -> PullPlan {
        switch try PullReference(reference, catalogue) {
        case .entry(let entry): return PullPlan(entry)
        case .source(let source, let file): return try PullPlan(source, file: file)
        case .repository(let site, let repository, let revision):
            let listing = RepositoryListing(site: site, repository: repository, revision: revision)
            let paths = try await paths(listing, meter)
            let file = try RepositoryListing.onlyFile(paths, of: repository)
            return try PullPlan(site.source(repository, file, revision), file: URL(filePath: file).lastPathComponent)
        }
    }

    private func paths(_ listing: RepositoryListing, _ meter: ProgressMeter) async throws -> [String] {
        let part = try PartialFile(path: folder + "/.listing-\(UUID().uuidString)")
        defer { part.remove() }
        let source = ModelSource.huggingFace(repository: listing.repository, file: "", revision: listing.revision)
        guard var address = try WebAddress(source, environment) else { return [] }
        address.url = try listing.address(environment)
        if listing.site == .modelScope { address.token = environment.nonEmpty("MODELSCOPE_API_TOKEN") }
        let download = HTTPDownload(
            address: address,
            source: "\(address.url)",
            expectedBytes: nil,
            isVerified: false,
            patience: patience,
            meter: meter
        )
        try await download.run(into: part)
        return try listing.paths(in: Data(contentsOf: URL(filePath: part.path)))
    }

    /// What a run has made: `YUYAN_HOME/runs/NAME/model`.
    private func result(ofRun name: String) throws -> StoredModel? {
        guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/") else { return nil }
        let path = URL(filePath: folder).deletingLastPathComponent().path + "/runs/\(name)/model"
        guard StoredModel.isFolder(path) else { return nil }
        return StoredModel(name: name, path: path, bytes: try StoredModel(path: path).bytes, record: nil)
    }

    func find(_ name: String) throws -> StoredModel? {
        let wanted = (catalogue[name]?.name ?? name).lowercased()
        let models = try list()
        func file(_ stored: StoredModel) -> URL { URL(filePath: stored.path.lowercased()) }
        return models.first { $0.name.lowercased() == wanted || file($0).lastPathComponent == wanted }
            ?? models.first { file($0).deletingPathExtension().lastPathComponent == wanted }
    }

    /// A file put there by hand goes by its catalogue name if it has one.
    private func named(_ stored: StoredModel) -> StoredModel {
        guard stored.record == nil, let entry = catalogue[URL(filePath: stored.path).lastPathComponent] else {
            return stored
        }
        return StoredModel(name: entry.name, path: stored.path, bytes: stored.bytes, record: nil)
    }

    private func removeFiles(_ path: String) throws -> Bool {
        let file = URL(filePath: path).lastPathComponent
        guard let lock = try FileLock(path: lockPath(folder, file)) else { throw StoreError.busy(file) }
        defer { withExtendedLifetime(lock) {} }
        var removed = false
        for suffix in ["", ".json", ".part", ".part.json"] where FileManager.default.fileExists(atPath: path + suffix) {
            guard unlink(path + suffix) == 0 else {
                throw StoreError.system(path: path + suffix, reason: systemMessage())
            }
            removed = true
        }
        return removed
    }

    private func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
}
