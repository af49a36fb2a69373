import Checkpoints
import Models
import Synchronization
import Tensors

extension Adapter {
    /// The paths of the linear maps that are adapted.
    func paths(_ settings: Settings, _ base: any WeightSource) throws -> [String] {
        let listener = Listener(base)
        _ = try model(settings, Weights(listener))
        let known = listener.paths.filter { $0 != "lm_head" }
        guard case .named(let names) = targets else { return known }
        func isOf(_ path: String, _ name: String) -> Bool { path == name || path.hasSuffix(".\(name)") }
        let unknown = names.filter { name in !listener.paths.contains { isOf($0, name) } }
        guard unknown.isEmpty, !names.isEmpty else {
            let last = Set(known.map { String($0.split(separator: ".").last ?? "") })
            throw TrainingError.targets(unknown: unknown, known: last.sorted())
        }
        return listener.paths.filter { path in names.contains { isOf(path, $0) } }
    }
}

/// Notes where a network asks whether there is an adapter.
private final class Listener: WeightSource {
    private let base: any WeightSource
    private let asked = Mutex<[String]>([])

    init(_ base: any WeightSource) { self.base = base }

    var paths: [String] { asked.withLock { $0 } }

    func tensor(_ name: String, _ fresh: Initializer?) throws -> Tensor? {
        let suffix = ".lora_A.weight"
        guard name.hasSuffix(suffix) else { return try base.tensor(name, fresh) }
        asked.withLock { $0.append(String(name.dropLast(suffix.count))) }
        return nil
    }
}
