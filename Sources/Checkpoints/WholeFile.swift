import Foundation

/// Writes a file that appears whole or not at all: beside its place, synchronised, then renamed. `body` hands the bytes on.
func writeWhole(_ path: String, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
    let draft = path + ".writing"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CheckpointError.unwritable(file: path, reason: systemMessage()) }
    do {
        defer { close(descriptor) }
        try body { try append($0, to: descriptor, path) }
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else {
            throw CheckpointError.unwritable(file: path, reason: systemMessage())
        }
    } catch {
        unlink(draft)
        throw error
    }
}

private func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var written = 0
    while written < bytes.count {
        let step = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if step < 0, errno == EINTR { continue }
        guard step > 0 else { throw CheckpointError.unwritable(file: path, reason: systemMessage()) }
        written += step
    }
}
