import Crypto
public import Foundation

/// Closes texts so that only who has the key can read them or make others: AES-GCM with a key of 256 bits (NIST SP 800-38D).
public struct Seal: Sendable {
    private let key: SymmetricKey

    /// A key that ends with the process.
    public init() { self.init(SymmetricKey(size: .bits256)) }

    private init(_ key: SymmetricKey) { self.key = key }

    /// The key `seal.key` of a folder, which is made where there is none; no other user reads it.
    ///
    /// - Throws: ``StoreError/damaged(path:reason:)`` where the file is not of 32 bytes, ``StoreError/inaccessible(path:reason:)``,
    ///   ``StoreError/full(path:)``.
    public init(in folder: URL) throws(StoreError) {
        let path = folder.appending(path: "seal.key").path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            self.init()
            try save(at: path)
            return
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .inaccessible(path: path, reason: "it cannot be read")
        }
        guard bytes.count == 32 else { throw .damaged(path: path, reason: "a key has 32 bytes, not \(bytes.count)") }
        self.init(SymmetricKey(data: bytes))
    }

    private func save(at path: String) throws(StoreError) {
        let draft = try BlobDraft(at: path + ".new")
        try draft.write(key.withUnsafeBytes { Array($0) })
        _ = try draft.finish()
        try draft.rename(to: path)
    }

    /// The text, closed: letters of Base64.
    public func closing(_ text: String) -> String {
        guard let box = try? AES.GCM.seal(Data(text.utf8), using: key), let bytes = box.combined else {
            preconditionFailure("closing: a key of 256 bits and a nonce of its own always seal")
        }
        return bytes.base64EncodedString()
    }

    /// The text that was closed with this key; nil where it was with another one, or was changed.
    public func opening(_ closed: String) -> String? {
        guard let bytes = Data(base64Encoded: closed), let box = try? AES.GCM.SealedBox(combined: bytes),
            let text = try? AES.GCM.open(box, using: key)
        else { return nil }
        return String(validating: text, as: UTF8.self)
    }
}
