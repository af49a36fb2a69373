import Foundation
import Testing
import yuyan

/// The executable in a terminal is tried by `make terminal`; here is what a terminal cannot time.
@Suite(.serialized) struct InterruptionTests {
    @Test(.timeLimit(.minutes(1)), arguments: 0..<20)
    func aSignalThatComesAtOnceIsNotLost(round: Int) async {
        let (signals, arrived) = AsyncStream.makeStream(of: Void.self)
        let interruption = Interruption(SIGUSR1) { arrived.yield() }
        kill(getpid(), SIGUSR1)
        let first: Void? = await signals.first { true }
        interruption.end()
        #expect(first != nil, "round \(round)")
    }
}
