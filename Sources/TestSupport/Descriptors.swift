import Foundation
import Synchronization

/// How many of the files that others open and close meanwhile are closed under them: none, unless `work` closes a descriptor
/// twice, whose number somebody else may have got in between.
package func filesClosedForOthers(during work: () throws -> Void) rethrows -> Int {
    let others = Others()
    defer { others.end() }
    try work()
    return others.end()
}

private final class Others: Sendable {
    private let isOver = Atomic(false), stolen = Atomic(0)
    private let group = DispatchGroup()

    init() {
        for _ in 0..<2 {
            group.enter()
            Thread.detachNewThread { [self] in
                while !isOver.load(ordering: .relaxed) {
                    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    if close(descriptor) != 0 { stolen.add(1, ordering: .relaxed) }
                }
                group.leave()
            }
        }
    }

    @discardableResult
    func end() -> Int {
        isOver.store(true, ordering: .relaxed)
        group.wait()
        return stolen.load(ordering: .relaxed)
    }
}
