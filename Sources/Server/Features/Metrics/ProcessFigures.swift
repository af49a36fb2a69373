import Foundation

/// What the operating system says of this process.
package struct ProcessFigures {
    /// 0 where the system does not say.
    package private(set) var residentBytes = 0
    /// Of all threads together.
    package private(set) var processorSeconds = 0.0
    private(set) var openFiles = 0

    static let started = Date().timeIntervalSince1970

    package static var now: ProcessFigures {
        var figures = ProcessFigures()
        figures.residentBytes = residentMemory ?? 0
        figures.processorSeconds = processorTime
        figures.openFiles = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count) ?? 0
        return figures
    }

    /// The second number of `/proc/self/statm`, in pages.
    private static var residentMemory: Int? {
        guard let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " "),
            pages.count > 1, let resident = Int(pages[1])
        else { return nil }
        return resident * Int(getpagesize())
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
