import Checkpoints

extension ModelBundle {
    /// Refuses settings that the weights contradict, as opening does: what would be written of them could not be opened.
    ///
    /// - Throws: `CheckpointError.setting` with the key, its value and what the weights have.
    func requireAgreement() throws {
        try requireEmbedding()
        try requireLayers()
        try requireExperts()
    }

    private func requireEmbedding() throws {
        let names = [".embed_tokens.weight", ".wte.weight", ".word_embeddings.weight", ".tok_embeddings.weight"]
        guard let table = weights.entries.first(where: { names.contains(where: $0.name.hasSuffix) }) else { return }
        for (key, size) in zip(["vocab_size", "hidden_size"], table.shape) {
            let said = try settings.positive(key)
            guard said == size else { throw contradiction(key, said, "\(size), as \(table.name) has") }
        }
    }

    private func requireLayers() throws {
        let numbers = weights.entries.compactMap { Self.number(in: $0.name, after: ["layers", "layer", "h"]) }
        guard let last = numbers.max() else { return }
        let said = try settings.positive("num_hidden_layers")
        guard said <= last + 1 else {
            throw contradiction("num_hidden_layers", said, "\(last + 1), as the weights have")
        }
    }

    private func requireExperts() throws {
        let keys = HubConfiguration.expertCounts
        guard let key = keys.first(where: { settings[$0] != nil }), let said = settings[key].flatMap(Int.init(setting:))
        else { return }  // a list, one number for each layer
        var counts: [Substring: Int] = [:]
        for name in weights.entries.map(\.name) {
            guard let place = name.firstRange(of: ".experts."), let number = Self.number(in: name, after: ["experts"])
            else { continue }
            counts[name[..<place.lowerBound], default: 0] = max(counts[name[..<place.lowerBound]] ?? 0, number + 1)
        }
        guard let (layer, count) = counts.filter({ $0.value != said }).min(by: { $0.key < $1.key }) else { return }
        throw contradiction(key, said, "\(count), as \(layer).experts has")
    }

    private static func number(in name: String, after words: [Substring]) -> Int? {
        let parts = name.split(separator: ".")
        guard let place = parts.firstIndex(where: words.contains), place + 1 < parts.count else { return nil }
        return Int(parts[place + 1])
    }

    private func contradiction(_ key: String, _ said: Int, _ expected: String) -> CheckpointError {
        .setting(key: settings.spelling(key), value: "\(said)", expected: expected)
    }
}
