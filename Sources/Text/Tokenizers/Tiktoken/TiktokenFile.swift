import Foundation

/// A file of tiktoken's: on each line the bytes of a token in base64, a space, and its rank, which is its id too.
struct TiktokenFile {
    /// In the order of their ranks, spelled in GPT-2's alphabet.
    let tokens: [String]

    init(_ file: [UInt8]) throws {
        var tokens: [Int: String] = [:], seen: [String: Int] = [:]
        for (number, line) in file.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard number < TokenizerSpecification.maximumCount else {
                throw TokenizerError.vocabularyTooLarge(number + 1)
            }
            guard let (bytes, rank) = Self.entry(line) else {
                throw TokenizerError.damaged("line \(number + 1) is not a token in base64 and its rank")
            }
            let token = String(String.UnicodeScalarView(bytes.map(ByteAlphabet.letter)))
            if let other = seen.updateValue(rank, forKey: token) {
                throw TokenizerError.damaged("the ranks \(other) and \(rank) are both '\(token)'")
            }
            if let other = tokens.updateValue(token, forKey: rank) { throw TokenizerError.sharedID(rank, token, other) }
        }
        self.tokens = try (0..<tokens.count).map { rank in
            guard let token = tokens[rank] else { throw TokenizerError.missingID(rank) }
            return token
        }
    }

    /// Whether a file begins as such files do.
    static func begins(_ file: [UInt8]) -> Bool {
        entry(file.prefix(1 << 10).prefix { $0 != UInt8(ascii: "\n") }) != nil
    }

    private static func entry(_ line: ArraySlice<UInt8>) -> (bytes: Data, rank: Int)? {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = Data(base64Encoded: Data(parts[0])), !bytes.isEmpty,
            let rank = Int(String(decoding: parts[1], as: UTF8.self)), rank >= 0
        else { return nil }
        return (bytes, rank)
    }
}
