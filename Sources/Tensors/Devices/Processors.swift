import Foundation

/// What of the machine this process may use: the cores its affinity leaves it, and the time its control groups grant.
package struct Processors: Sendable, Hashable {
    /// Processors that the process may run on (`taskset`, `numactl`, cpusets).
    package var allowed: [Int]
    /// Physical cores among them: the threads of one share its arithmetic, so a second brings next to nothing.
    package var cores: Int
    /// How many processors' time there is for it (`docker --cpus`, limits of Kubernetes); nil for all.
    package var quota: Double?

    /// - Parameters:
    ///   - siblings: the processors that share a processor's core, as the kernel lists them: "0,64" or "0-1"; nil if unknown.
    package init(allowed: [Int], quota: Double? = nil, siblings: (Int) -> String?) {
        (self.allowed, self.quota) = (allowed, quota)
        cores = Set(allowed.map { siblings($0).flatMap(Self.first) ?? $0 }).count
    }

    /// How many threads should compute: one for each core, and no more than there is time for. Threads that wait for others
    /// spin, so more than the quota bears would be stopped in the midst of an op, all at once.
    package var threads: Int { max(1, min(cores, quota.map { Int(min($0, 1e6)) } ?? .max)) }

    /// The first number of a list like "3,67" or "2-3".
    private static func first(_ list: String) -> Int? { list.split { !$0.isNumber }.first.flatMap { Int($0) } }
}

extension Processors {
    /// What holds for this process now.
    package static var present: Processors {
        let allowed = allowed(text("/proc/self/status")) ?? Array(0..<ProcessInfo.processInfo.activeProcessorCount)
        let quota = quota(root: "/sys/fs/cgroup", groups: text("/proc/self/cgroup"))
        return Processors(allowed: allowed, quota: quota) {
            text("/sys/devices/system/cpu/cpu\($0)/topology/thread_siblings_list")
        }
    }

    /// The processors of `Cpus_allowed_list` in the text of `/proc/self/status` (proc(5)): `0-3,8`.
    package static func allowed(_ status: String?) -> [Int]? {
        let label = "Cpus_allowed_list:"
        let line = (status ?? "").split(separator: "\n").first { $0.hasPrefix(label) }
        return line?.dropFirst(label.count).split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard let low = ends.first, let high = ends.last, low <= high else { return [] }
            return Array(low...high)
        }
    }

    /// The tightest limit of the control groups that hold this process, in processors; nil if there is none.
    ///
    /// - Parameter groups: the text of `/proc/self/cgroup` (cgroups(7)): version 2 has one line, `0::/path`.
    package static func quota(root: String, groups: String?) -> Double? {
        let quotas = (groups ?? "").split(separator: "\n").flatMap { line -> [Double] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            if fields[1].isEmpty { return ancestors(fields[2]).compactMap { unified("\(root)\($0)/cpu.max") } }
            guard fields[1].split(separator: ",").contains("cpu") else { return [] }
            return ancestors(fields[2]).compactMap { legacy("\(root)/cpu\($0)") }
        }
        return quotas.min()
    }

    /// "/a/b", "/a" and "".
    private static func ancestors(_ path: Substring) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).reversed().map { parts.prefix($0).map { "/\($0)" }.joined() }
    }

    /// Version 2: `max 100000`, or microseconds in each period.
    private static func unified(_ path: String) -> Double? {
        let fields = (text(path) ?? "").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        return fields.count == 2 && fields[1] > 0 ? fields[0] / fields[1] : nil
    }

    /// Version 1: two files; -1 is no limit.
    private static func legacy(_ folder: String) -> Double? {
        func number(_ name: String) -> Double? {
            text("\(folder)/\(name)").flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        guard let quota = number("cpu.cfs_quota_us"), let period = number("cpu.cfs_period_us"), quota > 0, period > 0
        else { return nil }
        return quota / period
    }

    static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
