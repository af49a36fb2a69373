import Synchronization

/// Huge-page memory for weights, handed out in slices: a page of 2 MB holds several small matrices.
///
/// A file's map cannot have huge pages, and streaming from 4 kB pages costs a third of the bandwidth (DESIGN D2).
enum Arena {
    private static let chunkBytes = 64 << 20
    private struct State: ~Copyable {
        var chunk: Storage?
        var used = 0
    }
    private static let state = Mutex(State())

    /// Uninitialised memory aligned to 64 bytes; a chunk is freed with the last tensor in it.
    static func allocate(_ bytes: Int) -> (storage: Storage, offset: Int) {
        let bytes = (bytes + Memory.alignment - 1) / Memory.alignment * Memory.alignment
        guard bytes < chunkBytes / 4 else { return (Storage(bytes), 0) }
        return state.withLock { state in
            if state.chunk == nil || state.used + bytes > chunkBytes {
                state.chunk = Storage(chunkBytes)
                state.used = 0
            }
            defer { state.used += bytes }
            return (state.chunk!, state.used)
        }
    }
}
