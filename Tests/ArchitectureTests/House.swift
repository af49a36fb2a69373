import Foundation
import Testing

/// The files of this repository as the rules see them. Knows nothing of Swift beyond its comments.
enum House {
    static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    struct File: CustomTestStringConvertible, Sendable {
        let path: String  // from the root of the repository
        let text: String
        let code: String  // without comments

        init?(path: String) {
            guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
            let code = text.replacing(/\/\*(?:.|\n)*?\*\//, with: "").split(separator: "\n").map { line in
                line.firstRange(of: /(?:^|[ \t;{}])\/\//).map { line[..<$0.lowerBound] } ?? line
            }
            (self.path, self.text, self.code) = (path, text, code.joined(separator: "\n"))
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
        let ours = paths.map(String.init).filter { !$0.contains(/(?:^|\/)(?:vendor|Golden|__pycache__)\//) }
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
