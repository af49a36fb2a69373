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

/// What a model keeps of each position: a key and a value for each layer and key-value head; or of each sequence: a state.
public struct CacheShape: Sendable, Hashable {
    public let layers, kvHeads, headWidth: Int
    public private(set) var type: CacheType
    /// The layers that keep a state of each sequence, and how many numbers it has.
    public let stateLayers, stateSize: Int
    /// Whether keys hold numbers that bytes would spoil: they are halves whatever is asked for.
    public let isExact: Bool

    public init(layers: Int, kvHeads: Int, headWidth: Int, type: CacheType = .f16, isExact: Bool = false) {
        (self.layers, self.kvHeads, self.headWidth) = (layers, kvHeads, headWidth)
        (self.type, self.isExact, stateLayers, stateSize) = (isExact ? .f16 : type, isExact, 0, 0)
    }

    /// States alone, float32: nothing is kept of a position, whatever the type.
    public init(stateLayers: Int, stateSize: Int) {
        (layers, kvHeads, headWidth, type, isExact) = (0, 1, 16, .f16, true)
        (self.stateLayers, self.stateSize) = (stateLayers, stateSize)
    }

    /// Whether what a sequence was told is in a state, from which nothing can be taken back, and whose beginning nobody shares.
    public var isRecurrent: Bool { stateLayers > 0 }

    /// Bytes of one sequence's states.
    public var stateBytes: Int { stateLayers * stateSize * MemoryLayout<Float>.stride }

    /// The same keys and values, kept as another type unless they must be exact.
    public func kept(as type: CacheType) -> CacheShape {
        var shape = self
        shape.type = isExact ? .f16 : type
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
    /// By the first block of the sequence each is of.
    private var states: [Int32: Storage] = [:]

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

    /// How many sequences have states here.
    package var stateCount: Int { states.count }

    /// A part of a layer's states of the sequences that have rows, by their first blocks; of those that begin it is zero.
    ///
    /// A block that comes later in a sequence begins none any more: the state that was its is forgotten.
    func states(of plan: AttentionPlan, layer: Int, part: Range<Int>) -> [UnsafeMutablePointer<Float>] {
        precondition(part.upperBound <= shape.stateSize, "a state of \(shape.stateSize) has no \(part)")
        return plan.begun.map { sequence in
            let first = sequence.blocks[sequence.blocks.startIndex]
            if states[first] == nil {
                precondition(sequence.isFirst, "a sequence goes on whose state is not here")
                for block in sequence.blocks.dropFirst() { states[block] = nil }
                states[first] = Storage(shape.stateBytes)
            }
            let start = layer * shape.stateSize + part.lowerBound
            let state = states[first]!.bytes.assumingMemoryBound(to: Float.self) + start
            if sequence.isFirst { state.update(repeating: 0, count: part.count) }
            return state
        }
    }
}
