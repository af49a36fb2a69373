/// The text of an answer as it grows, and which tokens show in it.
///
/// A token is let out with its first character, so the two never disagree about where a stop string cut.
struct Transcript: Sendable {
    private var speaker: any Speaker
    private var stops: StopStrings
    private var spoken = 0, released = 0  // UTF-8 bytes out of the speaker, and past the stop strings
    private var held: [(start: Int, token: TokenScore)] = []

    init(_ speaker: any Speaker, stops: [String]) {
        self.speaker = speaker
        self.stops = StopStrings(stops)
    }

    /// Takes the next token; returns what can be shown, and the stop string if one is complete.
    mutating func append(_ token: TokenScore) -> (text: String, tokens: [TokenScore], stop: String?) {
        held.append((spoken, token))
        let text = speaker.append(token.id)
        spoken += text.utf8.count
        let (shown, stop) = stops.append(text)
        return (shown, release(shown), stop)
    }

    /// The answer ended without a stop string: everything held back can be shown, but no half of a character.
    mutating func finish() -> (text: String, tokens: [TokenScore]) {
        defer { held.removeAll() }
        return (stops.finish(), held.map(\.token))
    }

    private mutating func release(_ text: String) -> [TokenScore] {
        released += text.utf8.count
        let shown = held.prefix { $0.start < released }.map(\.token)
        held.removeFirst(shown.count)
        return shown
    }
}
