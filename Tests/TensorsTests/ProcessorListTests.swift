import Tensors
import Testing

@Suite struct ProcessorListTests {
    @Test(
        arguments: [
            ("0", [0], "0"), ("0-3,8", [0, 1, 2, 3, 8], "0-3,8"), ("8,0-3", [8, 0, 1, 2, 3], "8,0-3"),
            ("0,1,2", [0, 1, 2], "0-2"), ("3,2,1", [3, 2, 1], "3,2,1"), ("5-5", [5], "5"), ("1, 2", [1, 2], "1-2"),
            ("0-1\n", [0, 1], "0-1"),
            ("0-1,3-4,6", [0, 1, 3, 4, 6], "0-1,3-4,6"), ("8191", [8191], "8191"), ("007", [7], "7"),
        ] as [(String, [Int], String)]
    )
    func aListIsRead(text: String, expected: [Int], written: String) throws {
        let list = try #require(ProcessorList(text))
        #expect(list.numbers == expected && list.description == written)
        #expect(ProcessorList(written) == list)
    }

    @Test(arguments: [
        "", ",", "0,", ",0", "a", "0-", "-1", "-", "3-1", "0-1-2", "0,0", "0-3,2", "+1", "1.5", "0x1", "1 2", "8192",
        "0-8192", "99999999999999999999", "0;1", "٣",
    ])
    func whatIsNoListIsNone(text: String) { #expect(ProcessorList(text) == nil, "\(text)") }

    /// What a process may use, what the machine has, what is asked for, and what is said of it.
    @Test(
        arguments: [
            ([0, 1, 2, 3], "0-3", "0-3", nil), ([0, 1, 2, 3], nil, "3,0", nil),
            ([0, 1], "0-3", "0,3", "processor 3 is not for this process: its affinity"),
            ([0, 1], "0-3", "0,9", "processor 9 is not there: this machine has 0-3"),
            (
                [0, 1], nil, "9",
                "processor 9 is not for this process: its affinity (taskset, a cpuset, a container) leaves it 0-1"
            ),
        ] as [([Int], String?, String, String?)]
    )
    func aProcessorThatCannotBeHadIsNamed(allowed: [Int], online: String?, asked: String, expected: String?) throws {
        let processors = Processors(allowed: allowed) { _ in nil }, list = try #require(ProcessorList(asked))
        let refusal = processors.refusal(of: list, online: online.flatMap { ProcessorList($0) })
        #expect(refusal?.hasPrefix(expected ?? "") == expected.map { _ in true })
    }
}
