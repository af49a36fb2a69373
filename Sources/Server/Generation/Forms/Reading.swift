import Grammars
import Inference
import Text

/// How an answer's text is told apart into thoughts, words and calls.
struct Reading: Sendable {
    var calls: CallForm?
    var thoughts: ThoughtForm?
    /// Whether the text begins within thoughts.
    var isThinking = false
    /// Whether it begins within words, or behind thoughts.
    var isBegun = false, isThoughtOver = false
    /// Whether nothing but calls may come.
    var isCalling = false
    var tools: [Tool] = []
    /// What the identities of calls begin with.
    var prefix = "call_"
    /// What tells this answer's identities from those of others.
    var stamp = ""
    /// The bytes of a token.
    var bytes: @Sendable (Int) -> [UInt8] = { _ in [] }

    func reader() -> CallReader {
        let texts = Dictionary(tools.map { ($0.name, $0) }) { first, _ in first }
        return CallReader(
            calls,
            thoughts: thoughts,
            isThinking: isThinking,
            isBegun: isBegun,
            functions: tools.map(\.name),
            isCalling: isCalling
        ) { function, argument in texts[function]?.isText(argument) ?? true }
    }

    /// The identity of a call. Templates that show one ask for nine letters and digits.
    func id(_ choice: Int, _ call: Int) -> String {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325, text = ""
        for byte in "\(stamp)/\(choice)/\(call)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let isShort = calls?.close.after != nil
        for _ in 0..<(isShort ? CallForm.Piece.idLength : 24) {
            hash = hash &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text.append(letters[Int(hash >> 33) % letters.count])
        }
        return isShort ? text : prefix + text
    }
}

/// Why an answer ended.
struct Ending: Sendable, Hashable {
    var reason = FinishReason.endOfText
    /// Whether functions are to be called.
    var hasCalls = false

    /// The word that OpenAI has for it.
    var word: String { hasCalls && reason != .length ? "tool_calls" : reason.word }
}

/// Which of its tools a model may call.
enum ToolChoice: Sendable, Hashable {
    case none, auto, required
    case named(String)
}
