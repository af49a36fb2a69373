import ArgumentParser
import Bundles
import Checkpoints
import Foundation
import Tensors

struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a model in another format.",
        discussion: """
            A target that ends in .gguf is one file, which llama.cpp and its kin read too;
            any other is a folder in the Hub's layout: safetensors, config.json,
            tokenizer.json, chat template.

              yuyan convert hotline hotline.gguf --type q8_0
              yuyan convert qwen2.5-coder-0.5b-instruct qwen-folder --type bfloat16

            Folders in AWQ's and GPTQ's 4-bit layouts are read, and written with --type awq
            or gptq: with the same values where the model has such, else rounded to the
            nearest levels.

            An adapter is worked into its base. What is there already is never overwritten.
            """
    )

    @Argument(help: "A name of the store, a run, a GGUF file, or a folder in the Hub's or in PEFT's layout.")
    var model: String

    @Argument(help: "The file or folder to write.")
    var target: String

    @Option(
        help:
            "How matrices are stored: in a GGUF file \(DType.named(DType.written)); in a folder \(DType.named(DType.floats)), \(FourBitLayout.names). Each as it is, if left out; in a folder bfloat16 where it is quantised."
    )
    var type: String?

    @Option(help: "What the GGUF file calls the model; its file's name if left out.")
    var name: String?

    func validate() throws {
        if let type, !DType.written.contains(type), layout == nil {
            let known = DType.named(DType.written)
            throw ValidationError("--type '\(type)' is not one of \(known), \(FourBitLayout.names)")
        }
        if layout != nil, isFile {
            throw ValidationError("--type \(type ?? "") is for folders; \(target) is a GGUF file")
        }
        if let type, !isFile, layout == nil, !DType.floats.contains(type) {
            let known = DType.named(DType.floats + [FourBitLayout.names])
            throw ValidationError("--type '\(type)' is for GGUF files; \(target) is a folder: it may be \(known)")
        }
        if name != nil, !isFile { throw ValidationError("--name is for GGUF files; \(target) is a folder") }
    }

    func run() async throws {
        try Workers().claim()
        let path = (target as NSString).expandingTildeInPath, type = type.flatMap(DType.init(rawValue:))
        guard !FileManager.default.fileExists(atPath: path) else {
            throw BadInput("\(path) is there already; remove it first, or name another target")
        }
        let bundle = try ModelBundle.named(model), isFile = isFile, layout = layout
        let name = name ?? URL(filePath: path).deletingPathExtension().lastPathComponent
        try await onThread {
            if let layout {
                try bundle.write(to: path, in: layout)
            } else if isFile {
                try sayingWhatHolds(model) { try bundle.export(gguf: path, type: type, name: name) }
            } else {
                try bundle.write(to: path, as: type)
            }
        }
        let bytes = try ModelStore().locate(path).bytes
        Terminal.write("\(path)  \(Figures.bytes(bytes))\n")
    }

    private var layout: FourBitLayout? { type.flatMap(FourBitLayout.Method.init).map { FourBitLayout($0) } }

    private var isFile: Bool { target.lowercased().hasSuffix(".gguf") }
}

extension FourBitLayout {
    fileprivate static let names = Method.allCases.map(\.rawValue).joined(separator: ", ")
}

extension DType {
    /// The names of those that weights can be stored as.
    fileprivate static let written = allCases.filter(\.isWritten).map(\.rawValue)
    fileprivate static let floats = allCases.filter { $0.isWritten && !$0.isQuantized }.map(\.rawValue)

    fileprivate static func named(_ types: [String]) -> String { types.joined(separator: ", ") }
}
