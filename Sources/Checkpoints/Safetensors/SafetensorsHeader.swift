import Foundation
public import Tensors

/// A tensor of a safetensors file: what its header says.
public struct SafetensorsTensor: Sendable, Hashable {
    public let name: String
    /// The element type as the file spells it, such as `BF16`.
    public let type: String
    public let shape: [Int]
    /// Where its bytes are, from the end of the header.
    public let range: Range<Int>

    /// The type in memory, or nil for one that Yuyan does not compute with.
    public var dtype: DType? { SafetensorsType.dtypes[type] }
}

/// The element types of the format.
enum SafetensorsType {
    static let dtypes: [String: DType] = ["F32": .float32, "F16": .float16, "BF16": .bfloat16, "I32": .int32]

    /// Bytes of an element; types of less than a byte are not known here.
    static let bytes = [
        "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1,
        "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
    ]

    static func unread(_ tensor: String, _ type: String, _ file: String) -> CheckpointError {
        let what = "tensor \(tensor) is stored as \(type), which is not read; store it as F32, F16 or BF16"
        return .unsupported(file: file, what: what)
    }

    static func name(_ dtype: DType) -> String? { dtypes.first { $0.value == dtype }?.key }
}

/// The head of a safetensors file: eight bytes of length, then JSON.
///
/// Source: the format's description in the repository huggingface/safetensors. Tensors must fill the rest of the file exactly, one
/// behind the other, so nothing can be hidden in it and nothing is read twice.
struct SafetensorsHeader {
    static let most = 100_000_000

    let metadata: [String: String]
    /// In the order of their bytes.
    let tensors: [SafetensorsTensor]
    /// Where the tensors' bytes begin in the file.
    let start: Int

    init(_ bytes: Bytes, file: String) throws {
        func damaged(_ offset: Int, _ problem: String) -> CheckpointError {
            .malformed(file: file, offset: offset, problem: problem)
        }
        guard bytes.count >= 8 else { throw damaged(0, "it ends within the length of its header") }
        let length = bytes.load(UInt64.self, at: 0)
        guard length <= Self.most else { throw damaged(0, "its header is said to have \(length) bytes") }
        guard Int(length) <= bytes.count - 8 else {
            throw damaged(0, "its header is said to have \(length) bytes, but \(bytes.count - 8) are left")
        }
        start = 8 + Int(length)
        let json: JSON
        do { json = try bytes[8..<start].withBytes { try JSONDecoder().decode(JSON.self, from: Data($0)) } } catch {
            throw damaged(8, "its header is not the JSON it should be (\(reason(error)))")
        }
        if let name = bytes[8..<start].withBytes(RepeatedKey.first) {
            throw damaged(8, "its header has “\(name)” twice, and only one of them can be meant")
        }
        metadata = json.metadata
        tensors = try json.entries.map { name, entry in
            guard SafetensorsType.bytes[entry.dtype] != nil else {
                throw SafetensorsType.unread(name, entry.dtype, file)
            }
            guard let tensor = SafetensorsTensor(name, entry) else {
                throw damaged(8, "tensor \(name) of type \(entry.dtype) cannot lie at \(entry.data_offsets)")
            }
            return tensor
        }.sorted { ($0.range.lowerBound, $0.range.count, $0.name) < ($1.range.lowerBound, $1.range.count, $1.name) }
        if let (at, problem) = Self.gap(tensors, bytes.count - start) { throw damaged(start + at, problem) }
    }

    /// Where tensors do not lie one behind the other up to the end, and how.
    private static func gap(_ tensors: [SafetensorsTensor], _ count: Int) -> (Int, String)? {
        var end = 0
        for tensor in tensors {
            guard tensor.range.lowerBound == end else {
                return (min(end, count), "tensor \(tensor.name) begins at byte \(tensor.range.lowerBound), not \(end)")
            }
            end = tensor.range.upperBound
        }
        return end == count ? nil : (min(end, count), "its tensors take \(end) bytes, but there are \(count)")
    }

    struct Entry: Codable {
        let dtype: String, shape: [Int], data_offsets: [Int]
    }

    /// Names and entries, and the one name that stands for something else.
    private struct JSON: Decodable {
        var metadata: [String: String] = [:], entries: [(String, Entry)] = []

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Name.self)
            for name in fields.allKeys {
                if name.stringValue == "__metadata__" {
                    metadata = try fields.decode([String: String].self, forKey: name)
                } else {
                    entries.append((name.stringValue, try fields.decode(Entry.self, forKey: name)))
                }
            }
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension SafetensorsTensor {
    /// Nil where type, shape and place do not agree.
    fileprivate init?(_ name: String, _ entry: SafetensorsHeader.Entry) {
        guard let size = SafetensorsType.bytes[entry.dtype], entry.data_offsets.count == 2, entry.shape.count <= 8,
            let (first, end) = Optional((entry.data_offsets[0], entry.data_offsets[1])), first >= 0, end >= first
        else { return nil }
        var bytes = size
        for extent in entry.shape {
            let (product, overflows) = bytes.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflows else { return nil }
            bytes = product
        }
        guard bytes == end - first else { return nil }
        (self.name, type, shape, range) = (name, entry.dtype, entry.shape, first..<end)
    }
}

/// A decoder's complaint in one line.
private func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.dataCorrupted(let context): context.debugDescription
    case DecodingError.keyNotFound(let key, let context):
        "\(context.codingPath.map(\.stringValue).joined(separator: ".")) lacks \(key.stringValue)"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
        "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
    default: "\(error)"
    }
}
