import Foundation
import Synchronization

/// Counts the words of a stream of text on several threads, each with a ``WordCounter`` of its own.
///
/// The calling thread reads, and waits while each thread has a batch; at no time are there more batches than threads
/// and one.
final class WordCounting: Sendable {
    private static let batchBytes = 1 << 20

    private let wordEnd: @Sendable (UTF8Text, Int) -> Int
    private let threads: Int
    private let free: Mutex<[Counter]>

    /// One thread at a time, by way of the pool.
    private final class Counter: @unchecked Sendable {
        let words = WordCounter()
    }

    /// `wordEnd` is the end of the word that begins at an index.
    init(threads: Int, wordEnd: @escaping @Sendable (UTF8Text, Int) -> Int) {
        self.wordEnd = wordEnd
        self.threads = max(threads, 1)
        free = Mutex((0..<max(threads, 1)).map { _ in Counter() })
    }

    func count(
        _ chunks: some Sequence<String>,
        progress: (TokenizerTraining.Progress) throws -> Void
    ) throws -> WordCounter {
        let queue = DispatchQueue(label: "yuyan.words", attributes: .concurrent)
        let group = DispatchGroup(), seats = DispatchSemaphore(value: threads)
        defer { group.wait() }
        var batch: [String] = [], size = 0, read = 0
        func submit() {
            seats.wait()
            queue.async(group: group) { [batch] in
                self.count(batch)
                seats.signal()
            }
            (batch, size) = ([], 0)
        }
        for chunk in chunks {
            batch.append(chunk)
            size += chunk.utf8.count
            read += chunk.utf8.count
            guard size >= Self.batchBytes else { continue }
            submit()
            try progress(.reading(bytes: read))
        }
        submit()
        try progress(.reading(bytes: read))
        group.wait()
        return total()
    }

    private func count(_ batch: [String]) {
        let counter = free.withLock { $0.popLast() } ?? Counter()
        for var text in batch {
            text.withUTF8 { bytes in
                guard let base = bytes.baseAddress else { return }
                count(UTF8Text(base, count: bytes.count), with: counter.words)
            }
        }
        free.withLock { $0.append(counter) }
    }

    private func count(_ text: UTF8Text, with words: WordCounter) {
        var start = 0
        while start < text.count {
            let end = wordEnd(text, start)
            words.add(UTF8Text(text.base + start, count: end - start))
            start = end
        }
    }

    private func total() -> WordCounter {
        var counters = free.withLock { $0.map(\.words) }
        counters.sort { $0.count < $1.count }
        guard let largest = counters.popLast() else { return WordCounter() }
        for counter in counters { largest.add(counter) }
        return largest
    }
}
