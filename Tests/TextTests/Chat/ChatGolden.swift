import Foundation
import Text

/// The files under Tests/Golden/Text.
enum ChatGolden {
    static let folder = URL(filePath: #filePath).appending(path: "../../../Golden/Text").standardized

    static func json(_ name: String) throws -> JSON {
        try JSON(parsing: Data(contentsOf: folder.appending(path: name)))
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// The names of the files with that ending, without it.
    static func names(_ directory: String, _ ending: String) -> [String] {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: directory).path)
        return (files ?? []).filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }
}

/// What a reference did with a template: a text, a refusal in the template's words, or a failure.
enum Outcome: Equatable, CustomStringConvertible {
    case text(String)
    case refused(String)
    case failed(String)

    init(_ json: JSON) {
        if let text = json["text"]?.string {
            self = .text(text)
        } else if let words = json["refused"]?.string {
            self = .refused(words)
        } else {
            self = .failed(json["fails"]?.string ?? "")
        }
    }

    init(_ body: () throws -> String) {
        do {
            self = .text(try body())
        } catch let error as TemplateError where error.kind == .refused {
            self = .refused(error.message)
        } catch {
            self = .failed("\(error)")
        }
    }

    /// Two failures are the same, whatever they say.
    static func == (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.text(let a), .text(let b)), (.refused(let a), .refused(let b)): Array(a.utf8) == Array(b.utf8)
        case (.failed, .failed): true
        default: false
        }
    }

    var description: String {
        switch self {
        case .text(let text): "text <<\(text)>>"
        case .refused(let words): "refused <<\(words)>>"
        case .failed(let words): "failed <<\(words)>>"
        }
    }
}
