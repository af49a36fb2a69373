import Foundation
import Tensors

/// The threads that compute: how many, and on which processors they stay.
struct Workers {
    let threads: Int?, cpus: ProcessorList?

    init(threads: Int?, cpus: ProcessorList?, _ layers: inout Layers) throws(ConfigurationError) {
        self.threads = try layers.read(.threads, flag: threads)
        self.cpus = try layers.read(.cpus, flag: cpus)
    }

    /// Those of a command that looks into no file of settings.
    init(threads: Int? = nil, cpus: ProcessorList? = nil) throws(ConfigurationError) {
        var layers = Layers(environment: ProcessInfo.processInfo.environment, file: nil)
        try self.init(threads: threads, cpus: cpus, &layers)
    }

    /// Says how the kernels' threads are to be, which must not have begun yet; refuses processors that cannot be had.
    func claim() throws(ConfigurationError) {
        if let threads { setenv("YUYAN_THREADS", "\(threads)", 1) }
        guard let cpus else { return }
        if let refusal = Processors.refusal(of: cpus) { throw ConfigurationError("cpus", refusal) }
        if let threads, threads > cpus.numbers.count {
            let problem = "\(threads) threads want a processor each, but the list has \(cpus.numbers.count)"
            throw ConfigurationError("cpus", "\(problem); list more, or leave threads out")
        }
        setenv("YUYAN_CPUS", "\(cpus)", 1)
    }
}
