/// Something that can be set: by a flag, by a variable of the environment, or by a key of `yuyan.yaml`, in that order.
///
/// All three are read by the one `read`, so that they take the same values and refuse them in the same words.
package struct Setting<Value: Sendable>: Sendable {
    /// The flag's long name and the key of the file.
    package let key: String
    let help: String, valueName: String?
    /// What holds where nobody says anything, as help tells it.
    private(set) var standard: String
    let isList: Bool
    /// Its value is shown to nobody.
    let isSecret: Bool
    /// One text, or for a list any number of them.
    let read: @Sendable ([String]) throws(BadValue) -> Value
    let write: @Sendable (Value) -> [String]

    /// The same, with other words for what holds where nobody says anything.
    func standing(_ words: String) -> Self {
        var setting = self
        setting.standard = words
        return setting
    }

    var variable: String { "YUYAN_" + key.uppercased().replacing("-", with: "_") }
}

/// Why a text is no value of a setting; it follows the setting's name: "must be a number".
struct BadValue: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A setting whatever the type of its value.
package protocol AnySetting: Sendable {
    var key: String { get }

    /// Throws what is wrong with an entry of the file.
    func check(_ entry: ConfigurationFile.Entry, in file: String) throws(ConfigurationError)
}

// MARK: The kinds

extension Setting where Value == Int {
    init(_ key: String, in range: ClosedRange<Int>, standard: String, name: String, _ help: String) {
        let most = range.upperBound == .max ? " or more" : " to \(range.upperBound)"
        let expected =
            "a whole number\(most == " or more" ? ", \(range.lowerBound)" : " from \(range.lowerBound)")\(most)"
        self.init(key: key, help: help, valueName: name, standard: standard, isList: false, isSecret: false) {
            texts throws(BadValue) in
            guard let number = Int(texts[0]), range.contains(number) else { throw BadValue("must be \(expected)") }
            return number
        } write: {
            ["\($0)"]
        }
    }
}

extension Setting where Value == String {
    init(_ key: String, standard: String, name: String? = nil, _ help: String) {
        self.init(key: key, help: help, valueName: name, standard: standard, isList: false, isSecret: false) {
            texts throws(BadValue) in
            guard !texts[0].isEmpty else { throw BadValue("must not be empty") }
            return texts[0]
        } write: {
            [$0]
        }
    }
}

extension Setting where Value == [String] {
    init(listOf key: String, isSecret: Bool = false, name: String, _ help: String) {
        self.init(key: key, help: help, valueName: name, standard: "none", isList: true, isSecret: isSecret) {
            texts throws(BadValue) in
            guard texts.allSatisfy({ !$0.isEmpty }) else { throw BadValue("must not be empty") }
            return texts
        } write: {
            $0
        }
    }
}

extension Setting where Value: CaseIterable & RawRepresentable<String> {
    init(oneOf key: String, standard: Value, _ help: String) {
        let names = Value.allCases.map(\.rawValue)
        self.init(key: key, help: help, valueName: nil, standard: standard.rawValue, isList: false, isSecret: false) {
            texts throws(BadValue) in
            guard let value = Value(rawValue: texts[0]) else {
                throw BadValue("must be one of \(names.joined(separator: ", "))")
            }
            return value
        } write: {
            [$0.rawValue]
        }
    }
}
