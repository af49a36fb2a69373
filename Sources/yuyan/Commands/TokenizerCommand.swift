import ArgumentParser
import Bundles
import Foundation
import Text
import Training

struct TokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer",
        abstract: "Learn a tokenizer, or see how a text is cut.",
        subcommands: [Learn.self, Encode.self]
    )
}

extension TokenizerCommand {
    struct Learn: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "train",
            abstract: "Learn a tokenizer from text.",
            discussion: """
                Writes tokenizer.json and tokenizer_config.json, as others read them too:

                  yuyan tokenizer train corpus.txt more.txt --size 16000 --output zh16k

                Plain text is read line by line, JSONL, JSON and CSV as yuyan train reads them.
                Memory grows with the distinct words, not with the corpus.
                """
        )

        @Argument(help: "Files of text (UTF-8), or of rows.")
        var files: [String]

        @Option(name: .shortAndLong, help: "The folder to write to.")
        var output: String

        @Option(help: ArgumentHelp("Tokens, special ones included.", valueName: "n"))
        var size = 32_000

        @Option(help: "bpe (of bytes) or unigram (of characters, with bytes for what is rare).")
        var type = Algorithm.bpe

        @Option(
            help:
                "How text is cut into words, for bpe: \(PreTokenizer.allCases.map(\.rawValue).joined(separator: ", "))."
        )
        var words = PreTokenizer.qwen2.rawValue

        @Option(help: "A control token; may be given several times. Texts begin and end with the first.")
        var special: [String] = ["<|endoftext|>"]

        enum Algorithm: String, ExpressibleByArgument, CaseIterable { case bpe, unigram }

        func validate() throws {
            guard PreTokenizer(rawValue: words) != nil else { throw ValidationError("--words '\(words)' is not known") }
        }

        func run() throws {
            let text = TrainingText(try files.map(Self.source))
            let learnt = Result { try learn(text) }
            if let error = text.error { throw error }
            var specification = try learnt.get()
            specification.endTexts(with: special.first)
            let folder = URL(filePath: output)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try write(specification.tokenizerJSON(), folder.appending(path: "tokenizer.json"))
            try write(specification.tokenizerConfiguration(), folder.appending(path: "tokenizer_config.json"))
            Terminal.write("\(specification.tokens.count) tokens are in \(folder.path)\n")
        }

        /// What a training would read, but plain text line by line.
        private static func source(_ path: String) throws -> DataSource {
            let url = URL(filePath: path), format = DataFormat(fileName: url.lastPathComponent)
            if case .text? = format { return try DataSource(url, format: .text(.lines)) }
            return try DataSource(url, format: format ?? .text(.lines))
        }

        private func learn(_ lines: TrainingText) throws -> TokenizerSpecification {
            let note = ProgressTold()
            switch type {
            case .bpe:
                let pre = PreTokenizer(rawValue: words) ?? .qwen2
                return try BPETrainer(.init(vocabularySize: size, specialTokens: special, preTokenizer: pre))
                    .train(on: lines) { note.tell($0) }
            case .unigram:
                return try UnigramTrainer(.init(vocabularySize: size, specialTokens: special))
                    .train(on: lines) { note.tell($0) }
            }
        }

        private func write(_ json: JSON, _ url: URL) throws {
            try Data(json.text().utf8).write(to: url, options: .atomic)
        }
    }

    struct Encode: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "See how a text is cut into tokens.",
            discussion: "Reads standard input where no text is given."
        )

        @Argument(help: "A name of the store, a GGUF file, or a folder with a tokenizer.json.")
        var model: String

        @Argument(help: "The text.")
        var text: String?

        @Flag(help: "Read the spelling of special tokens as these tokens.")
        var special = false

        @Flag(help: "Print as JSON.")
        var json = false

        func run() throws {
            let tokenizer = try Self.open(model)
            let text = try text ?? Self.standardInput()
            let ids = tokenizer.encode(text, addSpecial: false, parseSpecial: special)
            if json { return Terminal.write(try encoded(ids.map { Token(id: $0, text: tokenizer.decode([$0])) })) }
            let rows = ids.map { ["\($0)", tokenizer.token($0) ?? ""] }
            Terminal.relay(Figures.table(rows) + "\n")
            Terminal.complain("\(ids.count) tokens, \(text.unicodeScalars.count) characters")
        }

        /// A `tokenizer.json`, by itself or in a folder, or what a model has.
        private static func open(_ path: String) throws -> Tokenizer {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return try ofModel(path) }
            let folder = URL(filePath: path),
                file = isFolder.boolValue ? folder.appending(path: "tokenizer.json") : folder
            guard file.pathExtension == "json", let data = try? Data(contentsOf: file) else { return try ofModel(path) }
            return try naming(file.path) { try Tokenizer(TokenizerSpecification(tokenizerJSON: data)) }
        }

        private static func ofModel(_ name: String) throws -> Tokenizer {
            let bundle = try ModelBundle.named(name)
            return try naming(bundle.path ?? name) { try Tokenizer(bundle.tokenizer) }
        }

        private struct Token: Encodable { let id: Int, text: String }

        private static func standardInput() throws -> String {
            let data = FileHandle.standardInput.readDataToEndOfFile()
            guard let text = String(validating: data, as: UTF8.self) else { throw BadInput("the text is not UTF-8") }
            return text
        }
    }
}

/// Tells of a training now and then, on a terminal only.
private final class ProgressTold {
    private var last = ContinuousClock.now - .seconds(1)

    func tell(_ progress: TokenizerTraining.Progress) {
        guard Terminal.errorIsTerminal, ContinuousClock.now - last > .milliseconds(100) else { return }
        last = .now
        let text =
            switch progress {
            case .reading(let bytes): "read \(Figures.bytes(bytes))"
            case .merging(let tokens, let all): "\(tokens) of \(all) tokens"
            case .pruning(let pieces, let all): "\(pieces) pieces, \(all) wanted"
            }
        Terminal.draw("\r\(text)\u{1B}[K")
    }

    deinit { if Terminal.errorIsTerminal { Terminal.draw("\r\u{1B}[K") } }
}
