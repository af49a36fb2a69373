/// Hashes short byte strings. The seed differs by process, so no file can be made whose tokens all collide.
enum ByteHash {
    static let seed = UInt64.random(in: .min ... .max) | 1

    @inline(__always) static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    @inline(__always) static func hash(_ bytes: UnsafePointer<UInt8>, count: Int, seed: UInt64) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: count)
        var index = 0
        while index + 8 <= count {
            hash = mix(hash ^ UnsafeRawPointer(bytes + index).loadUnaligned(as: UInt64.self))
            index += 8
        }
        return mix(hash ^ tail(bytes + index, count: count - index))
    }

    /// Up to seven bytes as a number.
    @inline(__always) static func tail(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        if count >= 4 {
            let low = UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self)
            let high = UnsafeRawPointer(bytes + count - 4).loadUnaligned(as: UInt32.self)
            return UInt64(low) | UInt64(high) << 32
        }
        if count == 0 { return 0 }
        return UInt64(bytes[0]) | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1]) << 16
    }
}
