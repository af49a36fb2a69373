/// SentencePiece's table of what characters become before a text is cut: `precompiled_charsmap` (Kudo & Richardson 2018).
///
/// A double array (Aoe 1989, in the layout of Darts-clone) leads from bytes to places in a block of replacements, each ended by a
/// zero byte.
public struct CharacterMap: Sendable, Hashable {
    /// As the file has it: the length of the array in bytes, the array, the replacements.
    public let bytes: [UInt8]
    private let units: [UInt32]
    private let replacements: ArraySlice<UInt8>
    /// What single scalars become, where there is no array.
    let scalars: [UInt32: [Unicode.Scalar]]

    /// Whether every character stays what it is.
    public var isEmpty: Bool { bytes.isEmpty && scalars.isEmpty }

    /// - Parameter scalars: what single scalars become.
    public init(_ scalars: [UInt32: [Unicode.Scalar]]) {
        (bytes, units, replacements, self.scalars) = ([], [], [], scalars)
    }

    /// Returns nil where the bytes are no such table.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        let size = Int(Self.unit(bytes, at: 0))
        guard size > 0, size % 4 == 0, size <= bytes.count - 4 else { return nil }
        self.bytes = bytes
        units = stride(from: 4, to: 4 + size, by: 4).map { Self.unit(bytes, at: $0) }
        replacements = bytes[(4 + size)...]
        scalars = [:]
    }

    /// The same as files have it, where it was given as scalars.
    var tabulated: CharacterMap {
        guard bytes.isEmpty, !scalars.isEmpty else { return self }
        var replacements: [UInt8] = [], entries: [DoubleArray.Entry] = []
        for (value, others) in scalars.sorted(by: { $0.key < $1.key }) where value > 0 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            entries.append((Array(String(Character(scalar)).utf8), UInt32(replacements.count)))
            replacements += Array(String(String.UnicodeScalarView(others)).utf8) + [0]
        }
        let units = DoubleArray(entries).units
        func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        return CharacterMap(little(UInt32(4 * units.count)) + units.flatMap(little) + replacements) ?? self
    }

    private static func unit(_ bytes: [UInt8], at index: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
    }

    /// The text with its characters replaced, as the reference library does it: a character of few bytes as a whole where that is
    /// in the table, else scalar by scalar.
    func applied(to text: String) -> String {
        guard !units.isEmpty else {
            let scalars = text.unicodeScalars.flatMap { self.scalars[$0.value] ?? [$0] }
            return String(String.UnicodeScalarView(scalars))
        }
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for character in text {
            let whole = Array(character.utf8)
            if whole.count < 6, let found = replacement(of: whole) {
                result += found
                continue
            }
            for scalar in character.unicodeScalars {
                let own = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                result += replacement(of: own) ?? own[...]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// What the shortest beginning that is in the table becomes.
    private func replacement(of key: [UInt8]) -> ArraySlice<UInt8>? {
        guard let start = find(key), start < replacements.count else { return nil }
        let from = replacements.startIndex + start
        let end = replacements[from...].firstIndex(of: 0) ?? replacements.endIndex
        return replacements[from..<end]
    }

    private func find(_ key: [UInt8]) -> Int? {
        var place = Self.offset(units[0])
        for byte in key where byte != 0 {
            place ^= Int(byte)
            guard units.indices.contains(place) else { return nil }
            let unit = units[place]
            guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
            place ^= Self.offset(unit)
            guard unit >> 8 & 1 == 1 else { continue }
            return units.indices.contains(place) ? Int(units[place] & 0x7FFF_FFFF) : nil
        }
        return nil
    }

    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
