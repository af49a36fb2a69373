import Foundation
import Testing
import Training

#if os(Linux)
/// What a preparation needs of memory does not depend on the file.
@Suite(.serialized) struct DataMemoryTests {
    /// Kilobytes that this process has in memory.
    static func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.filter(\.isNumber)))
    }

    /// Other tests use memory in the same process: what a preparation needs shows when they need none, the least of some times.
    @Test func memoryDoesNotGrowWithTheFile() throws {
        var growths: [Int] = []
        while growths.count < 8, growths.min() ?? .max >= 20_000 { growths.append(try Self.growth()) }
        // As ids of eight bytes in memory the rows would be 24 MB, and 30 with what belongs to them.
        #expect(try #require(growths.min()) < 20_000, "\(growths)")
    }

    /// By how many kilobytes memory grows while three megabytes of rows are prepared.
    private static func growth() throws -> Int {
        let fixture = try DataFixture(), count = 3
        let row = "{\"text\":\"\(String(repeating: "x", count: 1000))\"}\n"
        let block = Data(String(repeating: row, count: 1024).utf8), url = fixture.folder.appending(path: "a.jsonl")
        try Data().write(to: url)
        let file = try FileHandle(forWritingTo: url)
        for _ in 0..<count { try file.write(contentsOf: block) }
        var figures: [Int] = []
        let dataset = try PreparedDataset.prepare(
            [DataSource(url)],
            DataFixture.tokenizer,
            in: fixture.datasets
        ) { _ in figures.append(try Self.resident()) }
        #expect(dataset.documentCount == count * 1024)
        return try #require(figures.last) - figures[0]
    }
}
#endif
