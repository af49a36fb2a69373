import Text

/// What a run learns from.
public struct DataChoice: Sendable, Hashable {
    /// One file, how its rows are laid out, and how often it is taken beside others.
    public struct File: Sendable, Hashable {
        public let path: String
        /// How it is cut into rows; nil: as its name says. The layout of rows; nil: recognised by itself.
        public let format: Format?, layout: String?
        public let weight: Double

        public init(_ path: String, format: Format? = nil, layout: String? = nil, weight: Double = 1) {
            (self.path, self.format, self.layout, self.weight) = (path, format, layout, weight)
        }
    }

    /// How a file is cut into rows. `text` is one document, `lines` one a line, `paragraphs` one between empty lines.
    public enum Format: String, Sendable, CaseIterable { case jsonl, json, csv, tsv, text, lines, paragraphs }

    public let train: [File]
    /// Files that are measured, never learnt from; empty: a share of the training documents is held out.
    public let validation: [File]
    /// The share of documents held out where there are no files for it.
    public let share: Double
    /// The most rows that may be set aside as malformed; nil for any number.
    public let mostRejected: Int?

    init(_ section: ConfigurationSection) throws {
        train = try Self.files(section, "train")
        guard !train.isEmpty else {
            throw RunConfigurationError(section.place("train"), "name at least one file to learn from")
        }
        validation = try Self.files(section, "validation")
        share = try section.value("validation_share", .number(0...0.5), default: validation.isEmpty ? 0.01 : 0)
        mostRejected = try section.value("most_rejected", orNone: .integer(0...Int.max))
    }

    /// A path, a list of paths, or a list of `{path, format, layout, weight}`.
    private static func files(_ section: ConfigurationSection, _ key: String) throws -> [File] {
        guard let field = section.raw(key) else { return [] }
        let items = field.value?.array == nil ? [field] : try field.elements
        return try items.map { item in
            let file = try file(item)
            section.note(key, file.path)
            return file
        }
    }

    private static func file(_ item: JSONField) throws -> File {
        if let path = item.value?.string { return File(path) }
        guard item.value?.object != nil else {
            throw RunConfigurationError(item.path, "should be a path, or {path: …, format: …, layout: …, weight: …}")
        }
        let section = try ConfigurationSection(item)
        guard let path = try section.optional("path", .text) else {
            throw RunConfigurationError(section.place("path"), "is missing: which file?")
        }
        let file = File(
            path,
            format: try section.optional("format", .choice),
            layout: try section.optional("layout", .text),
            weight: try section.optional("weight", .number(0.001...1000)) ?? 1
        )
        try section.close()
        return file
    }
}
