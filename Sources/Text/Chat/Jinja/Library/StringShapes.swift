extension String {
    /// The first letter large, all others small.
    var capitalizedFirst: String {
        let scalars = unicodeScalars
        guard let first = scalars.first else { return self }
        return first.properties.titlecaseMapping + String(scalars.dropFirst()).lowercased()
    }

    var swappingCase: String {
        unicodeScalars.reduce(into: "") { result, scalar in
            let text = String(scalar)
            result += text == text.uppercased() ? text.lowercased() : text.uppercased()
        }
    }

    /// Each word with a large letter first; a word starts after white space and after those characters.
    func titled(startsAfter startsWord: (Unicode.Scalar) -> Bool) -> String {
        var isStart = true
        return unicodeScalars.reduce(into: "") { result, scalar in
            result += isStart ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
            isStart = scalar.isSpace || startsWord(scalar)
        }
    }

    /// The lines of the text, at every line break Unicode knows.
    func lines(keepsEnds: Bool) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            if scalar == "\n", previous == "\r" {
                if keepsEnds, !lines.isEmpty { lines[lines.count - 1] += "\n" }
            } else if scalar.isLineBreak {
                if keepsEnds { line.append(scalar) }
                lines.append(String(line))
                line = String.UnicodeScalarView()
            } else {
                line.append(scalar)
            }
            previous = scalar
        }
        return line.isEmpty ? lines : lines + [String(line)]
    }

    /// With everything but letters, digits and a few marks as `%XX`.
    var percentEncoded: String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/".utf8)
        return utf8.reduce(into: "") { result, byte in
            if plain.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
