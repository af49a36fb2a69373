import Foundation
import Testing
import Text
import Training

/// A folder of files to learn from, and a tokenizer whose tokens are bytes.
final class DataFixture: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "yuyan-data-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var datasets: URL { folder.appending(path: "datasets") }

    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
        let url = folder.appending(path: name)
        try Data(bytes).write(to: url)
        return url
    }

    func source(
        _ name: String,
        _ text: String,
        _ format: DataFormat? = nil,
        _ layout: DataLayout = .automatic
    ) throws -> DataSource {
        try DataSource(file(name, text.utf8), format: format, layout: layout)
    }

    func prepare(
        _ sources: [DataSource],
        _ template: ChatTemplate? = DataFixture.template,
        _ change: (inout PreparationOptions) -> Void = { _ in }
    ) throws -> PreparedDataset {
        var options = PreparationOptions()
        options.threads = 3
        change(&options)
        return try PreparedDataset.prepare(sources, Self.tokenizer, template, in: datasets, options)
    }

    /// Rows of `rejected.jsonl`.
    static func rejected(_ dataset: PreparedDataset) throws -> [JSON] {
        try String(contentsOf: dataset.rejected, encoding: .utf8).split(separator: "\n").map {
            try JSON(parsing: String($0))
        }
    }

    static let tokenizer = bytes(["<|im_start|>", "<|im_end|>"], eos: "<|im_end|>")

    /// A tokenizer of 256 bytes and some control tokens.
    static func bytes(_ controls: [String], eos: String?) -> Tokenizer {
        let visible = (0..<256).map { byte in String(byteAlphabet[byte]) }
        var specification = TokenizerSpecification(
            kind: .byteLevelBPE(.gpt2),
            tokens: visible + controls,
            kinds: visible.map { _ in .normal } + controls.map { _ in .control }
        )
        specification.eos = eos.flatMap { controls.firstIndex(of: $0) }.map { $0 + 256 }
        do { return try Tokenizer(specification) } catch { preconditionFailure("\(error)") }
    }

    /// GPT-2's letters for bytes.
    private static let byteAlphabet: [Unicode.Scalar] = {
        let plain = Array(33...126) + Array(161...172) + Array(174...255)
        var next: UInt32 = 256
        return (0..<256).map { byte in
            if plain.contains(byte) { return Unicode.Scalar(UInt8(byte)) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? " "
        }
    }()

    static let template: ChatTemplate = {
        let source = """
            {%- for t in tools or [] %}{{ t.function.name }}{% endfor %}\
            {%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + (m.content or '') }}\
            {%- for c in m.tool_calls or [] %}{{ c.function | tojson }}{% endfor %}{{ '<|im_end|>\\n' }}{% endfor %}\
            {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
            """
        do { return try ChatTemplate(source, eosToken: "<|im_end|>") } catch { preconditionFailure("\(error)") }
    }()
}

extension PreparedDataset {
    /// The whole of a document: its text, and in brackets what of it is learnt.
    func marked(_ document: Int, _ tokenizer: Tokenizer = DataFixture.tokenizer) throws -> String {
        let (ids, learnt) = try whole(document)
        var text = "", run: [Int] = [], isOpen = false
        for (id, isLearnt) in zip(ids, learnt) {
            if isLearnt != isOpen {
                text += tokenizer.decode(run) + (isLearnt ? "[" : "]")
                (run, isOpen) = ([], isLearnt)
            }
            run.append(id)
        }
        return text + tokenizer.decode(run) + (isOpen ? "]" : "")
    }

    /// The ids of a document, and whether each is a target.
    func whole(_ document: Int) throws -> (ids: [Int], learnt: [Bool]) {
        let count = length(of: document), (tokens, targets) = try rows(0..<count - 1, of: document)
        let last = try rows(count - 2..<count - 1, of: document).targets[0]
        let ids = tokens.map(Int.init) + [last >= 0 ? Int(last) : -1]
        return (ids, [false] + targets.map { $0 >= 0 })
    }

    var all: [String] { get throws { try (0..<documentCount).map { try marked($0) } } }
}
