/// Byte strings that are found one byte after another; node 0 is the beginning of all.
struct ByteTrie: Sendable {
    static let none = UInt32.max

    private let children: PairTable
    /// For each node the number of the string that ends there, or `none`.
    private let numbers: [UInt32]

    /// Of two equal strings the first counts, and empty ones do not.
    init(_ strings: [(number: Int, bytes: [UInt8])]) {
        let children = PairTable(capacity: strings.reduce(0) { $0 + $1.bytes.count })
        var numbers = [Self.none]
        for (number, bytes) in strings where !bytes.isEmpty {
            var node: UInt32 = 0
            for byte in bytes {
                let next = children.find(node, UInt32(byte))?.first ?? UInt32(numbers.count)
                if next == numbers.count { numbers.append(Self.none) }
                children.insert(node, UInt32(byte), .init(first: next, second: 0))
                node = next
            }
            if numbers[Int(node)] == Self.none { numbers[Int(node)] = UInt32(number) }
        }
        (self.children, self.numbers) = (children, numbers)
    }

    var isEmpty: Bool { numbers.count == 1 }

    @inline(__always) func child(of node: UInt32, _ byte: UInt8) -> UInt32? {
        children.find(node, UInt32(byte))?.first
    }

    @inline(__always) func number(at node: UInt32) -> UInt32 { numbers[Int(node)] }
}
