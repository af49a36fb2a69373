import Foundation

/// A file's bytes, mapped into memory: nothing is read before it is touched, and the system may drop it again.
///
/// A mapped file must not be shortened by anybody. The store never does: it only renames whole files into place.
package final class MappedFile: Sendable {
    package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    /// What tells it from every other file, and from itself should somebody write into it.
    let identity: Identity

    struct Identity: Hashable, Sendable {
        let device, node: UInt64, size, seconds, nanoseconds: Int

        fileprivate init(_ status: stat) {
            #if canImport(Darwin)
            let time = status.st_mtimespec
            #else
            let time = status.st_mtim
            #endif
            (device, node) = (UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino))
            (size, seconds, nanoseconds) = (Int(status.st_size), Int(time.tv_sec), Int(time.tv_nsec))
        }
    }

    package init(path: String) throws {
        // A pipe is opened at once, too, and refused: nobody may ever write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CheckpointError.unreadable(file: path, reason: systemMessage()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CheckpointError.unreadable(file: path, reason: systemMessage())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CheckpointError.unreadable(file: path, reason: "it is not a file")
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw CheckpointError.malformed(file: path, offset: 0, problem: "the file is empty") }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw CheckpointError.unreadable(file: path, reason: systemMessage())
        }
        bytes = UnsafeRawBufferPointer(start: address, count: count)
        identity = Identity(status)
    }

    /// Where some of its bytes begin.
    func offset(of part: UnsafeRawBufferPointer) -> Int {
        guard let start = part.baseAddress, let own = bytes.baseAddress else { return 0 }
        return start - own
    }

    /// Gives some of its bytes back to the system; whoever reads them again finds them in the file.
    func forget(_ part: UnsafeRawBufferPointer) { advise(part, MADV_DONTNEED) }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}

/// Asks the system to bring mapped bytes in, as they are about to be read.
func prefetch(_ bytes: UnsafeRawBufferPointer) { advise(bytes, MADV_WILLNEED) }

/// Tells the system about the pages that mapped bytes are in.
private func advise(_ bytes: UnsafeRawBufferPointer, _ advice: Int32) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    guard let base = bytes.baseAddress, page > 0 else { return }
    let start = Int(bitPattern: base) & ~(page - 1)
    madvise(UnsafeMutableRawPointer(bitPattern: start), Int(bitPattern: base) + bytes.count - start, advice)
}

/// The system's words for what a call has just reported.
func systemMessage(_ code: Int32 = errno) -> String {
    String(cString: strerror(code)).lowercased()
}
