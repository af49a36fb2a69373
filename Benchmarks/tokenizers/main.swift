// The encoder's side of benchmark.py, compiled together with Sources/Text/Tokenizers.
// Arguments: a file with a tokenizer specification. Then, for each path on standard input: nanoseconds and tokens.
import Foundation

struct Fields: Decodable {
    let model: String, pre: String?, tokens: [String], token_type: [Int]?, scores: [Float]?, merges: [String]?
    let add_space_prefix: Bool?
}

let fields = try JSONDecoder().decode(Fields.self, from: Data(contentsOf: URL(filePath: CommandLine.arguments[1])))

/// Runs `body`; nanoseconds of this thread's processor time, which other processes do not spoil.
func measure(_ body: () throws -> Void) rethrows -> Int {
    func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    let start = now()
    try body()
    return now() - start
}

var tokenizer: Tokenizer?
let construction = try measure {
    tokenizer = try Tokenizer(
        TokenizerSpecification(
            gguf: fields.model,
            pre: fields.pre,
            tokens: fields.tokens,
            scores: fields.scores,
            tokenTypes: fields.token_type,
            merges: fields.merges,
            addSpacePrefix: fields.add_space_prefix
        )
    )
}
print(construction, fields.tokens.count)
fflush(nil)

while let path = readLine() {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var ids: [Int] = []
    let nanoseconds = measure { ids = tokenizer!.encode(text, addSpecial: false) }
    let checksum = ids.reduce(0) { ($0 &* 31 &+ $1) & 0xFFFF_FFFF }
    print(nanoseconds, ids.count, checksum)
    fflush(nil)
}
