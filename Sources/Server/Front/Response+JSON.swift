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
        let harmless = fields.filter { $0.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2C } }
        guard !harmless.isEmpty else { return }
        let names = harmless.prefix(20).map { String($0.prefix(64)) }
        self[HTTPField.Name(header)!] = names.joined(separator: ",")
    }
}
