public import Foundation

/// A Jinja template, read once and rendered often.
///
/// It speaks the dialect of chat templates: what Jinja2 3.1 does with `trim_blocks`, `lstrip_blocks`, loop controls and
/// an immutable sandbox. A template can neither change what it is given nor reach anything else.
public struct Template: Sendable {
    private let root: Block
    private let names: NameTable
    public var limits = TemplateLimits()

    public init(_ source: String) throws {
        guard source.utf8.count <= 1 << 20 else { throw TemplateError(.syntax, "it is longer than 1 MB") }
        var parser = Parser(try Lexer.tokens(of: source))
        root = try parser.template()
        names = parser.names
    }

    /// The text of the template with those variables.
    ///
    /// - Parameters:
    ///   - now: what `strftime_now` shows.
    ///   - offset: how many seconds the local clock is ahead of UTC.
    public func render(_ variables: OrderedObject, now: Date, offset: Int = 0) throws -> String {
        let globals = names.globals.map { name in variables[name].map { Value($0) } ?? Library.global(name) }
        let clock = Moment(now, offset: offset)
        var scope = Scope(globals: globals, locals: names.localCount, limits: limits, clock: clock)
        defer { scope.finish() }
        _ = try root.run(&scope)
        return scope.output
    }
}
