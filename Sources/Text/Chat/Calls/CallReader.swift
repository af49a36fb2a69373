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

    private enum Place: Sendable {
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

    private var form: CallForm?
    private let thoughts: ThoughtForm?
    /// The functions that there are: what has no marker is a call only if it is of one of them. Nil: any.
    private let functions: [String]?
    /// Whether there is nothing but calls, so that what is none is a part of one that was cut off.
    private let isCalling: Bool
    /// Whether an argument is a text, for forms that write texts as they are.
    private let isText: @Sendable (_ function: String, _ argument: String) -> Bool
    private var place: Place
    private var held: [UInt8] = []
    private var calls = 0, name = ""
    private var events: [Event] = []

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
        let isOpen = !isBegun && (thoughts != nil || form?.mayBeBare == true)
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
        if let form, let bare = form.marker.isEmpty ? form : form.bare,
            let isOpen = text.begins(withOneOf: heads(bare), isLast)
        {
            guard isOpen else { return false }
            held = Array(text)
            self.form = bare
            place = .between
            return true
        }
        if text.isEmpty, !isLast { return false }
        place = .words
        return true
    }

    /// What a call without a marker begins with.
    private func heads(_ form: CallForm) -> [String] { functions?.map(form.head) ?? [form.open] }

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

// MARK: Calls

extension CallReader {
    /// At what opens the first call, or stands between two, or ends the last.
    private mutating func nextCall(_ isLast: Bool) -> Bool {
        guard let form else { return false }
        // What joins two may be what ends the last, and more.
        switch held.match(calls == 0 ? .init(form.open) : form.join) {
        case .whole(let count):
            held.removeFirst(count)
            place = .name
            return true
        case .beginning where !isLast: return false
        default: break
        }
        guard calls == 0 else {
            if case .beginning = held.match(form.close), !isLast { return false }
            place = .over
            return true
        }
        if case .beginning = held.match(.init(form.open)) {
            // It was cut off before it was one.
            place = .over
            return true
        }
        // It looked like a call and was none.
        events.append(.words(String(decoding: held, as: UTF8.self)))
        held = []
        place = .words
        return true
    }

    private mutating func readName(_ isLast: Bool) -> Bool {
        guard let form else { return false }
        var ends = [form.mid.before]
        if case .members(let head, _, _, _) = form.arguments { ends = [head, form.empty + form.close.before] }
        if case .values(let head, _, _, _, _) = form.arguments { ends = [head] }
        let places = ends.filter { !$0.isEmpty }.compactMap { held.firstRange(of: Array($0.utf8))?.lowerBound }
        guard let end = places.min() else { return false }
        let rest = Array(held[end...])
        var length = 0
        if case .members(let head, _, _, _) = form.arguments, !rest.starts(with: head.utf8) {
            length = form.empty.utf8.count
        }
        if case .json = form.arguments {
            guard case .whole(let count) = rest.match(form.mid) else { return false }
            length = count
        }
        begin(String(decoding: held[..<end], as: UTF8.self), arguments(form))
        held = Array(rest[length...])
        return true
    }

    private mutating func begin(_ function: String, _ next: Place) {
        (name, place) = (function, next)
        events.append(.call(calls, name: name))
        calls += 1
    }

    private func arguments(_ form: CallForm) -> Place {
        switch form.arguments {
        case .json: .arguments(JSONScanner())
        case .members(let head, let keyed, let between, let tail):
            .members(MemberReader(head: head, keyed: keyed, between: between, tail: tail))
        case .values(let head, let keyed, let between, let tail, let notation):
            .values(ValueReader(head: head, keyed: keyed, between: between, tail: tail, notation: notation))
        }
    }

    private mutating func readArguments(_ scanner: JSONScanner) -> Bool {
        var scanner = scanner
        let end = scanner.scan(held)
        let isOver = scanner.isOver
        if end > 0 { events.append(.arguments(calls - 1, String(decoding: held[..<end], as: UTF8.self))) }
        held.removeFirst(end)
        place = isOver ? .between : .arguments(scanner)
        return isOver
    }

    private mutating func readMembers(_ reader: MemberReader, _ isLast: Bool) -> Bool {
        var reader = reader
        let (text, isOver) = reader.read(&held) { isText(name, $0) }
        if !text.isEmpty { events.append(.arguments(calls - 1, text)) }
        place = isOver ? .between : .members(reader)
        return isOver
    }

    private mutating func readValues(_ reader: ValueReader) -> Bool {
        var reader = reader
        let (text, isOver) = reader.read(&held)
        if !text.isEmpty { events.append(.arguments(calls - 1, text)) }
        place = isOver ? .between : .values(reader)
        return isOver
    }
}

extension CallForm {
    /// Whether nothing but its opening brace may tell a call.
    fileprivate var mayBeBare: Bool { marker.isEmpty || bare != nil }
}
