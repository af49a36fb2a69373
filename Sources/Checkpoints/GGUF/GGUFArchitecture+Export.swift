extension GGUFArchitecture {
    /// The file's name for a tensor of a model, by the same table as ``name(_:)``; nil where it has none.
    func spelling(_ name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, !parts.contains("*") else { return nil }
        let layer = parts.firstIndex { !$0.isEmpty && $0.allSatisfy(\.isNumber) },
            number = layer.map { String(parts[$0]) }
        func stem(_ parts: ArraySlice<Substring>) -> String {
            parts.indices.map { $0 == layer ? "*" : parts[$0] }.joined(separator: ".")
        }
        if let whole = key(of: stem(parts[...]), isWhole: true) { return whole.replacing("*", with: number ?? "") }
        guard let suffix = parts.last, suffix == "weight" || suffix == "bias",
            let key = key(of: stem(parts.dropLast()), isWhole: false)
        else { return nil }
        return key.replacing("*", with: number ?? "") + "." + suffix
    }

    /// Of the names that files may have for one of a model's, the first that ends as it should.
    ///
    /// - Parameter isWhole: whether the name has no `.weight` or `.bias` of its own to be added.
    private func key(of name: String, isWhole: Bool) -> String? {
        let known = names.filter { $0.value == name }.map(\.key).sorted()
        let isEnded = { (key: String) in key.hasSuffix(".weight") || key.hasSuffix(".bias") }
        guard isWhole else { return known.first { !isEnded($0) } }
        return known.first(where: isEnded)
            ?? known.first { ["ssm_a", "ssm_d"].contains($0.split(separator: ".").last) }
    }
}
