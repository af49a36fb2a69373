/// A piece of template source.
struct Token: Sendable {
    enum Kind: Hashable, Sendable {
        case text(String)
        case blockBegin, blockEnd, variableBegin, variableEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(Symbol)
        case end
    }

    enum Symbol: String, CaseIterable, Sendable {
        case power = "**", floorDivide = "//", equal = "==", notEqual = "!=", lessEqual = "<=", greaterEqual = ">="
        case plus = "+", minus = "-", times = "*", divide = "/", modulo = "%", tilde = "~"
        case less = "<", greater = ">", assign = "=", dot = ".", comma = ",", colon = ":", pipe = "|"
        case openParenthesis = "(", closeParenthesis = ")", openBracket = "[", closeBracket = "]"
        case openBrace = "{", closeBrace = "}"
    }

    let kind: Kind
    let line: Int
}

extension Token.Kind: CustomStringConvertible {
    var description: String {
        switch self {
        case .text: "text"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}
