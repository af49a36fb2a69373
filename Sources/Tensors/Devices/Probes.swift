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
        Threads.inPlace {
            ContinuousClock().measure {
                Threads.run(chunks) { index, _ in read_through(memory.bytes + index * chunk, chunk) }
            }
        }
    }.min()!
    return Double(memory.count) / (best / .seconds(1))
}

/// Operations a second that all threads together make of int8 products in registers, a product counting as two: the best of
/// some passes.
///
/// A prompt's products with quantised weights have this over two operations for each weight as their limit.
public func measuredArithmetic(passes: Int = 8) -> Double { rate(passes, Kernel.table.dot_through) }

/// The same of float32 products, which training is made of, and prompts with float weights.
public func measuredFloatArithmetic(passes: Int = 8) -> Double { rate(passes, Kernel.table.fma_through) }

/// The same of products of bfloat16 pairs; nil on machines that turn bfloat16 weights into floats.
public func measuredPairArithmetic(passes: Int = 8) -> Double? {
    guard let probe = Kernel.table.pairs_through else { return nil }
    return rate(passes, probe)
}

private func rate(_ passes: Int, _ probe: @escaping @convention(c) (Int) -> Int) -> Double {
    let rounds = 1 << 18
    let best = (0..<passes).map { _ in
        Threads.inPlace { ContinuousClock().measure { Threads.run(Threads.count) { _, _ in _ = probe(rounds) } } }
    }.min()!
    return Double(rounds * Threads.count * probe(1)) / (best / .seconds(1))
}
