import Text

/// The text of an answer as it grows, and which tokens show in it.
///
/// A token is let out with its first character, so the two never disagree about where a stop string cut.
struct Transcript: Sendable {
    private var speaker: any Speaker
    private var stops: StopStrings
    /// Finds the words, where not all of the text is.
    private var words: CallReader?
    private var spoken = 0, released = 0  // UTF-8 bytes out of the speaker, and past the stop strings
    private var held: [(start: Int, token: TokenScore)] = []

    /// - Parameter words: tells words, in which alone stop strings count, from the rest; nil: they count everywhere.
    init(_ speaker: any Speaker, stops: [String], words: CallReader? = nil) {
        self.speaker = speaker
        self.stops = StopStrings(stops)
        self.words = stops.isEmpty ? nil : words
    }

    /// Takes the next token; returns what can be shown, and the stop string if one is complete.
    mutating func append(_ token: TokenScore) -> (text: String, tokens: [TokenScore], stop: String?) {
        held.append((spoken, token))
        let text = speaker.append(token.id)
        spoken += text.utf8.count
        let (shown, stop) = watch(text, isLast: false)
        return (shown, release(shown), stop)
    }

    /// The answer ended: what was held back can be shown, unless it turns out to have a stop string; but no half of a character.
    mutating func finish() -> (text: String, tokens: [TokenScore], stop: String?) {
        let (shown, stop) = watch("", isLast: true)
        guard stop == nil else { return (shown, release(shown), stop) }
        defer { held.removeAll() }
        return (shown + stops.finish(), held.map(\.token), nil)
    }

    private mutating func watch(_ text: String, isLast: Bool) -> (released: String, stop: String?) {
        guard let stretches = words?.stretches(text, isLast: isLast) else { return stops.append(text) }
        var shown = ""
        for stretch in stretches {
            guard stretch.areWords else {
                shown += stops.finish() + stretch.text
                continue
            }
            let (released, stop) = stops.append(stretch.text)
            shown += released
            if stop != nil { return (shown, stop) }
        }
        return (shown, nil)
    }

    private mutating func release(_ text: String) -> [TokenScore] {
        released += text.utf8.count
        let shown = held.prefix { $0.start < released }.map(\.token)
        held.removeFirst(shown.count)
        return shown
    }
}
