import CKernels
import Synchronization

/// Bytes a second that all threads together read from memory: the best of some passes over 256 MB of huge pages.
///
/// Generation streams every weight once a token, so its speed has this over the model's bytes as its limit.
public func measuredBandwidth(passes: Int = 8) -> Double {
    let chunk = 4 << 20, chunks = 64
    let memory = Storage(chunk * chunks)
    memory.bytes.initializeMemory(as: UInt8.self, repeating: 1, count: memory.count)
    let best = (0..<passes).map { _ in
        ContinuousClock().measure {
            Threads.run(chunks) { index, _ in read_through(memory.bytes + index * chunk, chunk) }
        }
    }.min()!
    return Double(memory.count) / (best / .seconds(1))
}
