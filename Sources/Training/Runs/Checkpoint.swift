import Checkpoints
import Foundation
import Tensors

/// A run's state as files.
///
///     model.safetensors        what serves: the average where there is one, as other programs read it
///     parameters.safetensors   the parameters themselves, where the model is not they to the bit
///     average.safetensors      the average, where there is one and the model is not it to the bit
///     optimizer.safetensors    what the optimiser remembers
///     training.json            where the run is
struct Checkpoint<Cursor: Codable & Sendable & Hashable>: Codable {
    let progress: Progress, cursor: Cursor
    /// What optimiser, how many steps it has taken.
    let optimizer: String, updates: Int
    /// What the run learns from and how, as far as going on depends on it.
    let fingerprint: String

    /// - Parameter published: the result in the layout of other programs; nil where that is its own.
    static func write(
        _ state: TrainingState<Cursor>,
        published: (any NamedWeights)?,
        fingerprint: String,
        to folder: URL
    ) throws {
        let isAveraged = !state.average.isEmpty
        try save(published ?? state.result, folder.appending(path: "model.safetensors"))
        if isAveraged || published != nil {
            try save(state.parameters, folder.appending(path: "parameters.safetensors"))
        }
        if isAveraged, published != nil { try save(state.average, folder.appending(path: "average.safetensors")) }
        try save(state.optimizer.memory, folder.appending(path: "optimizer.safetensors"))
        let note = Checkpoint(
            progress: state.progress,
            cursor: state.cursor,
            optimizer: "\(type(of: state.optimizer))",
            updates: state.optimizer.steps,
            fingerprint: fingerprint
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(note).write(to: folder.appending(path: "training.json"))
    }

    /// Puts a checkpoint's state in place of a fresh one, which says what must be there.
    static func restore(_ state: inout TrainingState<Cursor>, fingerprint: String, from folder: URL) throws {
        func mismatch(_ problem: String) -> TrainingError { .mismatch(path: folder.path, problem: problem) }
        let note: Checkpoint
        do {
            note = try JSONDecoder().decode(Self.self, from: Data(contentsOf: folder.appending(path: "training.json")))
        } catch { throw mismatch("training.json is not what a run wrote") }
        guard note.fingerprint == fingerprint else {
            throw mismatch("it was made with other data, another network or other options; start a run in a new folder")
        }
        guard note.optimizer == "\(type(of: state.optimizer))" else {
            throw mismatch("its optimiser is \(note.optimizer)")
        }
        /// From a file of its own, or the model's, where the two are one.
        func tensors(_ own: String) throws -> [String: Tensor] {
            let file = folder.appending(path: own), isThere = FileManager.default.fileExists(atPath: file.path)
            return try load(isThere ? file : folder.appending(path: "model.safetensors"), like: state.parameters)
        }
        if !state.average.isEmpty { state.average = try tensors("average.safetensors") }
        state.parameters = try tensors("parameters.safetensors")
        state.optimizer.memory = try load(folder.appending(path: "optimizer.safetensors"), like: nil)
        (state.optimizer.steps, state.cursor, state.progress) = (note.updates, note.cursor, note.progress)
    }

    private static func save(_ tensors: any NamedWeights, _ url: URL) throws {
        var writer = SafetensorsWriter()
        for entry in tensors.entries {
            try writer.add(entry.name, entry.dtype, entry.shape) {
                guard let tensor = try tensors.tensor(entry.name, nil) else {
                    throw CheckpointError.missingTensor(entry.name)
                }
                return tensor
            }
        }
        try writer.write(to: url.path)
    }

    /// Copies, so that an optimiser may change them and the file may go.
    private static func load(_ url: URL, like expected: [String: Tensor]?) throws -> [String: Tensor] {
        let file = try SafetensorsFile(path: url.path)
        let loaded = try Dictionary(
            uniqueKeysWithValues: file.tensors.map { entry in
                let tensor = try file.tensor(entry.name, nil)!
                return (entry.name, tensor.copied)
            }
        )
        if let expected, loaded.mapValues(\.shape) != expected.mapValues(\.shape) {
            throw TrainingError.mismatch(path: url.path, problem: "its tensors are not those of this network")
        }
        return loaded
    }
}

extension Tensor {
    /// The same in memory of its own: floats as float32, words as they are.
    fileprivate var copied: Tensor {
        dtype == .int32 ? Tensor(integers, shape: shape) : Tensor(scalars, shape: shape)
    }
}
