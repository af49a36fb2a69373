import Bundles
import Checkpoints
import Server
import Tensors

extension ModelDetails {
    init(_ file: GGUFFile) {
        let told = ModelDescription(file)
        self.init(
            format: "gguf",
            family: told.architecture,
            parameters: told.parameters,
            quantisation: told.quantisation
        )
    }

    /// What a model's file, or a folder in the Hub's layout, tells; nil where it tells nothing.
    init?(at path: String) {
        if let file = try? GGUFFile(path: path) {
            self.init(file)
            return
        }
        guard let bundle = try? ModelBundle.open(path, resolving: { try ModelStore().locate($0).path }) else {
            return nil
        }
        let entries = bundle.weights.entries
        let bytes = Dictionary(entries.map { ($0.dtype, $0.byteCount) }, uniquingKeysWith: +)
        self.init(
            format: ModelBundle.format(at: path),
            family: (try? bundle.settings("model_type", String.self)) ?? "",
            parameters: entries.reduce(0) { $0 + $1.shape.reduce(1, *) },
            quantisation: bytes.max { $0.value < $1.value }.map { Self.name(of: $0.key) } ?? ""
        )
    }

    /// What a GGUF file calls a type.
    static func name(of type: DType) -> String {
        let names: [DType: String] = [.float32: "F32", .float16: "F16", .bfloat16: "BF16"]
        return names[type] ?? "\(type)".uppercased()
    }
}
