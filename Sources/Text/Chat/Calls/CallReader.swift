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
        /// Before anything was written.
        case start
        /// At the beginning of thoughts, whose first line ends do not count.
        case before
        case thought
        /// Behind thoughts, where line ends do not count.
        case behind
        case words
        case name
        case arguments(JSONScanner)
        case members(MemberReader)
        case between
        case over
    }

    private var form: CallForm?
    private let thoughts: ThoughtForm?
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
    public init(
        _ form: CallForm?,
        thoughts: ThoughtForm? = nil,
        isThinking: Bool = false,
        isText: @escaping @Sendable (_ function: String, _ argument: String) -> Bool = { _, _ in true }
    ) {
        (self.form, self.thoughts, self.isText) = (form, thoughts, isText)
        place = isThinking ? .before : thoughts != nil || form?.mayBeBare == true ? .start : .words
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

    private mutating func taken() -> [Event] {
        defer { events = [] }
        return events
    }

    /// Reads on as far as one thing goes; false if more text is needed.
    private mutating func step(isLast: Bool) -> Bool {
        guard !held.isEmpty else { return false }
        switch place {
        case .start: return begin(isLast)
        case .before:
            held.removeFirst(held.firstIndex { $0 != 0x0A } ?? held.count)
            guard !held.isEmpty else { return false }
            place = .thought
            return true
        case .thought:
            let isOver = pass(to: thoughts?.close ?? "", isLast) { .thought($0) }
            if isOver { place = .behind }
            return isOver
        case .behind:
            let end = held.firstIndex { $0 != 0x0A } ?? held.count
            held.removeFirst(end)
            guard !held.isEmpty else { return false }
            place = form?.mayBeBare == true ? .start : .words
            return true
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
        case .over:
            held = []
            return false
        }
    }

    /// Decides what the text begins with.
    private mutating func begin(_ isLast: Bool) -> Bool {
        let text = held.drop { $0 == 0x0A || $0 == 0x20 }
        if let thoughts, let isOpen = text.begins(with: thoughts.open, isLast) {
            guard isOpen else { return false }
            held.removeFirst(held.count - text.count + thoughts.open.utf8.count)
            place = .before
            return true
        }
        if let form, let bare = form.marker.isEmpty ? form : form.bare,
            let isOpen = text.begins(with: bare.open, isLast)
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

    /// Lets text out up to a marker, and takes the marker; true if it came.
    private mutating func pass(to marker: String, _ isLast: Bool, _ event: (String) -> Event) -> Bool {
        let (end, isWhole) = held.place(of: Array(marker.utf8), isLast)
        if end > 0 { events.append(event(String(decoding: held[..<end], as: UTF8.self))) }
        held.removeFirst(end + (isWhole ? marker.utf8.count : 0))
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
        // It looked like a call and was none.
        events.append(.words(String(decoding: held, as: UTF8.self)))
        held = []
        place = .words
        return true
    }

    private mutating func readName(_ isLast: Bool) -> Bool {
        guard let form else { return false }
        var ends = [form.mid.before]
        if case .members(let head, _, _, _) = form.arguments { ends = [head, form.close.before] }
        let places = ends.filter { !$0.isEmpty }.compactMap { held.firstRange(of: Array($0.utf8))?.lowerBound }
        guard let end = places.min() else { return false }
        let rest = Array(held[end...])
        var length = 0
        if case .json = form.arguments {
            guard case .whole(let count) = rest.match(form.mid) else { return false }
            length = count
        }
        name = String(decoding: held[..<end], as: UTF8.self)
        held = Array(rest[length...])
        events.append(.call(calls, name: name))
        calls += 1
        place = arguments(form)
        return true
    }

    private func arguments(_ form: CallForm) -> Place {
        switch form.arguments {
        case .json: .arguments(JSONScanner())
        case .members(let head, let keyed, let between, let tail):
            .members(MemberReader(head: head, keyed: keyed, between: between, tail: tail))
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
}

extension CallForm {
    /// Whether nothing but its opening brace may tell a call.
    fileprivate var mayBeBare: Bool { marker.isEmpty || bare != nil }
}

extension Array<UInt8> {
    /// Where a marker begins, or a part of it at the end that may become one.
    fileprivate func place(of marker: [UInt8], _ isLast: Bool) -> (end: Int, isWhole: Bool) {
        guard !marker.isEmpty else { return (count, false) }
        if let place = firstRange(of: marker) { return (place.lowerBound, true) }
        guard !isLast else { return (count, false) }
        let longest = (0..<Swift.min(marker.count, count + 1)).last { suffix($0).elementsEqual(marker.prefix($0)) } ?? 0
        return (count - longest, false)
    }

    fileprivate enum Match {
        case no, beginning
        case whole(Int)
    }

    /// Whether it begins with a piece, or may when it is longer.
    fileprivate func match(_ piece: CallForm.Piece?) -> Match {
        guard let piece else { return .no }
        guard starts(with: piece.before.utf8) else { return piece.before.utf8.starts(with: self) ? .beginning : .no }
        guard let after = piece.after else { return .whole(piece.before.utf8.count) }
        let start = piece.before.utf8.count + CallForm.Piece.idLength
        let rest = dropFirst(start)
        if rest.starts(with: after.utf8) { return .whole(start + after.utf8.count) }
        return after.utf8.starts(with: rest) ? .beginning : .no
    }
}

extension ArraySlice<UInt8> {
    /// True if it begins so, false if it may yet; nil if not.
    fileprivate func begins(with text: String, _ isLast: Bool) -> Bool? {
        if starts(with: text.utf8) { return true }
        return !isLast && text.utf8.starts(with: self) && !isEmpty ? false : nil
    }
}
