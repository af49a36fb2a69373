/// How JSON text is laid out.
public struct JSONStyle: Sendable, Hashable {
    public var itemSeparator: String
    public var keySeparator: String
    /// Nil for one line, else what one level of nesting is indented by.
    public var indent: String?
    public var sortsKeys: Bool
    /// Whether every character beyond ASCII becomes `\uXXXX`.
    public var escapesNonASCII: Bool

    public init(
        itemSeparator: String = ",",
        keySeparator: String = ":",
        indent: String? = nil,
        sortsKeys: Bool = false,
        escapesNonASCII: Bool = false
    ) {
        self.itemSeparator = itemSeparator
        self.keySeparator = keySeparator
        self.indent = indent
        self.sortsKeys = sortsKeys
        self.escapesNonASCII = escapesNonASCII
    }

    /// No space at all.
    public static let compact = JSONStyle()

    /// What Python's `json.dumps(…, ensure_ascii=False)` writes, which is what models were trained on.
    public static let python = JSONStyle(itemSeparator: ", ", keySeparator: ": ")
    public static let pretty = JSONStyle(keySeparator: ": ", indent: "  ")
}

extension JSON {
    public func text(_ style: JSONStyle = .compact) -> String {
        var writer = JSONWriter(style: style)
        writer.write(self)
        return writer.output
    }
}

extension JSON: CustomStringConvertible {
    public var description: String { text(.python) }
}

/// Writes JSON text piece by piece; who calls it walks the value.
struct JSONWriter {
    let style: JSONStyle
    private var bytes: [UInt8] = []
    private var depth = 0

    var output: String { String(decoding: bytes, as: UTF8.self) }

    init(style: JSONStyle) { self.style = style }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): write(value)
        case .string(let value): write(value)
        case .array(let elements):
            open("[")
            for (index, element) in elements.enumerated() {
                separate(index)
                write(element)
            }
            close("]", isEmpty: elements.isEmpty)
        case .object(let members): write(members)
        }
    }

    private mutating func write(_ members: OrderedObject) {
        var pairs = Array(members)
        if style.sortsKeys { pairs.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) } }
        open("{")
        for (index, (name, value)) in pairs.enumerated() {
            separate(index)
            write(name)
            append(style.keySeparator)
            write(value)
        }
        close("}", isEmpty: pairs.isEmpty)
    }

    /// JSON has no word for what is not finite; Python's three are used.
    mutating func write(_ value: Double) {
        append(value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.shortest)
    }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
    mutating func append(_ run: Slice<UnsafeBufferPointer<UInt8>>) { bytes.append(contentsOf: run) }

    mutating func open(_ bracket: String) {
        append(bracket)
        depth += 1
    }

    mutating func separate(_ index: Int) {
        if index > 0 { append(style.itemSeparator) }
        newLine()
    }

    mutating func close(_ bracket: String, isEmpty: Bool) {
        depth -= 1
        if !isEmpty { newLine() }
        append(bracket)
    }

    private mutating func newLine() {
        guard let indent = style.indent else { return }
        append("\n")
        for _ in 0..<depth { append(indent) }
    }
}
