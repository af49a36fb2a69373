import Crypto
import Foundation

/// The SHA-256 of a file, in small hexadecimal letters; `progress` is told how many bytes are read.
package func sha256(ofFile path: String, progress: (Int) -> Void = { _ in }) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.system(path: path, reason: systemMessage()) }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var hash = SHA256(), done = 0
    while true {
        try Task.checkCancellation()
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw StoreError.system(path: path, reason: systemMessage()) }
        guard count > 0 else { break }
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        done += count
        progress(done)
    }
    return hexadecimal(hash.finalize())
}

/// The SHA-256 of bytes, in small hexadecimal letters.
package func sha256(of bytes: some Sequence<UInt8>) -> String { hexadecimal(SHA256.hash(data: Array(bytes))) }

private func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}
