/// Writes values as Python prints them.
struct TextWriter {
    var output: String
    var budget: Budget

    /// What `str(value)` gives: a string without quotes, nothing for what is undefined.
    mutating func write(_ value: Value) throws {
        switch value {
        case .undefined: break
        case .string(let text): try append(text)
        default: try writeQuoted(value)
        }
    }

    /// What `repr(value)` gives.
    mutating func writeQuoted(_ value: Value) throws {
        switch value {
        case .undefined: try append("Undefined")
        case .none: try append("None")
        case .bool(let value): try append(value ? "True" : "False")
        case .integer(let value): try append(String(value))
        case .float(let value): try append(value.shortest)
        case .string(let text): try append(text.quoted)
        case .list(let list): try write(list)
        case .mapping(let mapping): try write(mapping)
        case .namespace: try append("<Namespace>")
        case .loop(let loop): try append("<LoopContext \(loop.index + 1)/\(loop.items.count)>")
        case .function(let function): try append("<function \(function.name)>")
        }
    }

    private mutating func write(_ list: List) throws {
        try append(list.isTuple ? "(" : "[")
        for (index, item) in list.items.enumerated() {
            if index > 0 { try append(", ") }
            try writeQuoted(item)
        }
        if list.isTuple, list.items.count == 1 { try append(",") }
        try append(list.isTuple ? ")" : "]")
    }

    private mutating func write(_ mapping: Mapping) throws {
        try append("{")
        for (index, (key, value)) in zip(mapping.keys, mapping.values).enumerated() {
            if index > 0 { try append(", ") }
            try writeQuoted(key)
            try append(": ")
            try writeQuoted(value)
        }
        try append("}")
    }

    private mutating func append(_ text: String) throws {
        try budget.spend(bytes: text.utf8.count + 1)
        output += text
    }
}

extension Value {
    func text(_ budget: inout Budget) throws -> String {
        if case .string(let text) = self { return text }
        var writer = TextWriter(output: "", budget: budget)
        defer { budget = writer.budget }
        try writer.write(self)
        return writer.output
    }
}

extension String {
    /// The string as a Python literal: in single quotes, unless only double quotes spare an escape.
    fileprivate var quoted: String {
        let quote: Unicode.Scalar = utf8.contains(UInt8(ascii: "'")) && !utf8.contains(UInt8(ascii: "\"")) ? "\"" : "'"
        var result = String(quote)
        for scalar in unicodeScalars {
            switch scalar {
            case quote, "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.isPrintable: result.unicodeScalars.append(scalar)
            default: result += scalar.numericEscape
            }
        }
        return result + String(quote)
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }

    fileprivate var numericEscape: String {
        let (prefix, width) = value < 0x100 ? ("\\x", 2) : value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
        let digits = String(value, radix: 16)
        return prefix + String(repeating: "0", count: width - digits.count) + digits
    }
}
