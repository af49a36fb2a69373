import Foundation

/// The two ways of Python to put values into a text, with the parts of them that templates use.
extension String {
    /// `"%s is %d" % (…)`.
    func formatted(_ values: [Value], _ scope: inout Scope) throws -> String {
        var result = ""
        var rest = values[...]
        var scalars = unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            var layout = ""
            var conversion = scalars.next()
            while let next = conversion, "0123456789.-+ #".unicodeScalars.contains(next) {
                layout.unicodeScalars.append(next)
                conversion = scalars.next()
            }
            guard let conversion else { throw TemplateError.evaluation("a format ends within a field") }
            if conversion == "%" {
                result += "%"
                continue
            }
            guard let value = rest.popFirst() else {
                throw TemplateError.evaluation("a format has more fields than values")
            }
            result += try value.formatted(FieldLayout(layout), conversion, &scope)
            try scope.budget.spend(bytes: result.utf8.count)
        }
        guard rest.isEmpty else { throw TemplateError.evaluation("a format has fewer fields than values") }
        return result
    }

    /// `"{} is {name}".format(…)`.
    func formatted(fields arguments: Arguments, _ scope: inout Scope) throws -> String {
        var result = ""
        var automatic = 0
        let pieces = unicodeScalars
        var index = pieces.startIndex
        while index < pieces.endIndex {
            let scalar = pieces[index]
            let after = pieces.index(after: index)
            let isDoubled = after < pieces.endIndex && pieces[after] == scalar
            if (scalar == "{" || scalar == "}") && isDoubled {
                result.unicodeScalars.append(scalar)
                index = pieces.index(after: after)
            } else if scalar == "{" {
                guard let end = pieces[after...].firstIndex(of: "}") else {
                    throw TemplateError.evaluation("a format's '{' is not closed")
                }
                let field = String(pieces[after..<end])
                result += try arguments.field(field, &automatic, &scope)
                try scope.budget.spend(bytes: result.utf8.count)
                index = pieces.index(after: end)
            } else {
                result.unicodeScalars.append(scalar)
                index = after
            }
        }
        return result
    }
}

extension Arguments {
    fileprivate func field(_ field: String, _ automatic: inout Int, _ scope: inout Scope) throws -> String {
        let parts = field.pieces(separator: ":", limit: 1)
        let path = parts[0].pieces(separator: ".")
        var value: Value?
        if path[0].isEmpty {
            value = positional.indices.contains(automatic) ? positional[automatic] : nil
            automatic += 1
        } else if let position = Int(path[0]) {
            value = positional.indices.contains(position) ? positional[position] : nil
        } else {
            value = self[path[0]]
        }
        guard var value else { throw TemplateError.evaluation("a format has no value for '{\(field)}'") }
        for name in path.dropFirst() { value = value.attribute(name) }
        guard parts.count == 2, let conversion = parts[1].unicodeScalars.last else {
            return try value.text(&scope.budget)
        }
        let isTyped = conversion.properties.isAlphabetic
        let layout = FieldLayout(isTyped ? String(parts[1].dropLast()) : parts[1])
        let standard: Unicode.Scalar = if case .float = value { "g" } else { "s" }
        return try value.formatted(layout, isTyped ? conversion : standard, &scope)
    }
}

/// `-08.3` and the like.
struct FieldLayout {
    var isLeft = false
    var isCentered = false
    var isZeroFilled = false
    var hasPlus = false
    var width = 0
    var precision: Int?

    init(_ text: String) {
        var flags = text[...]
        while let flag = flags.first, "-+ #0<>^".contains(flag) {
            if flag == "-" || flag == "<" { isLeft = true }
            if flag == "^" { isCentered = true }
            if flag == "0" { isZeroFilled = true }
            if flag == "+" { hasPlus = true }
            flags.removeFirst()
        }
        let parts = flags.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        width = min(parts.first.flatMap { Int($0) } ?? 0, 1_000)
        precision = parts.count == 2 ? min(Int(parts[1]) ?? 0, 100) : nil
    }

    func padded(_ text: String, isNumber: Bool) -> String {
        let space = width - text.scalarCount
        guard space > 0 else { return text }
        if isCentered { return " ".repeated(space / 2) + text + " ".repeated(space - space / 2) }
        if isLeft { return text + " ".repeated(space) }
        guard isZeroFilled, isNumber else { return " ".repeated(space) + text }
        let sign = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.prefix(1)) : ""
        return sign + "0".repeated(space) + text.dropFirst(sign.count)
    }
}

extension Value {
    fileprivate func formatted(
        _ layout: FieldLayout,
        _ conversion: Unicode.Scalar,
        _ scope: inout Scope
    ) throws -> String {
        switch conversion {
        case "s", "r":
            let text = try conversion == "s" ? text(&scope.budget) : quoted(&scope.budget)
            let cut = layout.precision.map { String(text.unicodeScalars.prefix($0)) }
            return layout.padded(cut ?? text, isNumber: false)
        case "d", "i", "x", "X", "o", "b":
            guard let number = integer ?? number.flatMap({ Int(exactly: $0.rounded(.towardZero)) }) else {
                throw missing ?? .evaluation("a format needs a number, not a \(kind.rawValue)")
            }
            let radix = ["x": 16, "X": 16, "o": 8, "b": 2][String(conversion)] ?? 10
            let digits = String(number, radix: radix, uppercase: conversion == "X")
            return layout.padded(layout.hasPlus && number >= 0 ? "+" + digits : digits, isNumber: true)
        case "f", "F", "e", "g":
            guard let number else { throw missing ?? .evaluation("a format needs a number, not a \(kind.rawValue)") }
            let digits = String(format: "%.\(layout.precision ?? 6)\(conversion)", number)
            return layout.padded(layout.hasPlus && number >= 0 ? "+" + digits : digits, isNumber: true)
        default: throw TemplateError.evaluation("a format's field of type '\(conversion)' is not supported")
        }
    }

    private func quoted(_ budget: inout Budget) throws -> String {
        var writer = TextWriter(output: "", budget: budget)
        defer { budget = writer.budget }
        try writer.writeQuoted(self)
        return writer.output
    }
}
