package import NIOCore

/// How much, and for how long, a connection may ask of the server.
package struct ConnectionLimits: Sendable {
    /// From a request's head to its last byte.
    package var requestTimeout: TimeAmount
    /// How long a client may leave our bytes unread.
    package var writeTimeout: TimeAmount
    /// How long a connection may be silent before or between requests.
    package var idleTimeout: TimeAmount
    /// How long to go on reading from a client that has had its refusal.
    package var lingering = TimeAmount.seconds(5)
    package var bodySize: Int
    /// The least that a client with a large body must send each second, in bytes.
    package var pace = 256 << 10
    package var headerSize = 16 * 1024, headersSize = 64 * 1024, headers = 128
}
