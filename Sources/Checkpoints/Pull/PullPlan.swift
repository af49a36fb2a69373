import Foundation

/// What a pull is to bring: the file's name in the store, where it can be had, and what is known of it beforehand.
struct PullPlan: Sendable {
    var name: String
    var file: String
    var sources: [ModelSource]
    var bytes: Int?
    var sha256: String?
    var licence: String?
    var kind: ModelKind?
    var context: Int?

    init(_ entry: CatalogueEntry) {
        (name, file, sources) = (entry.name, entry.file, entry.sources)
        (bytes, sha256) = (entry.bytes, entry.sha256)
        (licence, kind, context) = (entry.licence, entry.kind, entry.context)
    }

    init(_ companion: CatalogueEntry.Companion, of entry: CatalogueEntry) {
        (name, file, sources) = (companion.file, companion.file, companion.sources)
        (bytes, sha256, licence) = (companion.bytes, companion.sha256, entry.licence)
    }

    /// A plan for one source, whose file keeps its name.
    init(_ source: ModelSource, file: String) throws {
        let allowed = file.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control && $0 != "/" && $0 != "\\"
        }
        guard allowed, !file.isEmpty, !file.hasPrefix("."), file.utf8.count <= 200 else {
            throw StoreError.badReference("\(source)", reason: "it does not end in a file's name")
        }
        (self.file, sources) = (file, [source])
        name = URL(filePath: file).deletingPathExtension().lastPathComponent.lowercased()
    }
}

/// What a person writes after `yuyan pull`.
///
///     qwen2.5-coder-0.5b-instruct                       a name of the catalogue
///     hf:org/repository/file.gguf                       a file of the Hugging Face Hub; @revision after the repository
///     hf:org/repository                                 its only GGUF file
///     modelscope:org/repository/file.gguf               the same on ModelScope
///     https://…/file.gguf                               any web address
///     /models/file.gguf, ./file.gguf, file:…            a file of this machine
enum PullReference: Sendable, Hashable {
    case entry(CatalogueEntry)
    case source(ModelSource, file: String)
    /// A repository of which no file was named.
    case repository(Site, String, revision: String)

    enum Site: Sendable { case huggingFace, modelScope }

    init(_ text: String, _ catalogue: Catalogue) throws {
        if let rest = text.dropping("hf:") ?? text.dropping("huggingface:") {
            self = try Self.repository(.huggingFace, rest, text)
        } else if let rest = text.dropping("modelscope:") ?? text.dropping("ms:") {
            self = try Self.repository(.modelScope, rest, text)
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            guard let url = URL(string: text), url.host() != nil else {
                throw StoreError.badReference(text, reason: "this is not a web address")
            }
            self = .source(.url(url), file: url.lastPathComponent)
        } else if text.contains("://"), !text.hasPrefix("file:") {
            throw StoreError.badReference(text, reason: "only http, https and file addresses can be fetched")
        } else if let entry = catalogue[text] {
            self = .entry(entry)
        } else if let path = Self.localPath(text) {
            self = .source(.file(path: path), file: URL(filePath: path).lastPathComponent)
        } else {
            throw StoreError.unknownModel(
                text,
                known: Catalogue.nearest(to: text, among: catalogue.entries.map(\.name))
            )
        }
    }

    private static func localPath(_ text: String) -> String? {
        if let rest = text.dropping("file:") { return URL(string: text)?.path ?? String(rest) }
        let path = (text as NSString).expandingTildeInPath
        return text.contains("/") || FileManager.default.fileExists(atPath: path) ? path : nil
    }

    private static func repository(_ site: Site, _ rest: String, _ text: String) throws -> PullReference {
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let unsafe = parts.contains { $0.isEmpty || $0 == "." || $0 == ".." || $0.contains("?") || $0.contains("#") }
        guard parts.count >= 2, !unsafe else {
            throw StoreError.badReference(
                text,
                reason: "expected \(text.prefix { $0 != ":" }):organisation/repository/file"
            )
        }
        let named = parts[1].split(separator: "@", maxSplits: 1).map(String.init)
        let repository = parts[0] + "/" + (named.first ?? "")
        let revision = named.count > 1 ? named[1] : site == .huggingFace ? "main" : "master"
        guard parts.count > 2 else { return .repository(site, repository, revision: revision) }
        let file = parts[2...].joined(separator: "/")
        return .source(site.source(repository, file, revision), file: parts[parts.count - 1])
    }
}

extension PullReference.Site {
    func source(_ repository: String, _ file: String, _ revision: String) -> ModelSource {
        switch self {
        case .huggingFace: .huggingFace(repository: repository, file: file, revision: revision)
        case .modelScope: .modelScope(repository: repository, file: file, revision: revision)
        }
    }
}

extension String {
    func dropping(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
