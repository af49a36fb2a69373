public import Foundation
public import Tensors

/// Data that `scripts/golden.py` made with a reference library, under `Tests/Golden`.
public enum Golden {
    public static let folder = URL(filePath: #filePath).appending(path: "../../../Tests/Golden").standardized

    /// The tensors of all files `path.*safetensors`, and the metadata of one of them.
    public static func safetensors(_ path: String) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
        let url = folder.appending(path: path), name = url.lastPathComponent
        let files = try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)
        var tensors: [String: Tensor] = [:], metadata: [String: String] = [:]
        for file in files.sorted() where isPart(file, of: name) {
            let part = try read(url.deletingLastPathComponent().appending(path: file))
            tensors.merge(part.tensors) { $1 }
            metadata = part.metadata
        }
        guard !tensors.isEmpty else { throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: url.path]) }
        return (tensors, metadata)
    }

    /// `llama.safetensors` and `llama.2.safetensors` are parts of `llama`; `llama.outputs.safetensors` is not.
    private static func isPart(_ file: String, of name: String) -> Bool {
        guard file.hasPrefix(name + "."), file.hasSuffix(".safetensors") else { return false }
        let middle = file.dropFirst(name.count).dropLast(".safetensors".count)
        return middle.isEmpty || Int(middle.dropFirst()) != nil
    }

    private static func read(_ url: URL) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
        let data = try Data(contentsOf: url)
        let damaged = CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: url.path])
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard data.count >= 8, (0...data.count - 8).contains(length) else { throw damaged }
        let header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: Any] ?? [:]
        var tensors: [String: Tensor] = [:]
        for case (let name, let entry as [String: Any]) in header {
            guard let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int],
                let type = entry["dtype"] as? String, type != "U8"  // bytes are no tensor of ours
            else { continue }
            guard offsets.count == 2, 0 <= offsets[0], offsets[1] - offsets[0] == shape.reduce(4, *),
                offsets[0] <= offsets[1], offsets[1] <= data.count - 8 - length
            else { throw damaged }
            let bytes = [UInt8](data[8 + length + offsets[0]..<8 + length + offsets[1]])
            let dtype: DType = type == "I32" ? .int32 : .float32
            tensors[name] = Tensor(bytes: bytes, dtype: dtype, shape: Shape(shape))
        }
        return (tensors, header["__metadata__"] as? [String: String] ?? [:])
    }
}

extension Golden {
    /// What a golden network may have beside its weights.
    public enum Part: String { case outputs, gradients, gguf }

    /// The golden networks of a folder that have outputs and this part, by name. What is put there is in every test of such.
    public static func networks(_ folder: String = "Models", with part: Part = .outputs) -> [String] {
        let place = self.folder.appending(path: folder).path
        let files = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        func having(_ part: Part) -> Set<String> {
            let parted = files.map { $0.split(separator: ".") }.filter { $0.count > 1 && $0[1] == part.rawValue }
            return Set(parted.map { String($0[0]) })
        }
        return having(.outputs).intersection(having(part)).sorted()
    }
}
