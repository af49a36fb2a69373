package import Store

/// A file that a client uploaded, or that was made for one.
package struct StoredFile: Sendable {
    package let id: String, name: String, purpose: String
    package let blob: Blob
    package let created: Int
    /// When it goes by itself, in seconds of the Unix epoch.
    package let expires: Int?

    init(id: String, name: String, purpose: String, blob: Blob, created: Int, expires: Int?) {
        (self.id, self.name, self.purpose) = (id, name, purpose)
        (self.blob, self.created, self.expires) = (blob, created, expires)
    }

    init(_ row: Row) throws {
        id = try row.text("id")
        name = try row.text("name")
        purpose = try row.text("purpose")
        blob = Blob(digest: try row.text("digest"), size: try row.integer("size"))
        created = try row.integer("created_at")
        expires = try row.optionalInteger("expires_at")
    }

    static let columns = "id, name, purpose, digest, size, created_at, expires_at"
}
