@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Calls `action` on each signal of a kind while it lasts, instead of ending the process. One at a time for each kind.
///
/// The signal goes through a pipe, so that one which arrives before anybody waits for it is not lost: a signal source of
/// Dispatch is registered some time after `resume()` has returned, and until then an ignored signal is gone.
package final class Interruption: Sendable {
    private let number: Int32
    private let source: any DispatchSourceRead

    package init(_ number: Int32 = SIGINT, _ action: @escaping @Sendable () -> Void) {
        self.number = number
        let wire = SignalWire.of(number)
        _ = wire.drain()
        source = DispatchSource.makeReadSource(fileDescriptor: wire.output, queue: .global())
        source.setEventHandler { if wire.drain() { action() } }
        source.resume()
        signal(number, SignalWire.handler)
    }

    package func end() {
        signal(number, SIG_DFL)
        source.cancel()
    }
}

/// A pipe that tells of a signal; it lasts as long as the process.
private struct SignalWire {
    let input, output: Int32

    private static let wires = Mutex<[Int32: SignalWire]>([:])
    /// What a handler may look at: the pipes' inputs, by the signal's number.
    private nonisolated(unsafe) static let inputs = UnsafeMutablePointer<Int32>.allocate(capacity: 65)

    static func of(_ number: Int32) -> SignalWire {
        wires.withLock { wires in
            if let wire = wires[number] { return wire }
            var ends: [Int32] = [-1, -1]
            precondition(pipe(&ends) == 0, "no file descriptor is left for a signal's pipe")
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
            let wire = SignalWire(input: ends[1], output: ends[0])
            wires[number] = wire
            inputs[Int(number)] = wire.input
            return wire
        }
    }

    /// Only what POSIX allows in a handler: one write to a pipe that does not block, and the thread's error as it was.
    static let handler: @convention(c) (Int32) -> Void = { number in
        let before = errno
        var byte: UInt8 = 1
        _ = write(inputs[Int(number)], &byte, 1)
        errno = before
    }

    /// Takes out all there is; whether there was anything.
    func drain() -> Bool {
        var bytes: (UInt64, UInt64) = (0, 0), any = false
        while read(output, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 { any = true }
        return any
    }
}
