import HTTPTypes
package import Hummingbird
import NIOCore
package import Text

extension Request {
    /// The body as a JSON object; large ones are read in the workshop.
    package func json(limit: Int, in workshop: Workshop) async throws -> JSONField {
        let bytes = try await wholeBody(limit: limit)
        let parse = { @Sendable () throws(APIError) in try Request.parse(bytes) }
        let field = bytes.readableBytes > 64 << 10 ? try await workshop.run(parse) : try parse()
        guard field.value?.object != nil else { throw APIError(field.unexpected("an object")) }
        return field
    }

    private static func parse(_ bytes: ByteBuffer) throws(APIError) -> JSONField {
        do {
            return JSONField(try JSON(parsing: bytes.readableBytesView))
        } catch {
            throw APIError(error)
        }
    }

    private func wholeBody(limit: Int) async throws -> ByteBuffer {
        guard (headers[.contentLength].flatMap { Int($0) } ?? 0) <= limit else { throw APIError.tooLarge(limit: limit) }
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw APIError(
                status: .unsupportedMediaType,
                kind: .invalidRequest,
                message: "A body in '\(encoding)' encoding is not read here; send it plain.",
                code: "unsupported_encoding"
            )
        }
        do {
            return try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw APIError.tooLarge(limit: limit)
        }
    }
}
