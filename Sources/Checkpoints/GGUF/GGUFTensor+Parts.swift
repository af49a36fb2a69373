extension GGUFArchitecture {
    /// More than any network has; what splits into more is no network.
    private static let mostParts = 1 << 20

    /// A file's tensors by the names that models use, each expert's apart.
    func named(_ header: GGUFHeader, prefix: String, file: String) throws -> [String: GGUFTensor] {
        let heads = header.metadata[prefix + ".attention.head_count"]?.integer ?? 1
        let keys = header.metadata[prefix + ".attention.head_count_kv"]?.integer ?? heads
        var named: [String: GGUFTensor] = [:]
        for tensor in header.tensors {
            for (name, part) in parts(of: tensor, heads: heads, keys: keys) where named[name] == nil {
                named[name] = part
            }
            guard named.count <= Self.mostParts else {
                let what = "its tensors have more than \(Self.mostParts) parts; no network here has as many"
                throw CheckpointError.unsupported(file: file, what: what)
            }
        }
        return named
    }

    private func parts(of tensor: GGUFTensor, heads: Int, keys: Int) -> [(name: String, part: GGUFTensor)] {
        let name = name(tensor.name)
        if name.contains("#") {
            return tensor.apart.enumerated().map { (name.replacing("#", with: String($0)), $1) }
        }
        if splitsQueries, name.contains(".qkv_proj."), let parts = tensor.rows(in: [heads, keys, keys]) {
            return zip(["q_proj", "k_proj", "v_proj"], parts).map { (name.replacing("qkv_proj", with: $0), $1) }
        }
        let shape = reshaped(name, tensor.shape)
        return [(name, shape == tensor.shape ? tensor : tensor.part(shape, at: 0))]
    }
}

extension GGUFTensor {
    /// Each of what lies along the first axis.
    fileprivate var apart: [GGUFTensor] {
        guard shape.count > 1, let count = shape.first, count > 0, count <= 4096 else { return [] }
        return (0..<count).map { part(Array(shape.dropFirst()), at: $0 * (range.count / count)) }
    }

    /// The rows in parts of such proportions; nil where they cannot be.
    fileprivate func rows(in shares: [Int]) -> [GGUFTensor]? {
        guard shares.allSatisfy({ $0 > 0 && $0 <= 1 << 20 }), let rows = shape.first, rows > 0 else { return nil }
        let sum = shares.reduce(0, +)
        guard rows % sum == 0, shape.count > 1 || type.blockSize == 1 else { return nil }
        var start = 0
        return shares.map { share in
            let count = rows / sum * share
            defer { start += count }
            return part([count] + shape.dropFirst(), at: start * (range.count / rows))
        }
    }

    fileprivate func part(_ shape: [Int], at offset: Int) -> GGUFTensor {
        let start = range.lowerBound + offset, blocks = shape.reduce(1, *) / type.blockSize
        return GGUFTensor(name: name, type: type, shape: shape, range: start..<start + blocks * type.bytesPerBlock)
    }
}
