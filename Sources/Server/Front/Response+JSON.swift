import HTTPTypes
package import Hummingbird
package import NIOCore

extension Response {
    package init(status: HTTPResponse.Status = .ok, json: ByteBuffer) {
        self.init(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: json))
    }

    package init(status: HTTPResponse.Status = .ok, _ members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object(members)
        self.init(status: status, json: writer.finish())
    }
}

extension HTTPFields {
    /// Fields of the request that nobody here knows, told so that a misspelt one is found.
    var ignored: [String] {
        get { names("x-ignored-fields") }
        set { tell(newValue, as: "x-ignored-fields") }
    }

    /// Texts of the request that were cut, as the dialect has it, told so that nobody is misled.
    var truncated: [String] {
        get { names("x-truncated-fields") }
        set { tell(newValue, as: "x-truncated-fields") }
    }

    private func names(_ header: String) -> [String] {
        self[HTTPField.Name(header)!]?.split(separator: ",").map(String.init) ?? []
    }

    private mutating func tell(_ fields: [String], as header: String) {
        guard !fields.isEmpty else { return }
        let names = fields.prefix(Members.mostTold).map { Self.listed($0).prefix(128) }
        self[HTTPField.Name(header)!] = names.joined(separator: ",")
    }

    /// A name as a list of a header may have it: other bytes by number, as in addresses.
    private static func listed(_ name: String) -> String {
        name.utf8.map { byte in
            let isPlain = (0x21...0x7E).contains(byte) && byte != 0x2C
            guard !isPlain else { return String(UnicodeScalar(byte)) }
            return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }
        .joined()
    }
}
