import Foundation

/// Another program, run to its end; it is stopped if the task is cancelled.
struct Command {
    let arguments: [String]
    let environment: [String: String]

    struct Outcome {
        let status: Int32
        let errors: String

        /// What it said last, preferring what it called an error.
        var lastLine: String {
            let lines = errors.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
                !$0.isEmpty
            }
            return lines.last { $0.hasPrefix("ERROR") } ?? lines.last ?? "it ended with \(status)"
        }
    }

    func run(_ whileRunning: () -> Void = {}) async throws -> Outcome {
        let errors = FileManager.default.temporaryDirectory.appending(path: "yuyan-\(UUID().uuidString).log")
        guard FileManager.default.createFile(atPath: errors.path, contents: nil) else {
            throw StoreError.system(path: errors.path, reason: "it cannot be written")
        }
        defer { try? FileManager.default.removeItem(at: errors) }
        let output = try FileHandle(forWritingTo: errors)
        defer { try? output.close() }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        do { try process.run() } catch { throw StoreError.system(path: arguments[0], reason: "it cannot be started") }
        do {
            while process.isRunning {
                try await Task.sleep(for: .milliseconds(50))
                whileRunning()
            }
        } catch {
            process.terminate()
            process.waitUntilExit()
            throw error
        }
        let said = (try? Data(contentsOf: errors)) ?? Data()
        return Outcome(status: process.terminationStatus, errors: String(decoding: said.suffix(4096), as: UTF8.self))
    }
}
