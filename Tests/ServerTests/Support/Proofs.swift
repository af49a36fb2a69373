import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Text

/// Notes what a test asked and what came of it, where `YUYAN_PROOFS` names a folder: the marks of the table of dialects are held
/// against that (scripts/checks/proofs.py).
enum Proofs {
    private static let file = ProcessInfo.processInfo.environment["YUYAN_PROOFS"].flatMap { folder in
        fopen(folder + "/swift.jsonl", "a").map(File.init)
    }

    /// Written to from many tests at once, a line at a time.
    private struct File: @unchecked Sendable {
        let handle: UnsafeMutablePointer<FILE>
    }

    static func note(_ method: String, _ path: String, _ body: String, _ response: TestResponse) {
        guard let file, let test = Test.current else { return }
        let status = Int(response.status.code)
        let note: JSON = [
            "file": .string(test.sourceLocation.fileName), "test": .string(String(test.name.prefix { $0 != "(" })),
            "method": .string(method), "path": .string(path), "status": .integer(status),
            "body": (try? JSON(parsing: body)) ?? .null,
            "answer": .string(status < 400 ? "" : String(response.text.prefix(2000))),
        ]
        fputs(note.text() + "\n", file.handle)
        fflush(file.handle)
    }
}
