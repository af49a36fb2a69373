/// The printable alphabet in which GPT-2 spells bytes (Radford et al. 2019): printable Latin-1 stands for itself,
/// the other 68 bytes for U+0100 and what follows.
enum ByteAlphabet {
    private static let byte: [UInt16] = {
        var table = [UInt16](repeating: .max, count: 0x144)
        var next = 0x100
        for byte in 0..<256 {
            let isPrintable = 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte
            table[isPrintable ? byte : next] = UInt16(byte)
            if !isPrintable { next += 1 }
        }
        return table
    }()

    private static let letters: [Unicode.Scalar] = {
        var letters = [Unicode.Scalar](repeating: " ", count: 256)
        for (value, byte) in byte.enumerated() where byte <= 0xFF {
            letters[Int(byte)] = Unicode.Scalar(UInt32(value)) ?? " "
        }
        return letters
    }()

    /// The letter that stands for a byte.
    static func letter(of byte: UInt8) -> Unicode.Scalar { letters[Int(byte)] }

    /// Appends the bytes that `spelling` stands for. A spelling that leaves the alphabet stands for itself.
    static func append(_ spelling: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        let start = bytes.count
        var index = 0
        while index < spelling.count {
            var scalar = Int(spelling[index])
            if scalar >= 0x80, index + 1 < spelling.count {
                index += 1
                scalar = (scalar & 0x1F) << 6 | Int(spelling[index] & 0x3F) | (scalar >= 0xE0 ? 0x1000 : 0)
            }
            index += 1
            guard scalar < byte.count, byte[scalar] <= 0xFF else {
                bytes.removeSubrange(start...)
                bytes.append(contentsOf: spelling)
                return
            }
            bytes.append(UInt8(byte[scalar]))
        }
    }
}
