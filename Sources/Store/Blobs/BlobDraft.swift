import Crypto
import Foundation
import Synchronization

/// Contents on their way into ``Blobs``; a draft that is not kept vanishes with its last reference.
public final class BlobDraft: Sendable {
    private struct State {
        var hash = SHA256()
        var size = 0
        var isOpen = true, isRenamed = false
    }

    private let path: String
    private let descriptor: Int32, vanishes: Bool
    private let state = Mutex(State())

    /// - Parameter vanishes: whether the path is to be free again if the draft is not kept; a device's is not.
    package init(at path: String, vanishes: Bool = true) throws(StoreError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(errno, path) }
        (self.path, self.vanishes, self.descriptor) = (path, vanishes, descriptor)
    }

    deinit {
        close(descriptor)
        if vanishes, !state.withLock(\.isRenamed) { unlink(path) }
    }

    /// In bytes, so far.
    public var size: Int { state.withLock(\.size) }

    /// Appends bytes; blocks while the disk takes them.
    ///
    /// - Throws: ``StoreError/full(path:)`` where the disk has no room.
    public func write(_ bytes: some Sequence<UInt8>) throws(StoreError) {
        let bytes = Array(bytes)
        let failure = state.withLock { state in
            precondition(state.isOpen, "write: the draft has been kept")
            let failure = bytes.withUnsafeBytes(append)
            state.hash.update(data: bytes)
            state.size += bytes.count
            return failure
        }
        if let failure { throw failure }
    }

    /// Returns what went wrong.
    private func append(_ bytes: UnsafeRawBufferPointer) -> StoreError? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = system(descriptor, rest)
            guard count >= 0 || errno == EINTR else { return StoreError(errno, path) }
            rest = rest.dropFirst(max(0, count))
        }
        return nil
    }

    private func system(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        #if canImport(Darwin)
        return Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Brings everything to the disk and tells what it is.
    func finish() throws(StoreError) -> Blob {
        guard fsync(descriptor) == 0 else { throw StoreError(errno, path) }
        return state.withLock { state in
            state.isOpen = false
            let digest = state.hash.finalize().map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
            return Blob(digest: digest.joined(), size: state.size)
        }
    }

    func rename(to target: String) throws(StoreError) {
        guard Foundation.rename(path, target) == 0 else { throw StoreError(errno, target) }
        state.withLock { $0.isRenamed = true }
    }
}
