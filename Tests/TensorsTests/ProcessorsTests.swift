import Foundation
import Tensors
import Testing

@Suite struct ProcessorsTests {
    /// Processors, the siblings of each, the quota, and how many threads should compute.
    @Test(
        arguments: [
            ([0, 1], ["0", "1"], nil, 2),
            ([0, 1, 2, 3], ["0-1", "0-1", "2-3", "2-3"], nil, 2),
            ([0, 1, 64, 65], ["0,64", "1,65", "0,64", "1,65"], nil, 2),
            ([1, 64], ["1,65", "0,64"], nil, 2),
            ([0, 1, 2, 3], ["0", "1", "2", "3"], 2.5, 2),
            ([0, 1, 2, 3], ["0", "1", "2", "3"], 0.5, 1),
            ([0, 1, 2, 3], ["0", "1", "2", "3"], 16, 4),
        ] as [([Int], [String], Double?, Int)]
    )
    func aThreadForEachCoreThatThereIsTimeFor(allowed: [Int], siblings: [String], quota: Double?, expected: Int) {
        let lists = Dictionary(uniqueKeysWithValues: zip(allowed, siblings))
        #expect(Processors(allowed: allowed, quota: quota) { lists[$0]! + "\n" }.threads == expected)
        #expect(Processors(allowed: allowed) { _ in nil }.threads == allowed.count)
    }

    /// Files under the root, what the process says of its groups, and the quota.
    @Test(
        arguments: [
            (["cpu.max": "150000 100000\n"], "0::/\n", 1.5),
            (["a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"], "0::/a/b\n", 3),
            (["a/b/cpu.max": "400000 100000\n", "a/cpu.max": "800000 100000\n"], "0::/a/b\n", 4),
            (
                ["cpu/d/cpu.cfs_quota_us": "200000\n", "cpu/d/cpu.cfs_period_us": "100000\n"],
                "4:cpu,cpuacct:/d\n0::/\n", 2
            ),
            (["cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"], "4:cpu,cpuacct:/\n", nil),
            (["cpu.max": "what\n"], "0::/\n", nil),
            ([:], "nonsense\n3:memory:/x\n", nil),
        ] as [([String: String], String, Double?)]
    )
    func theTightestGroupDecides(files: [String: String], groups: String, expected: Double?) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "groups-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        #expect(Processors.quota(root: root.path, groups: groups) == expected)
    }

    @Test(
        arguments: [
            ("Name:\tx\nCpus_allowed_list:\t0-3,8\nMems_allowed_list:\t0\n", [0, 1, 2, 3, 8]),
            ("Cpus_allowed_list:\t5\n", [5]), ("Cpus_allowed_list:\t3-1,x\n", []), ("Name:\tx\n", nil),
        ] as [(String, [Int]?)]
    )
    func theAffinityIsRead(status: String, expected: [Int]?) { #expect(Processors.allowed(status) == expected) }

    @Test func thisMachineHasSome() {
        let present = Processors.present
        #expect(!present.allowed.isEmpty && present.cores > 0 && present.cores <= present.allowed.count)
    }
}
