/// A variable or a line of the file that cannot be meant.
package struct ConfigurationError: Error, CustomStringConvertible {
    /// `YUYAN_PORT`, `yuyan.yaml` or `yuyan.yaml:3`.
    let place: String
    let problem: String

    package var description: String { "\(place): \(problem)" }

    init(_ place: String, _ problem: String) { (self.place, self.problem) = (place, problem) }

    init<Value>(_ place: String, _ setting: Setting<Value>, _ texts: [String], _ bad: BadValue) {
        let given = setting.isSecret ? "" : ", not '\(texts.joined(separator: ", ").prefix(60))'"
        self.init(place, "\(setting.key) \(bad)\(given)")
    }

    /// No setting has this key.
    init(_ place: String, unknownKey key: String, among known: [String]) {
        let hint =
            key.nearest(in: known).map { "did you mean '\($0)'?" } ?? "known are \(known.joined(separator: ", "))"
        self.init(place, "there is no setting '\(key.prefix(60))'; \(hint)")
    }
}

extension String {
    /// Whichever of the names is at most half its letters away from this one.
    fileprivate func nearest(in names: [String]) -> String? {
        let spelt = Array(lowercased().replacing("_", with: "-").prefix(60))
        let distances = names.map { (name: $0, distance: editDistance(spelt, Array($0))) }
        return distances.min { $0.distance < $1.distance }.flatMap {
            $0.distance * 2 <= $0.name.count ? $0.name : nil
        }
    }
}

/// Levenshtein's distance: insertions, deletions and replacements.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in b.enumerated() {
            let replaced = diagonal + (letter == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}
