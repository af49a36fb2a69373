/// Processors in an order, each once, as people and Linux write them: `0-3,8`.
package struct ProcessorList: Sendable, Hashable, CustomStringConvertible {
    package let numbers: [Int]

    package init(_ numbers: [Int]) { self.numbers = numbers }

    /// Nil for a text that is no such list.
    package init?(_ text: String) {
        var numbers: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = Self.range(part), numbers.count < Self.most else { return nil }
            numbers += range
        }
        guard Set(numbers).count == numbers.count else { return nil }
        self.numbers = numbers
    }

    /// As many as Linux knows.
    private static let most = 8192

    /// "3" or "0-3".
    private static func range(_ part: Substring) -> ClosedRange<Int>? {
        let ends = part.split(separator: "-", omittingEmptySubsequences: false).compactMap(number)
        guard ends.count == part.count(where: { $0 == "-" }) + 1, ends.count <= 2, ends[0] <= ends[ends.count - 1]
        else { return nil }
        return ends[0]...ends[ends.count - 1]
    }

    private static func number(_ text: Substring) -> Int? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, words[0].allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(words[0]),
            number < most
        else { return nil }
        return number
    }

    package var description: String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
            separator: ","
        )
    }
}

extension Processors {
    /// Why threads cannot be put on these processors, and what to do about it; nil where they can.
    ///
    /// - Parameter online: the processors of the machine; nil if unknown.
    package func refusal(of list: ProcessorList, online: ProcessorList?) -> String? {
        if let online, let odd = list.numbers.first(where: { !online.numbers.contains($0) }) {
            return "processor \(odd) is not there: this machine has \(online); name some of these"
        }
        guard let odd = list.numbers.first(where: { !allowed.contains($0) }) else { return nil }
        return "processor \(odd) is not for this process: its affinity (taskset, a cpuset, a container) leaves it "
            + "\(ProcessorList(allowed)); name some of these, or widen it"
    }

    /// The same, of this process on this machine now; and whether the system lets threads be put anywhere at all.
    package static func refusal(of list: ProcessorList) -> String? {
        #if os(Linux)
        let present = present, online = text("/sys/devices/system/cpu/online").flatMap(ProcessorList.init)
        if let refusal = present.refusal(of: list, online: online) { return refusal }
        guard let odd = list.numbers.first(where: { !Threads.canBe(on: $0) }) else { return nil }
        return "the system lets no thread be put on processor \(odd); leave cpus out"
        #else
        return "threads are put on processors under Linux only; leave it out"
        #endif
    }
}
