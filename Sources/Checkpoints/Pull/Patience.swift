/// When a fetch is tried again, and how long a silent server is waited for; shorter in tests.
package struct Patience: Sendable {
    var attempts = 6
    var firstPause = Duration.seconds(1), longestPause = Duration.seconds(30)
    var silence = Duration.seconds(60)

    init() {}

    /// For a source after which there are others to try: a network that drops all packets must not hold them up for long.
    var whileOthersRemain: Patience {
        var short = self
        (short.attempts, short.silence) = (min(attempts, 2), min(silence, .seconds(10)))
        return short
    }

    package init(attempts: Int, firstPause: Duration, silence: Duration) {
        (self.attempts, self.firstPause, self.silence) = (attempts, firstPause, silence)
    }
}
