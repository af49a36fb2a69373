// Our side of training.py, compiled together with Sources/Text/Tokenizers and Sources/Text/JSON.
// Arguments: text file, vocabulary size, minimum frequency, pre-tokenizer or `unigram`, threads, special token, where to
// write tokenizer.json. Prints seconds, and the most memory held, in kB.
import Foundation

/// The lines of a file with their ends, read in blocks.
struct Lines: Sequence, IteratorProtocol {
    private let file: FileHandle
    private var block: [UInt8] = [], start = 0

    init(_ path: String) throws { file = try FileHandle(forReadingFrom: URL(filePath: path)) }

    mutating func next() -> String? {
        while true {
            if let end = block[start...].firstIndex(of: 10) {
                defer { start = end + 1 }
                return String(decoding: block[start...end], as: UTF8.self)
            }
            let rest = Array(block[start...])
            guard let more = try? file.read(upToCount: 1 << 20), !more.isEmpty else {
                (block, start) = ([], 0)
                return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
            }
            (block, start) = (rest + more, 0)
        }
    }
}

let arguments = CommandLine.arguments
let clock = ContinuousClock()
let begin = clock.now

@MainActor func train() throws -> TokenizerSpecification {
    let size = Int(arguments[2])!, threads = Int(arguments[5])!
    guard arguments[4] != "unigram" else {
        let special = [arguments[6]]
        let trainer = UnigramTrainer(
            .init(vocabularySize: size, specialTokens: special, coverage: 1, words: .betweenSpaces, threads: threads)
        )
        return try trainer.train(on: Lines(arguments[1]))
    }
    let trainer = BPETrainer(
        .init(
            vocabularySize: size,
            minimumFrequency: Int(arguments[3])!,
            specialTokens: [arguments[6]],
            preTokenizer: try PreTokenizer(named: arguments[4]),
            threads: threads
        )
    )
    return try trainer.train(on: Lines(arguments[1]))
}

let specification = try train()
let seconds = (clock.now - begin) / .seconds(1)
var usage = rusage()
getrusage(0, &usage)  // of this process
print(seconds, usage.ru_maxrss)
try specification.tokenizerJSON().text().write(toFile: arguments[7], atomically: true, encoding: .utf8)
