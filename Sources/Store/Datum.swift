/// What stands in a column, or for a parameter.
public enum Datum: Hashable, Sendable {
    case null
    case integer(Int)
    case real(Double)
    /// Without NUL characters.
    case text(String)
}

extension Datum {
    public init(_ value: Int?) { self = value.map(Datum.integer) ?? .null }
    public init(_ value: Double?) { self = value.map(Datum.real) ?? .null }
    public init(_ value: String?) { self = value.map(Datum.text) ?? .null }
}

extension Datum: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .text(value) }
}
