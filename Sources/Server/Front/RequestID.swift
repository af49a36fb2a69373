import HTTPTypes

/// The identity of a request: the client's own when it is harmless, else one of ours.
enum RequestID {
    static let header = HTTPField.Name("x-request-id")!

    static func of(_ given: String?) -> String {
        if let given, isHarmless(given) { return given }
        return "req_" + fresh(24)
    }

    /// It goes into a header and a log line: no spaces, no control characters, no novels.
    private static func isHarmless(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                case UInt8(ascii: "."), UInt8(ascii: ":"): true
                default: false
                }
            }
    }

    static func fresh(_ length: Int) -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<length).map { _ in digits[Int.random(in: 0..<16)] })
    }
}
