public import Foundation

/// Sessions by name, a file each: `NAME.session`.
public struct SessionFolder: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// What is known of a session without reading it.
    public struct Entry: Sendable, Hashable {
        public var name: String, bytes: Int, saved: Date
        /// What the model was called, and how many tokens its cache has; nil where the file does not say.
        public var model: String?, tokens: Int?
    }

    public func path(_ name: String) throws(SessionError) -> String {
        guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/) != nil else { throw .badName(name) }
        return path + "/" + name + ".session"
    }

    /// Nil where there is none of that name.
    public func session(_ name: String) throws(SessionError) -> Session? {
        let path = try path(name)
        return FileManager.default.fileExists(atPath: path) ? try Session(path: path) : nil
    }

    /// By name.
    public var entries: [Entry] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return files.filter { $0.hasSuffix(".session") }.sorted().compactMap { file in
            guard let about = try? FileManager.default.attributesOfItem(atPath: path + "/" + file) else { return nil }
            let said = Session.about(path: path + "/" + file)
            return Entry(
                name: String(file.dropLast(".session".count)),
                bytes: about[.size] as? Int ?? 0,
                saved: about[.modificationDate] as? Date ?? .distantPast,
                model: said?.model,
                tokens: said?.tokens
            )
        }
    }

    /// Returns false where there is none of that name.
    public func remove(_ name: String) throws(SessionError) -> Bool { unlink(try path(name)) == 0 }
}
