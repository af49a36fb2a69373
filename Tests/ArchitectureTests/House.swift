import Foundation
import Testing

/// The files of this repository as the rules see them. Knows nothing of Swift beyond its comments.
enum House {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    struct File: CustomTestStringConvertible, Sendable {
        let path: String  // from the root of the repository
        let text: String
        let code: String  // without comments and texts of several lines

        init?(path: String) {
            guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
            (self.path, self.text, code) = (path, text, File.isCode(path) ? File.code(in: text) : "")
        }

        private static func isCode(_ path: String) -> Bool {
            [".swift", ".c", ".h", ".js"].contains { path.hasSuffix($0) }
        }

        private static func code(in text: String) -> String {
            let blanked = text.replacing(/\/\*[\s\S]*?\*\//, with: "").replacing(/"""[\s\S]*?"""/, with: "\"\"")
            let lines = blanked.split(separator: "\n").map { line in
                line.firstRange(of: /(?:^|[ \t;{}])\/\//).map { line[..<$0.lowerBound] } ?? line
            }
            return lines.joined(separator: "\n")
        }

        var testDescription: String { path }
        var name: String { String(path.split(separator: "/").last ?? "") }
    }

    /// Every text file that is ours: not what is built, fetched, generated or hidden behind a dot.
    static let all: [File] = {
        let found = FileManager.default.enumerator(
            at: root,
            includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles]
        )
        let paths = found?.compactMap { ($0 as? URL)?.path(percentEncoded: false).dropFirst(root.path.count + 1) } ?? []
        let others = /(?:^|\/)(?:vendor|Golden|__pycache__|Examples\/\w+\/data)\//
        let ours = paths.map(String.init).filter { !$0.contains(others) }
        return ([".ci/run"] + ours.sorted()).compactMap(File.init)
    }()

    static func files(in folder: String, suffixes: [String] = [""]) -> [File] {
        all.filter { file in file.path.hasPrefix(folder + "/") && suffixes.contains { file.path.hasSuffix($0) } }
    }

    /// The names of a folder's folders.
    static func folders(in folder: String) -> [String] {
        let entries = try? FileManager.default.contentsOfDirectory(
            at: root.appending(path: folder),
            includingPropertiesForKeys: [.isDirectoryKey]
        )
        return (entries ?? []).filter(\.hasDirectoryPath).map(\.lastPathComponent).sorted()
    }
}
