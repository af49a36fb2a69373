/// When a fetch is tried again, and how long a silent server is waited for; shorter in tests.
package struct Patience: Sendable {
    var attempts = 6
    var firstPause = Duration.seconds(1), longestPause = Duration.seconds(30)
    var silence = Duration.seconds(60)

    init() {}

    package init(attempts: Int, firstPause: Duration, silence: Duration) {
        (self.attempts, self.firstPause, self.silence) = (attempts, firstPause, silence)
    }
}
