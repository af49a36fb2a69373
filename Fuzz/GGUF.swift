import Tensors

/// libFuzzer's entry: whatever the bytes are, opening and reading them throws or returns. It is compiled into one module
/// with the reader, so that libFuzzer sees every branch (see scripts/fuzz).
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGGUF(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do { try touchEverything(Array(UnsafeBufferPointer(start: data, count: count))) } catch {
        guard error is CheckpointError else { fatalError("an error of another room: \(error)") }
        _ = "\(error)".utf8.count
    }
    return 0
}

private func touchEverything(_ bytes: [UInt8]) throws {
    let file = try GGUFFile(bytes: bytes, name: "fuzz")
    for (_, value) in file.metadata {
        _ = value.description.utf8.count
        _ = value.numbers?.floats
        _ = value.numbers?.integers
        if let strings = value.strings { for index in strings.indices { _ = strings.bytes(at: index) } }
    }
    for tensor in file.tensors where tensor.type.dtype != nil {
        let stored = try file.stored(tensor)
        precondition(stored.withBytes(\.count) == tensor.range.count)
        _ = stored.withBytes { $0.reduce(0, &+) }
    }
    for tensor in file.tensors {
        let name = GGUFArchitecture.named(file.architecture).name(tensor.name)
        do { _ = try file.weights.tensor(name, nil)?.withBytes { $0.reduce(0, &+) } } catch is CheckpointError {}
    }
    if file.metadata["general.type"]?.text == "imatrix" { _ = try Importance(file, for: ["model_type": "qwen3_moe"]) }
    try roundTrip(file)
}

/// What can be read can be written, and reads the same.
private func roundTrip(_ file: GGUFFile) throws {
    guard file.tensors.allSatisfy({ $0.type.dtype != nil }) else { return }
    var writer = GGUFWriter(file.metadata)
    for tensor in file.tensors { writer.add(tensor.name, try file.stored(tensor)) }
    let copy = try GGUFFile(bytes: writer.bytes(), name: "copy")
    precondition(copy.metadata.map(\.key) == file.metadata.map(\.key))
    precondition(copy.tensors.map(\.name) == file.tensors.map(\.name))
    precondition(copy.tensors.map(\.shape) == file.tensors.map(\.shape))
}
