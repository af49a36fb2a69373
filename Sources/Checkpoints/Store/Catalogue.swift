/// What a model is for.
public enum ModelKind: String, Sendable, Codable, CaseIterable {
    /// Follows instructions; has a chat template.
    case chat
    /// Continues text; has no chat template.
    case base
    /// Turns text into a vector.
    case embedding
}

/// A model that is known by name.
public struct CatalogueEntry: Sendable, Hashable {
    public let name: String
    public let aliases: [String]
    /// One line for a person.
    public let summary: String
    public let kind: ModelKind
    /// The file's name in the store.
    public let file: String
    public let bytes: Int
    public let sha256: String
    /// An SPDX identifier, or the name of the terms.
    public let licence: String
    /// The most tokens of one conversation.
    public let context: Int
    /// In the order in which they are tried.
    public let sources: [ModelSource]
    /// Files that the model's own needs beside it, such as a tokenizer's.
    public let companions: [Companion]

    public struct Companion: Sendable, Hashable {
        public let file: String
        public let bytes: Int
        public let sha256: String
        public let sources: [ModelSource]
    }

    public init(
        name: String,
        aliases: [String] = [],
        summary: String,
        kind: ModelKind,
        file: String,
        bytes: Int,
        sha256: String,
        licence: String,
        context: Int,
        sources: [ModelSource],
        companions: [Companion] = []
    ) {
        (self.name, self.aliases, self.summary, self.kind) = (name, aliases, summary, kind)
        (self.file, self.bytes, self.sha256) = (file, bytes, sha256)
        (self.licence, self.context, self.sources, self.companions) = (licence, context, sources, companions)
    }
}

/// The models that are known by name.
public struct Catalogue: Sendable {
    public let entries: [CatalogueEntry]

    public init(_ entries: [CatalogueEntry]) { self.entries = entries }

    /// The entry of a name, an alias or a file's name, whatever the case of its letters.
    public subscript(name: String) -> CatalogueEntry? {
        let wanted = name.lowercased()
        return entries.first { entry in
            entry.name == wanted || entry.file.lowercased() == wanted || entry.aliases.contains(wanted)
        }
    }

    /// The known names that look most like `name`, nearest first.
    static func nearest(to name: String, among names: [String], most: Int = 3) -> [String] {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
        let scored = names.map { known -> (String, Int) in
            let letters = Array(known.lowercased().unicodeScalars.prefix(64))
            let contains = known.lowercased().contains(name.lowercased())
            return (known, contains ? 0 : distance(wanted, letters))
        }
        let limit = max(3, wanted.count / 2)
        return scored.filter { $0.1 <= limit }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(most).map(\.0)
    }

    /// Levenshtein's distance: letters to add, drop or replace.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
