import Checkpoints
import Tensors

extension Settings {
    /// The width of each of `heads` heads: `head_dim`, else `fallback`, else an even share of `width`.
    ///
    /// Throws ``CheckpointError`` for one whose keys and values no cache keeps.
    func headWidth(_ heads: Int, of width: Int, default fallback: Int? = nil) throws -> Int {
        guard let own = try optional("head_dim") ?? fallback else { return try headShare(of: width, among: heads) }
        guard CacheShape.keeps(headWidth: own) else {
            throw CheckpointError.setting(key: "head_dim", value: "\(own)", expected: Self.keptWidths)
        }
        return own
    }

    /// The width of each of `heads` heads that share `width`.
    func headShare(of width: Int, among heads: Int) throws -> Int {
        guard width % heads == 0, CacheShape.keeps(headWidth: width / heads) else {
            let expected = "such that \(spelling("hidden_size")) (\(width)) over it is \(Self.keptWidths)"
            throw CheckpointError.setting(key: spelling("num_attention_heads"), value: "\(heads)", expected: expected)
        }
        return width / heads
    }

    private static let keptWidths = "a multiple of 16, at most \(CacheShape.mostHeadWidth)"
}
