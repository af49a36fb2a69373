import Foundation

/// The real `yuyan`, which the build leaves beside its tests.
final class Executable {
    struct Outcome {
        let status: Int32, output, complaints: String
    }

    /// Where it runs: a folder of its own, which is `YUYAN_HOME` too.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "yuyan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: file))
    }

    /// - Parameter input: what comes on standard input.
    func run(
        _ arguments: [String],
        _ environment: [String: String] = [:],
        input: String = ""
    ) throws -> Outcome {
        let process = Process(), output = Pipe(), complaints = Pipe()
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
            path: "yuyan"
        )
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("YUYAN_") }
        process.environment = inherited.merging(["YUYAN_HOME": folder.path]) { $1 }.merging(environment) { $1 }
        process.standardInput = try standardInput(input)
        (process.standardOutput, process.standardError) = (output, complaints)
        try process.run()
        let texts = [output, complaints].map {
            String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: texts[0], complaints: texts[1])
    }

    private func standardInput(_ text: String) throws -> FileHandle {
        guard !text.isEmpty else { return .nullDevice }
        let file = folder.appending(path: "input-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        return try FileHandle(forReadingFrom: file)
    }
}
