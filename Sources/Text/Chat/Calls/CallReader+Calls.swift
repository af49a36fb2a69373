extension CallReader {
    /// At what opens the first call, or stands between two, or ends the last.
    mutating func nextCall(_ isLast: Bool) -> Bool {
        if isLoose, let loose { return nextCall(loose, isLast) }
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

    private mutating func nextCall(_ loose: LooseHead, _ isLast: Bool) -> Bool {
        switch loose.matchNext(held, functions: functions) {
        case .whole(let count, let function):
            held.removeFirst(count)
            begin(function, .arguments(JSONScanner()))
            return true
        case .beginning where !isLast: return false
        default:
            place = .over
            return true
        }
    }

    mutating func readName(_ isLast: Bool) -> Bool {
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

    mutating func begin(_ function: String, _ next: Place) {
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

    mutating func readArguments(_ scanner: JSONScanner) -> Bool {
        var scanner = scanner
        if !scanner.isBegun { held.removeFirst(held.prefix(while: \.isSpace).count) }
        let end = scanner.scan(held)
        let isOver = scanner.isOver
        if end > 0 { events.append(.arguments(calls - 1, String(decoding: held[..<end], as: UTF8.self))) }
        held.removeFirst(end)
        place = isOver ? .between : .arguments(scanner)
        return isOver
    }

    mutating func readMembers(_ reader: MemberReader, _ isLast: Bool) -> Bool {
        var reader = reader
        let (text, isOver) = reader.read(&held) { isText(name, $0) }
        if !text.isEmpty { events.append(.arguments(calls - 1, text)) }
        place = isOver ? .between : .members(reader)
        return isOver
    }

    mutating func readValues(_ reader: ValueReader) -> Bool {
        var reader = reader
        let (text, isOver) = reader.read(&held)
        if !text.isEmpty { events.append(.arguments(calls - 1, text)) }
        place = isOver ? .between : .values(reader)
        return isOver
    }
}
