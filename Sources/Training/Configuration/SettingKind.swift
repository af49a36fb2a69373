import Text

/// How a setting is read from JSON or YAML, and shown.
struct SettingKind<Value> {
    /// What a person would call it in "should be …".
    let expected: String
    let read: (JSON) -> Value?
    let write: (Value) -> String
}

extension SettingKind where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        let most = range.upperBound == .max ? "on" : "to \(range.upperBound)"
        return SettingKind(
            expected: "a whole number from \(range.lowerBound) \(most)",
            read: { $0.integer.flatMap { range.contains($0) ? $0 : nil } },
            write: { "\($0)" }
        )
    }

    static var count: Self { .integer(1...(1 << 40)) }
}

extension SettingKind where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> Self {
        SettingKind(
            expected: range.upperBound == .infinity
                ? "a number from \(range.lowerBound) on" : "a number from \(range.lowerBound) to \(range.upperBound)",
            read: { $0.double.flatMap { $0.isFinite && range.contains($0) ? $0 : nil } },
            write: { "\($0)" }
        )
    }

    static var share: Self { .number(0...1) }
}

extension SettingKind where Value == Float {
    static func number(_ range: ClosedRange<Double>) -> Self {
        let wide = SettingKind<Double>.number(range)
        return SettingKind(expected: wide.expected, read: { wide.read($0).map { Float($0) } }, write: { "\($0)" })
    }
}

extension SettingKind where Value == Bool {
    static var flag: Self { SettingKind(expected: "true or false", read: \.bool, write: { "\($0)" }) }
}

extension SettingKind where Value == String {
    static var text: Self {
        SettingKind(expected: "a text", read: { $0.string.flatMap { $0.isEmpty ? nil : $0 } }, write: { $0 })
    }
}

extension SettingKind where Value == [String] {
    /// One text, or a list of them.
    static var texts: Self {
        SettingKind(
            expected: "a text, or a list of texts",
            read: { json in
                if let text = json.string { return [text] }
                guard let texts = json.array?.map(\.string), !texts.contains(nil) else { return nil }
                return texts.compactMap(\.self)
            },
            write: { $0.joined(separator: ", ") }
        )
    }
}

extension SettingKind where Value: RawRepresentable, Value.RawValue == String, Value: CaseIterable {
    /// One of the words of an enumeration.
    static var choice: Self {
        SettingKind(
            expected: "one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))",
            read: { $0.string.flatMap(Value.init(rawValue:)) },
            write: \.rawValue
        )
    }
}
