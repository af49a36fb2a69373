public import Foundation

/// A file to learn from: where it is, how it is written and what its rows mean.
public struct DataSource: Sendable, Hashable {
    public var url: URL
    public var format: DataFormat
    public var layout: DataLayout

    /// - Parameters:
    ///   - format: nil to go by the file's name.
    ///   - layout: nil to go by the names in each row.
    /// - Throws: `DataError.unsupported` where neither says how to read the file.
    public init(_ url: URL, format: DataFormat? = nil, layout: DataLayout = .automatic) throws(DataError) {
        guard let format = format ?? DataFormat(fileName: url.lastPathComponent) else {
            let what = "the name does not tell what it holds; name the format: jsonl, json, csv, tsv or text"
            throw .unsupported(file: url.path, what: what)
        }
        (self.url, self.format, self.layout) = (url, format, layout)
    }
}

/// How a file is cut into rows.
public enum DataFormat: Sendable, Hashable {
    /// A JSON value on each line.
    case jsonLines
    /// An array of values (RFC 8259), or values one after another.
    case json
    /// RFC 4180, with the columns' names in the first row; the byte stands between fields.
    case table(separator: UInt8)
    case text(TextSplit)

    public static let csv = Self.table(separator: UInt8(ascii: ","))
    public static let tsv = Self.table(separator: UInt8(ascii: "\t"))

    /// The format that a file's name promises.
    public init?(fileName: String) {
        switch fileName.split(separator: ".").last?.lowercased() {
        case "jsonl", "ndjson": self = .jsonLines
        case "json": self = .json
        case "csv": self = .csv
        case "tsv", "tab": self = .tsv
        case "txt", "text", "md": self = .text(.whole)
        case "gz", "zst", "xz", "bz2", "zip", "parquet":
            self = .jsonLines  // refused by its first bytes, with a remedy
        default: return nil
        }
    }

    /// What tells it from other formats, in a fingerprint.
    var name: String {
        switch self {
        case .jsonLines: "jsonl"
        case .json: "json"
        case .table(let separator): "table \(separator)"
        case .text(let split): "text \(split.name)"
        }
    }
}

/// Where one document of a plain text ends and the next begins.
public enum TextSplit: Sendable, Hashable {
    /// The file is one document.
    case whole
    /// Each line is one; empty lines are none.
    case lines
    /// One or more empty lines, or lines of spaces, stand between documents.
    case blankLines
    /// This text stands between documents, such as `\n\n\n` or `<|endoftext|>`; not empty.
    case separator(String)

    var name: String {
        switch self {
        case .whole: "whole"
        case .lines: "lines"
        case .blankLines: "blank"
        case .separator(let text): "by \(Array(text.utf8))"
        }
    }
}
