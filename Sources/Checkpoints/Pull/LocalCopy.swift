import Foundation

/// Copies a file of this machine into a ``PartialFile``.
///
/// A copy, not a hard link: who changes the original later must not change the store.
struct LocalCopy {
    let path: String
    let meter: ProgressMeter

    func run(into part: PartialFile) throws {
        // A pipe is opened at once, too, and refused: nobody may ever write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw StoreError.badReference(path, reason: systemMessage()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError.badReference(path, reason: "it is not a file")
        }
        let total = Int(status.st_size), folder = URL(filePath: part.path).deletingLastPathComponent().path
        try part.startAgain()
        part.note.source = path
        part.note.total = total
        try requireSpace(total, in: folder)
        meter.begin(.fetching, source: path, total: total)
        try part.append(contentsOf: descriptor, path: path) { meter.update($0) }
    }
}

extension PartialFile {
    /// Appends all that an open file has left; `progress` is told the length so far.
    func append(contentsOf descriptor: Int32, path: String, progress: (Int) -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            try Task.checkCancellation()
            let step = read(descriptor, buffer.baseAddress, buffer.count)
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { throw StoreError.system(path: path, reason: systemMessage()) }
            guard step > 0 else { return }
            try append(UnsafeRawBufferPointer(rebasing: buffer[..<step]))
            progress(count)
        }
    }
}
