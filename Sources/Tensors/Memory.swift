import CKernels
import Foundation
import Synchronization

/// Memory for tensors: aligned to a cache line, reused instead of returned, in huge pages where it is large.
///
/// A forward pass asks for the same few sizes again and again, so freed blocks wait in a list per size. Sizes are powers
/// of two: batches of ever new row counts then share a dozen lists, and what waits in all of them together is less than
/// twice what the largest batch uses at once. Finer sizes waste less of a block, but every new batch would fill new lists.
/// Of a block larger than what was asked for only the pages that were written to are real: huge pages reach as far as what was
/// asked for fills them, lest a matrix of 2.3 MB take 4.
enum Memory {
    static let alignment = 64
    static let hugePage = 2 << 20

    private struct Lists: ~Copyable {
        /// Addresses, since a pointer may not cross into a lock; a list for each power of two.
        var free: [[UInt]] = Array(repeating: [], count: Int.bitWidth)
        /// One block of each larger size: a training step makes the same large gradients as the one before.
        var large: [Int: UInt] = [:]
        var kept = 0
    }

    /// Larger blocks, which are weights and whole books' logits, have their exact size, and are reused for that size alone.
    private static let largestKept = 128 << 20
    /// The most bytes kept for reuse, as many as a step of training frees; what is freed beyond it goes back to the system.
    private static let mostKept = max(2 << 30, Int(clamping: ProcessInfo.processInfo.physicalMemory) / 4)
    private static let lists = Mutex(Lists())

    /// The size that is really allocated for `bytes`.
    static func capacity(for bytes: Int) -> Int {
        guard bytes > 1024 else { return 1024 }
        guard bytes <= largestKept else { return bytes }
        return 1 << (Int.bitWidth - (bytes - 1).leadingZeroBitCount)
    }

    static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let capacity = capacity(for: bytes)
        let reused = lists.withLock { lists -> UInt? in
            let found =
                capacity <= largestKept
                ? lists.free[capacity.trailingZeroBitCount].popLast() : lists.large.removeValue(forKey: capacity)
            if found != nil { lists.kept -= capacity }
            return found
        }
        return reused.flatMap(UnsafeMutableRawPointer.init(bitPattern:)) ?? fresh(capacity, for: bytes)
    }

    static func free(_ pointer: UnsafeMutableRawPointer, _ bytes: Int) {
        let capacity = capacity(for: bytes), address = UInt(bitPattern: pointer)
        let kept = lists.withLock { lists -> Bool in
            guard lists.kept + capacity <= mostKept else { return false }
            if capacity <= largestKept {
                lists.free[capacity.trailingZeroBitCount].append(address)
            } else if lists.large[capacity] == nil {
                lists.large[capacity] = address
            } else {
                return false
            }
            lists.kept += capacity
            return true
        }
        if !kept { Foundation.free(pointer) }
    }

    /// Gives what waits to be reused back to the system.
    static func trim() {
        let waiting = lists.withLock { lists in
            defer { (lists.free, lists.large, lists.kept) = (Array(repeating: [], count: Int.bitWidth), [:], 0) }
            return lists.free.flatMap(\.self) + lists.large.values
        }
        for address in waiting { Foundation.free(UnsafeMutableRawPointer(bitPattern: address)) }
        return_freed_memory()
    }

    /// Memory that nothing has written to yet: zero where the system gives whole pages.
    ///
    /// - Parameter used: how many bytes from the start will be written to.
    static func fresh(_ bytes: Int, for used: Int) -> UnsafeMutableRawPointer {
        let huge = bytes >= 2 * hugePage
        var pointer: UnsafeMutableRawPointer?
        let code = posix_memalign(&pointer, huge ? hugePage : alignment, bytes)
        guard code == 0, let pointer else { fatalError("out of memory: \(bytes) bytes for a tensor") }
        #if os(Linux)
        if huge {
            let whole = used / hugePage * hugePage
            madvise(pointer, whole, MADV_HUGEPAGE)
            madvise(pointer + whole, bytes - whole, MADV_NOHUGEPAGE)
        }
        #endif
        return pointer
    }
}

/// Gives memory that tensors have left, and which would be reused otherwise, back to the system.
public func returnUnusedMemory() { Memory.trim() }
