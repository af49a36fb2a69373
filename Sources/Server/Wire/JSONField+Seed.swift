import Text

extension JSONField {
    /// What starts a generator: any integer of 64 bits, with a sign.
    var seed: UInt64 {
        get throws(JSONError) {
            guard let integer = value?.integer else { throw unexpected("an integer from \(Int.min) to \(Int.max)") }
            return UInt64(bitPattern: Int64(integer))
        }
    }
}
