import Synchronization

/// Counts connections, for `/metrics`.
package final class ConnectionGauge: Sendable {
    private let open = Atomic(0), accepted = Atomic(0)

    package init() {}

    func opened() {
        open.add(1, ordering: .relaxed)
        accepted.add(1, ordering: .relaxed)
    }

    func closed() { open.subtract(1, ordering: .relaxed) }

    package var current: Int { open.load(ordering: .relaxed) }
    package var total: Int { accepted.load(ordering: .relaxed) }
}
