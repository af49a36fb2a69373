import Foundation

/// Which jobs are wanted: `metadata[team]=hotline`, as often as there are keys; `metadata=null` are those without.
struct MetadataFilter: Sendable {
    private var pairs: [String: String] = [:]
    private var isNone = false

    init(_ query: String?) {
        for item in (query ?? "").split(separator: "&") {
            let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.decoded)
            guard let key = sides.first, key.hasPrefix("metadata") else { continue }
            let value = sides.count > 1 ? sides[1] : ""
            if key == "metadata" { isNone = value == "null" }
            if key.hasPrefix("metadata["), key.hasSuffix("]") { pairs[String(key.dropFirst(9).dropLast())] = value }
        }
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }

    func matches(_ metadata: [String: String]) -> Bool {
        isNone ? metadata.isEmpty : pairs.allSatisfy { metadata[$0] == $1 }
    }
}
