/// Characters between quotes, where some of them are escaped.
enum Escapes {
    /// The bytes of an escape in a JSON string (RFC 8259 § 7).
    static func json(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x22: Array(#"\""#.utf8)
        case 0x5C: Array(#"\\"#.utf8)
        case 0x08: Array(#"\b"#.utf8)
        case 0x09: Array(#"\t"#.utf8)
        case 0x0A: Array(#"\n"#.utf8)
        case 0x0C: Array(#"\f"#.utf8)
        case 0x0D: Array(#"\r"#.utf8)
        default: Array(#"\u00"#.utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
    }

    private static let hex = Array("0123456789abcdef".utf8)

    /// Between Python's single quotes.
    static func python(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x27: Array(#"\'"#.utf8)
        case 0x5C: Array(#"\\"#.utf8)
        case 0x0A: Array(#"\n"#.utf8)
        case 0x0D: Array(#"\r"#.utf8)
        default: [byte]
        }
    }

    /// One character of a JSON string.
    static let json: Expression = {
        let digit = Expression.choice([.range(0x30...0x39), .range(0x41...0x46), .range(0x61...0x66)])
        let notD = Expression.choice([
            .range(0x30...0x39), .range(0x41...0x43), .range(0x45...0x46), .range(0x61...0x63), .range(0x65...0x66),
        ])
        let d = Expression.choice([.literal("D"), .literal("d")])
        let high = Expression.choice([.range(0x38...0x39), .range(0x41...0x42), .range(0x61...0x62)])
        let low = Expression.choice([.range(0x43...0x46), .range(0x63...0x66)])
        let unit = Expression.choice([
            .sequence([notD, digit, digit, digit]),
            .sequence([d, .range(0x30...0x37), digit, digit]),
            .sequence([d, high, digit, digit, .literal("\\u"), d, low, digit, digit]),
        ])
        return .choice([
            plain([0x20...0x21, 0x23...0x5B, 0x5D...0x10_FFFF]),
            .sequence([.literal("\\"), .choice("\"\\/bfnrt".utf8.map { .range($0...$0) })]),
            .sequence([.literal("\\u"), unit]),
        ])
    }()

    /// One character between Python's single quotes.
    static let python = Expression.choice([
        plain([0x20...0x26, 0x28...0x5B, 0x5D...0x10_FFFF]),
        .sequence([.literal("\\"), .choice("'\\nr".utf8.map { .range($0...$0) })]),
    ])

    static func plain(_ ranges: [ClosedRange<UInt32>]) -> Expression {
        .choice(ranges.flatMap(UTF8Ranges.sequences).map { .sequence($0.map { .range($0) }) })
    }
}
