public import Inference

/// How a server listens and what it allows.
public struct ServerOptions: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes any free port; `onListening` tells which.
    public var port = 8080

    /// Bearer keys, any one of which opens the API; empty: none is asked for.
    public var apiKeys: [String] = []
    /// Keys like those, whose requests may go before others' as well.
    public var urgentKeys: [String] = []
    /// Web origins, as `https://chat.example.com`, whose pages may call the API; `*` is all. The server's own pages always may.
    public var allowedOrigins: Set<String> = []

    /// The largest body, in bytes.
    public var bodyLimit = 10 << 20
    /// The largest file that may be uploaded, in bytes.
    public var fileLimit = 512 << 20
    /// The most fine-tuning jobs that may wait or run.
    public var maximumJobs = 100
    /// How many responses are kept for `/v1/responses`, and for how long; of more the oldest go. 0 keeps none.
    public var keptResponses = 10_000
    public var responseLifetime = Duration.seconds(30 * 86_400)
    /// The most responses that may be made in the background at once, those that wait included.
    public var maximumBackground = 100
    public var maximumConnections = 512
    /// The most choices (`n`, `best_of`) and the most prompts of one request.
    public var maximumChoices = 16, maximumPrompts = 1024

    /// Whether clients may have adapters loaded from folders of this machine.
    public var loadsAdapters = false

    /// From a request's first header to its last byte; an upload has a second more for each 256 kB that it announces.
    public var requestTimeout = Duration.seconds(60)
    /// How long a client may leave our bytes unread.
    public var writeTimeout = Duration.seconds(30)
    /// How long a connection may be silent before and between requests.
    public var idleTimeout = Duration.seconds(60)
    /// A stream with nothing to say sends a comment this often, lest a proxy think it dead.
    public var pingInterval = Duration.seconds(10)

    /// How long running requests may go on after the first signal.
    public var gracePeriod = Duration.seconds(30)
    /// How long to go on accepting, with `/ready` at 503, so that a load balancer can look away first.
    public var drainDelay = Duration.zero

    /// Where clients may save what their conversations have in the cache; nil: nowhere.
    public var sessions: SessionFolder?

    /// SIGINT and SIGTERM end the server in order; set to false where someone else handles them.
    public var trapsSignals = true

    public init() {}
}
