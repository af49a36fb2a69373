extension String {
    func call(_ method: Method, _ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        if let text = try shaped(method, arguments) { return .string(text) }
        if let answer = try predicate(method, arguments) { return .bool(answer) }
        switch method {
        case .split, .rsplit: return try split(method, arguments, &scope)
        case .splitlines: return .strings(lines(keepsEnds: arguments.positional.first?.isTrue ?? false))
        case .replace:
            return try replacing(try arguments.bound(to: "old", "new", "count", of: "replace"), &scope)
        case .find, .rfind, .index, .count: return try search(method, arguments, &scope)
        case .partition, .rpartition: return try partitioned(method, arguments)
        case .format: return .string(try formatted(fields: arguments, &scope))
        case .join:
            guard let list = arguments.positional.first else { throw TemplateError.evaluation("'join' needs a list") }
            let parts = try list.items(&scope).map { try $0.requireString("join") }
            let size = parts.reduce(0) { $0 + $1.utf8.count }
            try scope.budget.spend(bytes: size)
            try scope.budget.spend(bytes: utf8.count, times: parts.count)
            return .string(parts.joined(separator: self))
        default: throw TemplateError.evaluation("a str's method '\(method.rawValue)' is not supported")
        }
    }

    /// Methods that return the string in another shape.
    private func shaped(_ method: Method, _ arguments: Arguments) throws -> String? {
        let first = arguments.positional.first
        switch method {
        case .strip: return try stripped(first, leading: true, trailing: true)
        case .lstrip: return try stripped(first, leading: true, trailing: false)
        case .rstrip: return try stripped(first, leading: false, trailing: true)
        case .upper: return uppercased()
        case .lower, .casefold: return lowercased()
        case .capitalize: return capitalizedFirst
        case .title: return titled { !$0.properties.isAlphabetic }
        case .swapcase: return swappingCase
        case .removeprefix: return try removing(affix(first, method), atStart: true)
        case .removesuffix: return try removing(affix(first, method), atStart: false)
        case .zfill: return zeroFilled(try width(first, method))
        case .ljust: return try self + padding(arguments, method)
        case .rjust: return try padding(arguments, method) + self
        default: return nil
        }
    }

    private func predicate(_ method: Method, _ arguments: Arguments) throws -> Bool? {
        switch method {
        case .startswith: return try affixes(arguments, method).contains { begins(with: $0) }
        case .endswith: return try affixes(arguments, method).contains { ends(with: $0) }
        case .isdigit: return consists { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
        case .isalpha: return consists(of: \.properties.isAlphabetic)
        case .isalnum: return consists { $0.properties.isAlphabetic || $0.properties.numericType != nil }
        case .isspace: return consists(of: \.isSpace)
        case .isupper: return self == uppercased() && self != lowercased()
        case .islower: return self == lowercased() && self != uppercased()
        default: return nil
        }
    }

    private func consists(of isMember: (Unicode.Scalar) -> Bool) -> Bool {
        !isEmpty && unicodeScalars.allSatisfy(isMember)
    }

    private func begins(with part: String) -> Bool { utf8.starts(with: part.utf8) }
    private func ends(with part: String) -> Bool { utf8.reversed().starts(with: part.utf8.reversed()) }

    func stripped(_ characters: Value?, leading: Bool, trailing: Bool) throws -> String {
        guard let characters, !characters.isNone else {
            return trimmed(leading: leading, trailing: trailing, where: \.isSpace)
        }
        let set = Array(try characters.requireString("strip").unicodeScalars)
        return trimmed(leading: leading, trailing: trailing) { set.contains($0) }
    }

    private func affix(_ value: Value?, _ method: Method) throws -> String {
        guard let value else { throw TemplateError.evaluation("'\(method.rawValue)' needs an argument") }
        return try value.requireString(method.rawValue)
    }

    private func affixes(_ arguments: Arguments, _ method: Method) throws -> [String] {
        if case .list(let list) = arguments.positional.first, list.isTuple {
            return try list.items.map { try affix($0, method) }
        }
        return [try affix(arguments.positional.first, method)]
    }

    private func removing(_ affix: String, atStart: Bool) -> String {
        let count = affix.utf8.count
        if atStart { return begins(with: affix) ? slice(count..<utf8.count) : self }
        return ends(with: affix) ? slice(0..<(utf8.count - count)) : self
    }

    private func width(_ value: Value?, _ method: Method) throws -> Int {
        guard let value else { throw TemplateError.evaluation("'\(method.rawValue)' needs a width") }
        let width = try value.requireInteger(method.rawValue)
        guard width <= 10_000 else { throw TemplateError.limit("a width of more than 10000") }
        return max(width, 0)
    }

    private func padding(_ arguments: Arguments, _ method: Method) throws -> String {
        let bound = try arguments.bound(to: "width", "fillchar", of: method.rawValue)
        return (try bound[1]?.requireString(method.rawValue) ?? " ").repeated(try width(bound[0], method) - scalarCount)
    }

    private func zeroFilled(_ width: Int) -> String {
        let zeros = "0".repeated(width - scalarCount)
        guard let first, first == "-" || first == "+" else { return zeros + self }
        return String(first) + zeros + dropFirst()
    }

    private func split(_ method: Method, _ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        let bound = try arguments.bound(to: "sep", "maxsplit", of: method.rawValue)
        let asked = try bound[1]?.requireInteger(method.rawValue) ?? -1
        let limit = asked < 0 ? Int.max : asked
        guard let separator = bound[0], !separator.isNone else {
            guard method == .rsplit, limit < .max else { return .strings(words(limit: limit)) }
            let reversed = String(String.UnicodeScalarView(unicodeScalars.reversed())).words(limit: limit)
            return .strings(reversed.reversed().map { String(String.UnicodeScalarView($0.unicodeScalars.reversed())) })
        }
        let text = try separator.requireString(method.rawValue)
        guard !text.isEmpty else { throw TemplateError.evaluation("a str cannot be split at nothing") }
        try scope.budget.spend(bytes: 16, times: occurrences(of: text))
        return .strings(
            method == .rsplit && limit < .max
                ? piecesFromEnd(separator: text, limit: limit) : pieces(separator: text, limit: limit)
        )
    }

    private func search(_ method: Method, _ arguments: Arguments, _ scope: inout Scope) throws -> Value {
        let part = try affix(arguments.positional.first, method)
        if method == .count {
            return .integer(part.isEmpty ? scalarCount + 1 : occurrences(of: part))
        }
        let start = arguments.positional.count > 1 ? try arguments.positional[1].requireInteger(method.rawValue) : 0
        let offsets = scalarOffsets
        let first = offsets[min(max(start < 0 ? start + offsets.count - 1 : start, 0), offsets.count - 1)]
        var match = firstOffset(of: part, from: first)
        while method == .rfind, !part.isEmpty, let later = match.flatMap({ firstOffset(of: part, from: $0 + 1) }) {
            match = later
        }
        guard let match else {
            guard method != .index else { throw TemplateError.evaluation("the str does not contain '\(part)'") }
            return .integer(-1)
        }
        return .integer(slice(0..<match).scalarCount)
    }

    private func partitioned(_ method: Method, _ arguments: Arguments) throws -> Value {
        let separator = try affix(arguments.positional.first, method)
        guard !separator.isEmpty else { throw TemplateError.evaluation("a str cannot be split at nothing") }
        let pieces =
            method == .partition
            ? pieces(separator: separator, limit: 1) : piecesFromEnd(separator: separator, limit: 1)
        let parts: [String] =
            pieces.count == 2
            ? [pieces[0], separator, pieces[1]] : method == .partition ? [self, "", ""] : ["", "", self]
        return .list(List(unchecked: parts.map(Value.string), isTuple: true, depth: 1))
    }

    /// Replaces `bound[0]` by `bound[1]`, at most `bound[2]` times.
    func replacing(_ bound: [Value?], _ scope: inout Scope) throws -> Value {
        guard let old = bound[0], let new = bound[1] else {
            throw TemplateError.evaluation("'replace' needs two strings")
        }
        let limit = try bound[2].flatMap { $0.isNone ? nil : try $0.requireInteger("replace") } ?? -1
        let oldText = try old.requireString("replace")
        let newText = try new.requireString("replace")
        let matches = oldText.isEmpty ? scalarCount + 1 : occurrences(of: oldText)
        try scope.budget.spend(bytes: newText.utf8.count + 16, times: matches)
        return .string(replacing(bytesOf: oldText, with: newText, limit: limit < 0 ? .max : limit))
    }
}
