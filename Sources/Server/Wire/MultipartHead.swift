import Foundation
import HTTPTypes

/// What the headers of a part say of it.
package struct MultipartHead: Hashable, Sendable {
    /// The field's name.
    package let name: String
    /// Nil for a part that is a value and no file.
    package let filename: String?

    package init(name: String, filename: String? = nil) { (self.name, self.filename) = (name, filename) }

    /// - Parameter bytes: header lines, each after a `\r\n`.
    init(_ bytes: some Collection<UInt8>) throws(APIError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .multipart("the headers of a part are not UTF-8")
        }
        let lines = text.components(separatedBy: "\r\n").dropFirst()
        let disposition = lines.first { $0.lowercased().hasPrefix("content-disposition:") }
        guard let disposition, let fields = HeaderFields(disposition.drop { $0 != ":" }.dropFirst()),
            fields.value.lowercased() == "form-data", let name = fields["name"]
        else { throw .multipart("a part has no 'Content-Disposition: form-data' with a name") }
        self.name = Self.unquoted(name)
        filename = fields.extended("filename") ?? fields["filename"].map(Self.unquoted)
    }

    /// Browsers, and clients after them, write a quote so (WHATWG, HTML § 4.10.21.8).
    private static func unquoted(_ text: String) -> String { text.replacing("%22", with: "\"") }
}

/// A header's value and its parameters: `form-data; name="file"; filename="a;b.jsonl"`.
struct HeaderFields {
    let value: String
    private var parameters: [String: String] = [:]

    /// Nil where a quote is not closed or a parameter has no value.
    init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        value = String(rest.prefix { $0 != ";" }).trimmed
        rest = rest.dropFirst(rest.prefix { $0 != ";" }.count)
        while rest.first == ";" {
            rest.removeFirst()
            let name = String(rest.prefix { $0 != "=" && $0 != ";" })
            rest = rest.dropFirst(name.count)
            if name.trimmed.isEmpty, rest.first != "=" { continue }
            guard rest.popFirst() == "=", let value = Self.value(&rest) else { return nil }
            parameters[name.trimmed.lowercased()] = value
        }
        guard rest.isEmpty else { return nil }
    }

    subscript(name: String) -> String? { parameters[name] }

    /// RFC 5987: `filename*=UTF-8''na%C3%AFve.txt`.
    func extended(_ name: String) -> String? {
        guard let value = parameters[name + "*"], value.lowercased().hasPrefix("utf-8'") else { return nil }
        return value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false).last?.removingPercentEncoding
    }

    private static func value(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest.dropFirst(token.count)
            return String(token).trimmed
        }
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"":
                rest = rest.drop { $0 == " " || $0 == "\t" }
                return value
            case "\\" where rest.first == "\"" || rest.first == "\\": value.append(rest.removeFirst())
            default: value.append(character)
            }
        }
        return nil
    }
}

extension MultipartParser {
    /// The boundary that a `Content-Type` names.
    ///
    /// - Throws: a refusal if it is another type, or names none of 1 to 70 harmless characters.
    package static func boundary(of contentType: String?) throws(APIError) -> String {
        guard let contentType, let fields = HeaderFields(contentType),
            fields.value.lowercased() == "multipart/form-data"
        else {
            throw APIError(
                status: .unsupportedMediaType,
                kind: .invalidRequest,
                message:
                    "A file is uploaded as 'multipart/form-data', not as '\((contentType ?? "nothing").prefix(80))'.",
                code: "unsupported_media_type"
            )
        }
        guard let boundary = fields["boundary"], (1...70).contains(boundary.utf8.count), boundary.last != " ",
            boundary.utf8.allSatisfy({ isHarmless($0) })
        else { throw .multipart("its 'boundary' is missing, or not 1 to 70 of the characters that RFC 2046 allows") }
        return boundary
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
}

extension APIError {
    static func multipart(_ what: String) -> APIError {
        .invalid(nil, "The body is not valid multipart/form-data: \(what).", code: "invalid_multipart")
    }
}
