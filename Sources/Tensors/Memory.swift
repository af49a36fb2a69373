import Foundation
import Synchronization

/// Memory for tensors: aligned to a cache line, reused instead of returned, in huge pages where it is large.
///
/// A forward pass asks for the same few sizes again and again, so freed blocks wait in a list per size.
enum Memory {
    static let alignment = 64
    static let hugePage = 2 << 20

    private struct Lists: ~Copyable {
        /// Addresses, since a pointer may not cross into a lock.
        var free: [Int: [UInt]] = [:]
        var kept = 0
    }

    /// The most bytes kept for reuse; what is freed beyond it goes back to the system.
    private static let mostKept = 1 << 30
    private static let lists = Mutex(Lists())

    /// The size that is really allocated for `bytes`: one of eight steps between powers of two.
    static func capacity(for bytes: Int) -> Int {
        guard bytes > 1024 else { return 1024 }
        let step = 1 << (Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount - 3)
        return (bytes + step - 1) / step * step
    }

    static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let capacity = capacity(for: bytes)
        let reused = lists.withLock { lists -> UInt? in
            guard let address = lists.free[capacity]?.popLast() else { return nil }
            lists.kept -= capacity
            return address
        }
        return reused.flatMap(UnsafeMutableRawPointer.init(bitPattern:)) ?? fresh(capacity)
    }

    static func free(_ pointer: UnsafeMutableRawPointer, _ bytes: Int) {
        let capacity = capacity(for: bytes), address = UInt(bitPattern: pointer)
        let kept = lists.withLock { lists -> Bool in
            guard lists.kept + capacity <= mostKept else { return false }
            lists.kept += capacity
            lists.free[capacity, default: []].append(address)
            return true
        }
        if !kept { Foundation.free(pointer) }
    }

    /// Memory that nothing has written to yet: zero where the system gives whole pages.
    static func fresh(_ bytes: Int) -> UnsafeMutableRawPointer {
        let huge = bytes >= 2 * hugePage
        var pointer: UnsafeMutableRawPointer?
        let code = posix_memalign(&pointer, huge ? hugePage : alignment, bytes)
        guard code == 0, let pointer else { fatalError("out of memory: \(bytes) bytes for a tensor") }
        #if os(Linux)
        if huge { madvise(pointer, bytes, MADV_HUGEPAGE) }
        #endif
        return pointer
    }
}
