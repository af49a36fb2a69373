import Checkpoints
import Foundation
import Inference
import Logging
import Server
import Store

/// What a server keeps in `YUYAN_HOME` and trains with: files, jobs, and the models that came of them.
///
/// Where another process has the store, or nothing can be written, the server serves all the same and says what is missing.
struct Workbench {
    let models: AdaptedModels
    let storage: ServerStorage?
    let tuner: LocalTuner?

    init(_ room: ModelRoom, _ settings: ServeSettings) throws {
        let home = URL(filePath: Home.folder())
        guard let storage = try Self.storage(home, settings) else {
            (models, self.storage, tuner) = (try room.adapted(room.models, nil), nil, nil)
            return
        }
        self.storage = storage
        let tuned = TunedModels(over: room.models, in: storage, on: room.shelf) { try room.item($0) }
        models = try room.adapted(tuned, storage)
        tuner = LocalTuner(home: home) { [paths = room.paths] name in
            if let path = paths[name] { return path }
            return try storage.tuned.find(name)?.url.path ?? ModelStore().locate(name).path
        }
    }

    private static func storage(_ home: URL, _ settings: ServeSettings) throws -> ServerStorage? {
        do {
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            return try ServerStorage(in: home)
        } catch let error as Store.StoreError where error.isPassing {
            settings.logger.warning("files and fine-tuning are left out: \(error)")
        } catch let error as CocoaError {
            settings.logger.warning("files and fine-tuning are left out: \(home.path): \(error.localizedDescription)")
        }
        return nil
    }
}
