import ArgumentParser

/// A setting's flag is declared by naming the setting: `@Option(.port) var port: Int?`.
extension Option {
    init<Item: Sendable>(_ setting: Setting<Item>) where Value == Item? {
        self.init(
            name: .customLong(setting.key),
            parsing: .unconditional,  // so that -1 is a value, and refused as one
            help: setting.argumentHelp,
            transform: { try setting.read([$0]) }
        )
    }

    init(wrappedValue: [String], _ setting: Setting<[String]>) where Value == [String] {
        self.init(
            wrappedValue: wrappedValue,
            name: .customLong(setting.key),
            help: setting.argumentHelp,
            transform: { try setting.read([$0])[0] }
        )
    }
}

extension Setting {
    fileprivate var argumentHelp: ArgumentHelp {
        ArgumentHelp("\(help) (default: \(standard))", valueName: valueName ?? key)
    }
}
