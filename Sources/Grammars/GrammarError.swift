/// Why a grammar, a pattern or a schema cannot be used.
package enum GrammarError: Error, Sendable, Hashable {
    /// A keyword that would be needed to keep the output valid; where it stands, and what can be done instead.
    case unsupported(keyword: String, path: String, why: String)
    /// The text breaks the rules of its own language.
    case syntax(String, path: String)
    /// Nothing at all would be valid.
    case nothingMatches(path: String)
    /// More than can be followed; `place` is what is too large and where, as far as that is known.
    case tooLarge(String, place: String = "")
    /// The rule can begin with itself before anything is written.
    case leftRecursion(String)
    /// What is wrong is the schema of this tool's arguments.
    indirect case tool(String, GrammarError)
}

extension GrammarError {
    /// Whether a tool that is not strict is served nevertheless: nothing that its schema asks for by name is dropped.
    var isForgiven: Bool {
        switch self {
        case .tooLarge, .nothingMatches: true
        default: false
        }
    }

    /// The same, with what its place is a part of.
    func within(_ whole: String) -> GrammarError {
        switch self {
        case .unsupported(let keyword, let path, let why):
            .unsupported(keyword: keyword, path: "\(Self.place(path)) of \(whole)", why: why)
        case .syntax(let message, let path): .syntax(message, path: "\(Self.place(path)) of \(whole)")
        case .nothingMatches(let path): .nothingMatches(path: "\(Self.place(path)) of \(whole)")
        case .tooLarge(let what, let place): .tooLarge(what, place: place.isEmpty ? whole : "\(place) of \(whole)")
        case .leftRecursion, .tool: self
        }
    }

    /// What the body returns; of what is too large there, and does not say where it stands, this is the place.
    static func naming<Result>(
        _ part: String,
        at path: String,
        _ body: () throws(GrammarError) -> Result
    ) throws(GrammarError) -> Result {
        try naming("\(part) at \(place(path))", body)
    }

    static func naming<Result>(
        _ place: String,
        _ body: () throws(GrammarError) -> Result
    ) throws(GrammarError) -> Result {
        do throws(GrammarError) { return try body() } catch {
            guard case .tooLarge(let what, place: "") = error else { throw error }
            throw .tooLarge(what, place: place)
        }
    }
}

extension GrammarError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupported(let keyword, let path, let why):
            "'\(keyword)' at \(Self.place(path)) is not supported: \(why)"
        case .syntax(let message, let path): "at \(Self.place(path)): \(message)"
        case .nothingMatches(let path):
            "nothing can be valid at \(Self.place(path)); its conditions contradict each other"
        case .tooLarge(let what, let place): "\(place.isEmpty ? "it" : place) is too large: \(what)"
        case .leftRecursion(let rule):
            "the rule '\(rule)' can begin with itself; put something before the repetition, or write it with '*'"
        case .tool(let name, let error): "\(error.within("the tool '\(name)'"))"
        }
    }

    private static func place(_ path: String) -> String { path.isEmpty ? "the top" : path }
}
