import Checkpoints
import Foundation
import Text

/// What a dataset is made from, as the name of its folder.
struct DatasetIdentity {
    let sources: [DatasetDescription.Source]
    let name: String

    /// Reads every file once.
    init(
        _ sources: [DataSource],
        _ tokenizer: Tokenizer,
        _ template: ChatTemplate?,
        _ options: PreparationOptions
    ) throws {
        self.sources = try sources.map { source in
            let digest: String
            do { digest = try sha256(ofFile: source.url.path) } catch let error as StoreError {
                throw DataError.unreadable(file: source.url.path, reason: Self.reason(error))
            }
            return DatasetDescription.Source(
                name: source.url.lastPathComponent,
                sha256: digest,
                format: source.format.name,
                layout: source.layout.name
            )
        }
        var parts = ["training data \(ShardHeader.version)"]
        parts += self.sources.flatMap { [$0.sha256, $0.format, $0.layout] }
        parts += ["tokenizer", options.tokenizerFingerprint ?? Self.fingerprint(tokenizer)]
        parts += template.map { ["template", $0.source, $0.bosToken, $0.eosToken] } ?? []
        if template?.genericTools != nil { parts.append("generic tools") }
        parts.append("row \(options.rowBytes)")
        name = sha256(of: parts.map { "\($0.utf8.count) \($0)" }.joined(separator: "\n").utf8)
    }

    private static func reason(_ error: StoreError) -> String {
        if case .system(_, let reason) = error { reason } else { "\(error)" }
    }

    /// The vocabulary, and the ids of a text that tokenizers cut in different ways.
    static func fingerprint(_ tokenizer: Tokenizer) -> String {
        var parts = [String(tokenizer.vocabularySize), "\([tokenizer.bos, tokenizer.eos, tokenizer.pad])"]
        parts.append("\(tokenizer.addsBOS) \(tokenizer.addsEOS) \(tokenizer.endOfGeneration.sorted())")
        for id in 0..<tokenizer.vocabularySize {
            parts.append((tokenizer.token(id) ?? "") + (tokenizer.isSpecial(id) ? " special" : ""))
        }
        parts.append("\(tokenizer.encode(sample, addSpecial: false, parseSpecial: false))")
        return sha256(of: parts.map { "\($0.utf8.count) \($0)" }.joined(separator: "\n").utf8)
    }

    /// Words, numbers, spaces, line breaks and scripts that one tokenizer joins and another parts.
    private static let sample = """
          Hello, World!  It's 2026-11-29; 1234567 + 3.14 = ?\t\n\n\n  don't WON'T  naïve café e\u{301} ﬁ ①\r\n
        雨燕是一只燕子。语言模型，１２３ｋｍ；「話す」カタカナ 한국어 العربية हिन्दी ไทย 👩‍👩‍👧🏽 <|im_end|> ▁▁ \u{200B}x
            def f(x): return x**2  # comment   \u{00A0}end 
        """
}
