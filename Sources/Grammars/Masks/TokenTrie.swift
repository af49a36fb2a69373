import Synchronization

/// The tokens of a vocabulary by their bytes: what a grammar is checked against.
///
/// The nodes lie in the order of a walk from the root, each before its descendants, so a walk that skips what cannot be is a
/// loop over an array. Costs some 20 bytes for each byte that tokens do not share; made once for a vocabulary.
package final class TokenTrie: Sendable {
    /// One more than the greatest token's number.
    package let vocabularySize: Int
    /// The tokens with which a model ends its answer.
    package let ends: [Int]
    /// Of each node its byte, its distance from the root, and the node after its last descendant.
    let bytes: [UInt8], depths: [UInt16], nexts: [Int32]
    /// Where the tokens of each node begin in `tokens`; they end where those of the next node begin.
    let firsts: [Int32]
    let tokens: [UInt32]
    /// The most bytes of a token.
    let longest: Int
    private let offsets: [Int32], storage: [UInt8]
    /// Cuts of rules that call no others, which many grammars have in common.
    let common = Mutex<[CommonKey: Cut]>([:])

    struct CommonKey: Hashable {
        var signature: [UInt8]
        var state: Int32
    }

    /// What no token may exceed to be used.
    private static let mostBytes = 1024

    /// - Parameters:
    ///   - bytes: of each token what it writes; nil or none for one that is not to be used.
    ///   - ends: the tokens that end an answer; they write nothing.
    package init(count: Int, ends: Set<Int>, bytes spelling: (Int) -> [UInt8]?) {
        var storage: [UInt8] = [], offsets: [Int32] = [0], usable: [UInt32] = []
        for id in 0..<count {
            if !ends.contains(id), let bytes = spelling(id), !bytes.isEmpty, bytes.count <= Self.mostBytes {
                storage += bytes
                usable.append(UInt32(id))
            }
            offsets.append(Int32(storage.count))
        }
        let sorted = Self.sorted(usable, storage, offsets)
        var nodes = Nodes()
        for (place, id) in sorted.enumerated() {
            let range = Int(offsets[Int(id)])..<Int(offsets[Int(id) + 1])
            nodes.add(storage[range], token: place)
        }
        nodes.finish(tokens: sorted.count)
        (bytes, depths, nexts, firsts) = (nodes.bytes, nodes.depths, nodes.nexts, nodes.firsts)
        (tokens, longest) = (sorted, nodes.longest)
        (vocabularySize, self.ends) = (count, ends.filter { (0..<count).contains($0) }.sorted())
        (self.offsets, self.storage) = (offsets, storage)
    }

    /// What a token writes.
    package func bytes(of token: Int) -> ArraySlice<UInt8> {
        guard (0..<vocabularySize).contains(token) else { return [] }
        return storage[Int(offsets[token])..<Int(offsets[token + 1])]
    }

    private static func sorted(_ ids: [UInt32], _ storage: [UInt8], _ offsets: [Int32]) -> [UInt32] {
        storage.withUnsafeBufferPointer { storage in
            offsets.withUnsafeBufferPointer { offsets in
                ids.sorted { a, b in
                    var (i, j) = (Int(offsets[Int(a)]), Int(offsets[Int(b)]))
                    let (m, n) = (Int(offsets[Int(a) + 1]), Int(offsets[Int(b) + 1]))
                    while i < m, j < n, storage[i] == storage[j] { (i, j) = (i + 1, j + 1) }
                    return i == m ? j < n || a < b : j < n && storage[i] < storage[j]
                }
            }
        }
    }

    /// The nodes as they are laid out.
    private struct Nodes {
        var bytes: [UInt8] = [0], depths: [UInt16] = [0], nexts: [Int32] = [0], firsts: [Int32] = [0]
        var longest = 0
        private var path: [Int] = [0]

        mutating func add(_ token: ArraySlice<UInt8>, token place: Int) {
            var common = 0
            for byte in token {
                guard common + 1 < path.count, bytes[path[common + 1]] == byte else { break }
                common += 1
            }
            leave(to: common + 1)
            for byte in token.dropFirst(common) {
                path.append(bytes.count)
                bytes.append(byte)
                depths.append(UInt16(path.count - 1))
                nexts.append(0)
                firsts.append(Int32(place))
            }
            longest = max(longest, token.count)
        }

        mutating func finish(tokens: Int) {
            leave(to: 0)
            firsts.append(Int32(tokens))
        }

        private mutating func leave(to count: Int) {
            while path.count > count {
                nexts[path.removeLast()] = Int32(bytes.count)
            }
        }
    }
}
