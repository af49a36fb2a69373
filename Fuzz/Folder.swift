import Tensors

/// libFuzzer's entry for the files of a folder in the Hub's layout: weights, words of 4-bit levels, settings. The first byte says which;
/// see scripts/fuzz.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFolder(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    switch bytes.first {
    case UInt8(ascii: "S"): answer { try readTensors(Array(bytes.dropFirst())) }
    case UInt8(ascii: "Q"): answer { try readFourBits(Array(bytes.dropFirst(2)), bytes.count > 1 ? bytes[1] : 0) }
    case UInt8(ascii: "C"): answer { try readSettings(String(decoding: bytes.dropFirst(), as: UTF8.self)) }
    default: return -1
    }
    return 0
}

private func answer(_ read: () throws -> Void) {
    do { try read() } catch {
        precondition(error is CheckpointError || error is BundleError || error is JSONError, "another kind: \(error)")
        precondition(!"\(error)".isEmpty)
    }
}

/// Whatever the header says, tensors lie within the file and are written as they were read.
private func readTensors(_ bytes: [UInt8]) throws {
    let file = try SafetensorsFile(bytes: bytes, name: "fuzz")
    var writer = SafetensorsWriter(file.metadata)
    for entry in file.entries where entry.shape.count <= 4 {
        guard let tensor = try file.tensor(entry.name, nil) else { fatalError("\(entry.name) was lost") }
        precondition(tensor.withBytes { $0.reduce(0) { $0 &+ Int($1) } } >= 0 && Array(tensor.shape) == entry.shape)
        try writer.add(entry.name, tensor)
    }
    let copy = try SafetensorsFile(bytes: writer.bytes(), name: "copy")
    precondition(copy.entries.count <= file.entries.count && copy.metadata == file.metadata)
}

/// The byte says the method and the size of groups.
private func readFourBits(_ bytes: [UInt8], _ kind: UInt8) throws {
    let layout = try FourBitLayout([
        "quant_method": kind & 1 == 0 ? "awq" : "gptq", "bits": 4,
        "group_size": kind & 14 == 0 ? -1 : .integer(8 * Int(kind >> 1 & 7)),
        "checkpoint_format": kind & 128 == 0 ? "gptq" : "gptq_v2",
    ])
    let weights = try FourBitWeights(SafetensorsFile(bytes: bytes, name: "fuzz"), layout)
    for entry in weights.entries where entry.shape.count <= 4 {
        guard let tensor = try weights.tensor(entry.name, nil) else { fatalError("\(entry.name) was lost") }
        precondition(tensor.dtype == entry.dtype && Array(tensor.shape) == entry.shape)
    }
}

/// What passes can be divided, multiplied and looped by.
private func readSettings(_ text: String) throws {
    guard case .object(let values) = Settings.Value(try JSON(parsing: text)) else { return }
    let settings = try Settings(hub: Settings(values))
    guard HubArchitecture.named(try settings("model_type")) != nil else { return }
    let heads = try settings.positive("num_attention_heads"), width = try settings.positive("hidden_size")
    let head = try settings.positive("head_dim", default: width / heads)
    let keys = try settings.positive("num_key_value_heads", default: heads)
    precondition(head > 0 && heads % keys == 0)
}

/// What config.json is asked for besides; the real one makes hashes.
enum Fingerprint {
    static let settingKey = "yuyan_fingerprint"
}
