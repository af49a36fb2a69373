/// A type that a setting can be read as.
public protocol SettingValue {
    init?(setting: Settings.Value)

    /// What a person would call it in "expected …".
    static var expected: String { get }
}

extension Bool: SettingValue {
    public init?(setting: Settings.Value) {
        guard case .bool(let value) = setting else { return nil }
        self = value
    }

    public static var expected: String { "true or false" }
}

extension Int: SettingValue {
    public init?(setting: Settings.Value) {
        switch setting {
        case .integer(let value): self = value
        case .number(let value): self.init(exactly: value)
        default: return nil
        }
    }

    public static var expected: String { "a whole number" }
}

extension Double: SettingValue {
    public init?(setting: Settings.Value) {
        switch setting {
        case .integer(let value): self.init(value)
        case .number(let value): self = value
        default: return nil
        }
        guard isFinite else { return nil }
    }

    public static var expected: String { "a finite number" }
}

extension Float: SettingValue {
    public init?(setting: Settings.Value) {
        guard let value = Double(setting: setting), Float(value).isFinite else { return nil }
        self.init(value)
    }

    public static var expected: String { "a finite number" }
}

extension String: SettingValue {
    public init?(setting: Settings.Value) {
        guard case .string(let value) = setting else { return nil }
        self = value
    }

    public static var expected: String { "text" }
}

extension Array: SettingValue where Element: SettingValue {
    public init?(setting: Settings.Value) {
        guard case .array(let values) = setting else { return nil }
        let converted = values.compactMap(Element.init(setting:))
        guard converted.count == values.count else { return nil }
        self = converted
    }

    public static var expected: String { "a list, each item \(Element.expected)" }
}

extension Settings: SettingValue {
    public init?(setting: Value) {
        guard case .object(let values) = setting else { return nil }
        self.init(values)
    }

    public static var expected: String { "an object" }
}
