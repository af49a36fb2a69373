/// What stands before the data of a GGUF file, read and checked whole.
///
/// The format is specified in the ggml project's `docs/gguf.md`. Every count, length and offset is compared with the bytes
/// that are there before it is believed, so reading takes no more memory than a small multiple of the header.
struct GGUFHeader {
    let version: UInt32
    let metadata: GGUFMetadata
    let tensors: [GGUFTensor]
    /// Where the tensors' bytes begin, and what their offsets are a multiple of.
    let dataOffset, alignment: Int

    static let magic: UInt32 = 0x4655_4747  // "GGUF"
    static let mostKeys = 1 << 16, mostTensors = 1 << 20, mostKeyBytes = 65_535
    static let defaultAlignment = 32

    init(_ bytes: Bytes, file: String) throws {
        var cursor = GGUFCursor(bytes: bytes, file: file)
        version = try Self.version(&cursor)
        let tensorCount = try cursor.count(of: "tensors", atLeast: GGUFTensorEntry.leastBytes)
        let keyCount = try cursor.count(of: "metadata keys", atLeast: 14)
        guard tensorCount <= Self.mostTensors, keyCount <= Self.mostKeys else {
            throw cursor.malformed(at: 8, "it promises \(tensorCount) tensors and \(keyCount) metadata keys")
        }
        metadata = try Self.metadata(&cursor, count: keyCount)
        alignment = try Self.alignment(metadata, cursor)
        let entries = try (0..<tensorCount).map { _ in try GGUFTensorEntry(&cursor) }
        dataOffset = min((cursor.offset + alignment - 1) & ~(alignment - 1), bytes.count)
        tensors = try GGUFLayout(cursor, dataOffset: dataOffset, alignment: alignment).place(entries)
    }

    private static func version(_ cursor: inout GGUFCursor) throws -> UInt32 {
        guard let magic = try? cursor.integer(UInt32.self, "the magic number"), magic == Self.magic else {
            throw unlikeGGUF(cursor)
        }
        let version = try cursor.integer(UInt32.self, "the version")
        switch version {
        case 2, 3: return version
        case 1:
            throw CheckpointError.unsupported(file: cursor.file, what: "GGUF version 1 is not read; convert it to 3")
        case 0x0200_0000, 0x0300_0000:
            throw CheckpointError.unsupported(
                file: cursor.file,
                what: "this GGUF file is big-endian; fetch the little-endian one"
            )
        default: throw cursor.malformed(at: 4, "GGUF version \(version) does not exist; 2 and 3 are read")
        }
    }

    /// Says what a file is that is not GGUF, where that can be told.
    private static func unlikeGGUF(_ cursor: GGUFCursor) -> CheckpointError {
        let start = cursor.bytes.text(0..<min(cursor.bytes.count, 64))
        if start.hasPrefix("version https://git-lfs") {
            return .unsupported(file: cursor.file, what: "this is a Git LFS pointer, not the model it points to")
        }
        if cursor.file.hasSuffix(".safetensors") {
            let what = "this is a safetensors file without its config.json; name the folder that has both"
            return .unsupported(file: cursor.file, what: what)
        }
        if start.hasPrefix("<") { return .unsupported(file: cursor.file, what: "this is a web page, not a GGUF file") }
        return cursor.malformed(at: 0, "it does not begin with “GGUF”")
    }

    private static func metadata(_ cursor: inout GGUFCursor, count: Int) throws -> GGUFMetadata {
        var metadata = GGUFMetadata(), reader = GGUFValueReader()
        for _ in 0..<count {
            let start = cursor.offset
            let key = try cursor.name("a metadata key", limit: mostKeyBytes)
            guard metadata[key] == nil else { throw cursor.malformed(at: start, "the key \(key) occurs twice") }
            metadata[key] = try reader.value(of: key, &cursor)
        }
        return metadata
    }

    private static func alignment(_ metadata: GGUFMetadata, _ cursor: GGUFCursor) throws -> Int {
        guard let value = metadata["general.alignment"] else { return defaultAlignment }
        guard let alignment = value.integer, alignment >= 8, alignment <= 1 << 30, alignment.nonzeroBitCount == 1 else {
            let found: String = value.text.map { "the string “\($0)”" } ?? value.description
            throw cursor.malformed("general.alignment is \(found); it has to be a power of two, at least 8")
        }
        return alignment
    }
}

/// Checks that the tensors lie inside the file, aligned, and not over each other.
struct GGUFLayout {
    let cursor: GGUFCursor
    let dataOffset, alignment: Int

    init(_ cursor: GGUFCursor, dataOffset: Int, alignment: Int) {
        (self.cursor, self.dataOffset, self.alignment) = (cursor, dataOffset, alignment)
    }

    func place(_ entries: [GGUFTensorEntry]) throws -> [GGUFTensor] {
        var seen: Set<String> = []
        let tensors = try entries.map { entry in
            guard seen.insert(entry.name).inserted else {
                throw cursor.malformed(at: entry.position, "tensor \(entry.name) occurs twice")
            }
            return try place(entry)
        }
        try refuseOverlaps(tensors)
        return tensors
    }

    private func place(_ entry: GGUFTensorEntry) throws -> GGUFTensor {
        guard entry.offset % UInt64(alignment) == 0 else {
            let problem = "tensor \(entry.name) begins at \(entry.offset), which is not a multiple of \(alignment)"
            throw cursor.malformed(at: entry.position, problem)
        }
        let size = cursor.bytes.count - dataOffset
        guard entry.offset <= UInt64(size), entry.byteCount <= size - Int(entry.offset) else {
            let problem =
                "tensor \(entry.name) needs \(entry.byteCount) bytes at \(entry.offset) of the data, which has \(size)"
            throw cursor.malformed(at: entry.position, problem + "; the file is probably cut short")
        }
        let start = dataOffset + Int(entry.offset)
        let range = start..<start + entry.byteCount
        return GGUFTensor(name: entry.name, type: entry.type, shape: entry.shape, range: range)
    }

    private func refuseOverlaps(_ tensors: [GGUFTensor]) throws {
        let ordered = tensors.sorted { $0.range.lowerBound < $1.range.lowerBound }
        for (a, b) in zip(ordered, ordered.dropFirst()) where b.range.lowerBound < a.range.upperBound {
            throw cursor.malformed(at: b.range.lowerBound, "tensors \(a.name) and \(b.name) lie over each other")
        }
    }
}
