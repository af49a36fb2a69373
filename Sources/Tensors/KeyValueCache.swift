import CKernels
import Foundation

/// What keys and values are kept as.
public enum CacheType: String, Sendable, Hashable, CaseIterable {
    /// Halves.
    case f16
    /// Bytes, with a half as the scale of each 32 coordinates: GGUF's Q8_0, 53 % of the memory.
    case q8_0

    var kernel: cache_type_t {
        switch self {
        case .f16: CACHE_F16
        case .q8_0: CACHE_Q8_0
        }
    }
}

/// What a model keeps of each position: a key and a value for each layer and key-value head.
public struct CacheShape: Sendable, Hashable {
    public let layers, kvHeads, headWidth: Int
    public private(set) var type: CacheType

    public init(layers: Int, kvHeads: Int, headWidth: Int, type: CacheType = .f16) {
        (self.layers, self.kvHeads, self.headWidth, self.type) = (layers, kvHeads, headWidth, type)
    }

    /// The same keys and values, kept as another type.
    public func kept(as type: CacheType) -> CacheShape {
        var shape = self
        shape.type = type
        return shape
    }

    /// Positions in one block of the cache.
    public static let blockSize = Int(CACHE_BLOCK)

    /// The widest head whose keys and values are kept.
    public static let mostHeadWidth = Int(ATTENTION_MOST_WIDTH)

    /// Whether keys and values of such a head are kept: a multiple of 16, at most ``mostHeadWidth``.
    public static func keeps(headWidth: Int) -> Bool {
        headWidth > 0 && headWidth % 16 == 0 && headWidth <= mostHeadWidth
    }

    /// Bytes of one layer's part of a block, keys and values.
    var layerBytes: Int { kvHeads * headBytes }
    var headBytes: Int { cache_block_bytes(type.kernel, headWidth) }

    /// Bytes of one block over all layers.
    public var blockBytes: Int { layers * layerBytes }
}

/// Keys and values of many sequences, in blocks of 16 positions that whoever schedules gives out.
///
/// Memory is reserved at once and committed by the system when a block is first written. Reading and writing is for
/// ``attention(_:_:_:layer:plan:cache:scale:window:softcap:sinks:)`` alone, one batch at a time.
public final class KeyValueCache: @unchecked Sendable {
    public let shape: CacheShape
    public let blocks: Int
    let bytes: UnsafeMutableRawPointer
    private let count: Int

    public init(_ shape: CacheShape, blocks: Int) {
        precondition(CacheShape.keeps(headWidth: shape.headWidth), "head width \(shape.headWidth)")
        (self.shape, self.blocks, count) = (shape, blocks, max(1, blocks * shape.blockBytes))
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let map = mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0), map != MAP_FAILED else {
            fatalError("out of address space: \(count) bytes for a key-value cache")
        }
        bytes = map
    }

    deinit { munmap(bytes, count) }

    /// Where a head's part of block 0 begins. Layers lie apart, so that one layer's blocks are close together.
    func head(_ head: Int, layer: Int) -> UnsafeMutableRawPointer {
        bytes + layer * blocks * shape.layerBytes + head * shape.headBytes
    }

    /// The bytes of a block, layer after layer: what ``fill(_:with:)`` takes back. Nobody may be computing meanwhile.
    public func contents(of block: Int) -> [UInt8] {
        precondition((0..<blocks).contains(block), "KeyValueCache.contents: block \(block) of \(blocks)")
        return [UInt8](unsafeUninitializedCapacity: shape.blockBytes) { target, count in
            for layer in 0..<shape.layers {
                let part = UnsafeRawBufferPointer(
                    start: head(0, layer: layer) + block * shape.layerBytes,
                    count: shape.layerBytes
                )
                let place = UnsafeMutableRawBufferPointer(target)[(layer * shape.layerBytes)...]
                UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: part)
            }
            count = shape.blockBytes
        }
    }

    /// Writes a block's ``CacheShape/blockBytes`` bytes, as ``contents(of:)`` gave them for a cache of the same shape.
    public func fill(_ block: Int, with contents: [UInt8]) {
        precondition(
            (0..<blocks).contains(block) && contents.count == shape.blockBytes,
            "KeyValueCache.fill: \(contents.count) bytes for block \(block) of \(blocks), which takes \(shape.blockBytes)"
        )
        contents.withUnsafeBytes { bytes in
            for layer in 0..<shape.layers {
                let place = head(0, layer: layer) + block * shape.layerBytes
                place.copyMemory(from: bytes.baseAddress! + layer * shape.layerBytes, byteCount: shape.layerBytes)
            }
        }
    }
}
