/// Formats of strings (JSON Schema Validation § 7.3) as patterns. Each matches some of what the format allows, and nothing else.
enum Formats {
    /// Of years 1000 to 2999, every day there was or will be (RFC 3339 § 5.6).
    private static let date =
        "([12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
        + "|02-(0[1-9]|1[0-9]|2[0-8]))|([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)-02-29)"
    private static let clock = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?"
    private static let zone = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    private static let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
    private static let host = "\(label)(\\.\(label)){0,3}"
    private static let word = "[A-Za-z0-9_+-]{1,20}(\\.[A-Za-z0-9_+-]{1,20}){0,3}"
    private static let byte = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    private static let group = "[0-9A-Fa-f]{1,4}"
    private static let path = "(/[A-Za-z0-9._~-]{0,40}){0,12}"

    private static let sources: [String: String] = [
        "date": date,
        "time": clock + zone,
        "date-time": "(\(date))T\(clock)\(zone)",
        "duration": "P([1-9][0-9]{0,3}D(T[1-9][0-9]{0,3}[HMS])?|T[1-9][0-9]{0,3}[HMS]|[1-9][0-9]{0,3}[WMY])",
        "email": "\(word)@\(label)(\\.\(label)){1,3}",
        "idn-email": "\(word)@\(label)(\\.\(label)){1,3}",
        "hostname": host,
        "idn-hostname": host,
        "ipv4": "(\(byte)\\.){3}\(byte)",
        "ipv6": "(\(group):){7}\(group)|::1|::",
        "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "uri": "https?://\(host)(:[1-9][0-9]{1,3})?\(path)(\\?[A-Za-z0-9._~=&-]{1,60})?(#[A-Za-z0-9._~-]{0,40})?",
        "iri": "https?://\(host)(:[1-9][0-9]{1,3})?\(path)",
        "uri-reference": "(https?://\(host))?\(path)",
        "json-pointer": path,
    ]

    /// What asks for nothing that letters could show, or belongs to numbers.
    private static let silent: Set<String> = [
        "password", "int32", "int64", "float", "double", "binary", "byte", "string", "text", "markdown", "html",
    ]

    /// Those of the specification that are not kept.
    private static let unkept: Set = ["regex", "uri-template", "relative-json-pointer", "iri-reference"]

    /// Whether nothing is known of it, and no other is likely to be meant.
    static func isStrange(_ name: String) -> Bool {
        guard !silent.contains(name), sources[name] == nil else { return false }
        return unkept.contains(name) || SchemaKeywords.nearest(name, in: sources.keys) == nil
    }

    static func machine(_ name: String, path: String) throws(GrammarError) -> CharacterMachine {
        if silent.contains(name) { return .anything }
        guard let source = sources[name] else {
            let meant = SchemaKeywords.nearest(name, in: sources.keys)
            let known = sources.keys.sorted().joined(separator: ", ")
            let why = meant.map { "did you mean '\($0)'?" } ?? "known are \(known)"
            throw .unsupported(keyword: "format", path: path, why: "'\(name)' is unknown here; \(why)")
        }
        return try Pattern.machine(source, .whole, path: path)
    }
}
