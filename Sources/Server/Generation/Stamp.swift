import Foundation

/// What marks one answer and all of its chunks.
package struct Stamp: Sendable {
    package var id: String
    package var created: Int

    package init(id: String, created: Int) { (self.id, self.created) = (id, created) }

    package static func fresh(_ prefix: String) -> Stamp {
        Stamp(id: prefix + RequestID.fresh(24), created: Int(Date().timeIntervalSince1970))
    }
}
