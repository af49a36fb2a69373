import Foundation
import Testing

/// The files of this repository as the rules see them. Knows nothing of Swift beyond its comments.
enum House {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    struct File: CustomTestStringConvertible, Sendable {
        let path: String  // from the root of the repository
        let text: String

        var testDescription: String { path }
        var name: String { String(path.split(separator: "/").last ?? "") }

        /// The text without its comments, line breaks kept.
        var code: String {
            text.replacing(/\/\*(?:.|\n)*?\*\//, with: "").replacing(/(?m)(^|[ \t;{}])\/\/.*$/, with: "")
        }
    }

    /// The text files under a folder, sorted; build products and what hides behind a dot are not ours.
    static func files(in folder: String, suffixes: [String] = [""]) -> [File] {
        let base = folder.isEmpty ? root : root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in isOurs(path) && suffixes.contains { path.hasSuffix($0) } }.sorted().compactMap {
            let path = folder.isEmpty ? $0 : folder + "/" + $0
            return (try? String(contentsOf: root.appending(path: path), encoding: .utf8)).map {
                File(path: path, text: $0)
            }
        }
    }

    /// The names of a folder's folders.
    static func folders(in folder: String) -> [String] {
        let entries = try? FileManager.default.contentsOfDirectory(
            at: root.appending(path: folder),
            includingPropertiesForKeys: [.isDirectoryKey]
        )
        return (entries ?? []).filter(\.hasDirectoryPath).map(\.lastPathComponent).sorted()
    }

    private static func isOurs(_ path: String) -> Bool {
        path.hasPrefix(".ci/")
            || !path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "node_modules" || $0 == "__pycache__" }
    }
}
