import Foundation

/// The files of a repository, asked of its site, to find the one that is meant.
struct RepositoryListing {
    let site: PullReference.Site
    let repository: String
    let revision: String

    /// The only GGUF file of a repository, or an error that names those there are.
    static func onlyFile(_ paths: [String], of repository: String) throws -> String {
        let models = paths.filter { $0.lowercased().hasSuffix(".gguf") }
        guard models.count != 1 else { return models[0] }
        let reason =
            models.isEmpty
            ? "it has no GGUF file" : "it has several files; add one of " + models.joined(separator: ", ")
        throw StoreError.badReference(repository, reason: reason)
    }

    func address(_ environment: [String: String]) throws -> URL {
        switch site {
        case .huggingFace:
            return try Hub.huggingFace(environment).address("api/models/\(repository)/revision/\(revision)")
        case .modelScope:
            let route = try Hub.modelScope(environment).address("api/v1/models/\(repository)/repo/files")
            return route.appending(queryItems: [
                .init(name: "Revision", value: revision), .init(name: "Recursive", value: "true"),
            ])
        }
    }

    func paths(in reply: Data) throws -> [String] {
        do {
            switch site {
            case .huggingFace: return try JSONDecoder().decode(HubReply.self, from: reply).siblings.map(\.rfilename)
            case .modelScope: return try JSONDecoder().decode(ScopeReply.self, from: reply).Data.Files.map(\.Path)
            }
        } catch {
            throw StoreError.network(url: repository, reason: "its list of files cannot be understood")
        }
    }

    private struct HubReply: Decodable {
        let siblings: [File]
        struct File: Decodable { let rfilename: String }
    }

    private struct ScopeReply: Decodable {
        let Data: List
        struct List: Decodable { let Files: [File] }
        struct File: Decodable { let Path: String }
    }
}
