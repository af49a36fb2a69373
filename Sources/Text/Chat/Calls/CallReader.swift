/// Reads what a model writes, piece by piece: its thoughts, its words, and the calls it makes.
///
/// What may yet turn out to be a marker is held back. How the text was cut changes nothing but where pieces end.
public struct CallReader: Sendable {
    public enum Event: Sendable, Hashable {
        case thought(String)
        case words(String)
        /// A call begins; they are numbered from 0.
        case call(Int, name: String)
        /// More of the text of a call's arguments, which are one JSON object.
        case arguments(Int, String)
    }

    enum Place: Sendable {
        /// Before anything was written but thoughts.
        case start
        /// At the beginning of thoughts, where white space does not count.
        case before
        case thought
        /// Behind thoughts, where line ends do not count.
        case behind
        case words
        case name
        case arguments(JSONScanner)
        case members(MemberReader)
        case values(ValueReader)
        case between
        case over
    }

    var form: CallForm?
    let loose: LooseHead?
    /// Whether calls have come without their marker, so that others may.
    var isLoose = false
    private let thoughts: ThoughtForm?
    /// The functions that there are: what has no marker is a call only if it is of one of them. Nil: any.
    let functions: [String]?
    /// Whether there is nothing but calls, so that what is none is a part of one that was cut off.
    private let isCalling: Bool
    /// Whether an argument is a text, for forms that write texts as they are.
    let isText: @Sendable (_ function: String, _ argument: String) -> Bool
    var place: Place
    var held: [UInt8] = []
    var calls = 0, name = ""
    var events: [Event] = []

    /// - Parameters:
    ///   - form: how calls are written; nil where none are expected.
    ///   - thoughts: how thoughts are marked; nil where there are none.
    ///   - isThinking: whether the text begins within them.
    ///   - isBegun: whether it begins within words.
    ///   - functions: those that may be called; what has no marker is a call only if it is of one of them. Nil: any.
    ///   - isCalling: whether nothing but calls and thoughts may come.
    public init(
        _ form: CallForm?,
        thoughts: ThoughtForm? = nil,
        isThinking: Bool = false,
        isBegun: Bool = false,
        functions: [String]? = nil,
        isCalling: Bool = false,
        isText: @escaping @Sendable (_ function: String, _ argument: String) -> Bool = { _, _ in true }
    ) {
        (self.form, self.thoughts, self.isText) = (form, thoughts, isText)
        (self.functions, self.isCalling) = (functions, isCalling)
        loose = form.flatMap(LooseHead.init)
        let isOpen = !isBegun && (thoughts != nil || loose != nil || form?.marker.isEmpty == true)
        place = isThinking ? .before : isOpen ? .start : .words
    }

    /// How many calls there are so far.
    public var count: Int { calls }

    public mutating func append(_ text: String) -> [Event] {
        held += text.utf8
        while step(isLast: false) {}
        return taken()
    }

    /// The text ended: nothing held back was a marker.
    public mutating func finish() -> [Event] {
        while step(isLast: true) {}
        return taken()
    }

    /// Takes more text; returns it as it came, as far as it is decided, in stretches that are words or are not.
    package mutating func stretches(_ text: String, isLast: Bool) -> [(text: String, areWords: Bool)] {
        held += text.utf8
        var stretches: [(text: String, areWords: Bool)] = [], goesOn = true
        while goesOn {
            let before = held
            goesOn = step(isLast: isLast)
            let passed = before.prefix(before.count - held.count)
            let areWords = taken().contains { if case .words = $0 { true } else { false } }
            if !passed.isEmpty { stretches.append((String(decoding: passed, as: UTF8.self), areWords)) }
        }
        return stretches
    }

    private mutating func taken() -> [Event] {
        defer { events = [] }
        return events
    }

    /// Reads on as far as one thing goes; false if more text is needed.
    private mutating func step(isLast: Bool) -> Bool {
        guard !held.isEmpty else { return false }
        switch place {
        case .start: return begin(isLast)
        case .before: return skip(to: .thought, where: \.isSpace)
        case .thought: return passThoughts(isLast)
        case .behind: return skip(to: .start) { $0 == 0x0A }
        case .words where thoughts?.isHarmony == true:
            // Words may precede another message.
            let isOver = pass(to: thoughts?.close ?? "", isLast) { .words($0) }
            if isOver { place = .start }
            return isOver
        case .words:
            let isCall = pass(to: form?.marker ?? "", isLast) { .words($0) }
            if isCall, let form {
                held = Array(form.marker.utf8) + held
                place = .between
            }
            return isCall
        case .between: return nextCall(isLast)
        case .name: return readName(isLast)
        case .arguments(let scanner): return readArguments(scanner)
        case .members(let reader): return readMembers(reader, isLast)
        case .values(let reader): return readValues(reader)
        case .over:
            held = []
            return false
        }
    }

    private mutating func skip(to next: Place, where isSkipped: (UInt8) -> Bool) -> Bool {
        held.removeFirst(held.firstIndex { !isSkipped($0) } ?? held.count)
        guard !held.isEmpty else { return false }
        place = next
        return true
    }

    /// Decides what the text begins with.
    private mutating func begin(_ isLast: Bool) -> Bool {
        if thoughts?.isHarmony == true { return readHeader(isLast) }
        let text = held.drop { $0 == 0x0A || $0 == 0x20 }
        // Thoughts may follow thoughts; an end of them that nobody began is no word.
        for (marker, next) in [(thoughts?.open, Place.before), (thoughts?.close, Place.behind)] {
            guard let marker, let isWhole = text.begins(with: marker, isLast) else { continue }
            guard isWhole else { return false }
            held.removeFirst(held.count - text.count + marker.utf8.count)
            place = next
            return true
        }
        guard let isCall = beginsCall(text, isLast) else { return false }
        if isCall { return true }
        if text.isEmpty, !isLast { return false }
        place = .words
        return true
    }

    /// Whether the text begins with a call that has no marker, which is read then; nil where it may yet.
    private mutating func beginsCall(_ text: ArraySlice<UInt8>, _ isLast: Bool) -> Bool? {
        if let loose {
            switch loose.match(held, functions: functions) {
            case .whole(let count, let function):
                held.removeFirst(count)
                isLoose = form?.marker.isEmpty != true || form?.join == nil
                begin(function, .arguments(JSONScanner()))
                return true
            case .beginning where !isLast: return nil
            default: return false
            }
        }
        guard let form, form.marker.isEmpty,
            let isOpen = text.begins(withOneOf: functions?.map(form.head) ?? [form.open], isLast)
        else { return false }
        guard isOpen else { return nil }
        held = Array(text)
        place = .between
        return true
    }

    /// Reads a header of Harmony, which tells what its message is.
    private mutating func readHeader(_ isLast: Bool) -> Bool {
        guard let end = held.firstRange(of: HarmonyHeader.end) else {
            if isLast { place = .words }
            return isLast
        }
        let header = HarmonyHeader(String(decoding: held[..<end.lowerBound], as: UTF8.self))
        held.removeFirst(end.upperBound)
        place = header.isThought ? .before : .words
        if let function = header.function { begin(function, .arguments(JSONScanner())) }
        return true
    }

    /// Lets text out up to a marker, and takes the marker; true if it came.
    private mutating func pass(to marker: String, _ isLast: Bool, _ event: (String) -> Event) -> Bool {
        let (end, isWhole) = held.place(of: Array(marker.utf8), isLast)
        if end > 0, !isCalling { events.append(event(String(decoding: held[..<end], as: UTF8.self))) }
        held.removeFirst(end + (isWhole ? marker.utf8.count : 0))
        return isWhole
    }

    /// Lets thoughts out; white space waits, for at their end it does not count.
    private mutating func passThoughts(_ isLast: Bool) -> Bool {
        let marker = Array((thoughts?.close ?? "").utf8), (end, isWhole) = held.place(of: marker, isLast)
        let last = held[..<end].lastIndex { !$0.isSpace }.map { $0 + 1 } ?? 0
        if last > 0 { events.append(.thought(String(decoding: held[..<last], as: UTF8.self))) }
        held.removeFirst(isWhole ? end + marker.count : isLast ? end : last)
        if isWhole { place = .behind }
        return isWhole
    }
}
