/// What a GGUF file calls the settings that go by config.json's keys here: the keys that a person finds in it.
struct GGUFKeys {
    private let metadata: GGUFMetadata
    private let prefix: String
    private let architecture: GGUFArchitecture

    init(_ metadata: GGUFMetadata) {
        prefix = metadata["general.architecture"]?.text ?? "unknown"
        architecture = GGUFArchitecture.of(metadata, named: prefix)
        self.metadata = metadata
    }

    /// The same error, with the file's key behind config.json's where the file has it or ought to.
    func told(_ error: CheckpointError) -> CheckpointError {
        switch error {
        case .missingKey(let key): return .missingKey(both(key, mustBeThere: false))
        case .setting(let key, let value, let expected):
            return .setting(key: both(key, mustBeThere: true), value: value, expected: expected)
        default: return error
        }
    }

    /// - Parameter mustBeThere: whether a key is left out that the file does not have, as the value is not from it.
    private func both(_ key: String, mustBeThere: Bool) -> String {
        let spellings: [String] = names(of: key).map { prefix + "." + $0 }
        let there: String? = spellings.first { metadata[$0] != nil }
        guard let spelling = there ?? (mustBeThere ? nil : spellings.first) else { return key }
        return "\(key) (\(spelling))"
    }

    /// What stands behind the architecture's name in the keys of a setting.
    private func names(of key: String) -> [String] {
        if key == "partial_rotary_factor" { return ["rope.dimension_count"] }
        let common: String = architecture.spellings.first { $0.value == key }?.key ?? key
        let keys: [String: String] = GGUFSettings.keys.merging(architecture.keys) { $1 }
        return keys.filter { $0.value == common && !architecture.unused.contains($0.key) }.map { $0.key }.sorted()
    }
}

extension GGUFFile {
    /// Does something with the file's settings; an error about one of them names it as the file does, too.
    package func naming<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw told(error) }
    }

    /// The same error, with the file's key behind config.json's where it is about a setting.
    package func told(_ error: any Error) -> any Error {
        guard let error = error as? CheckpointError else { return error }
        return GGUFKeys(metadata).told(error)
    }
}
