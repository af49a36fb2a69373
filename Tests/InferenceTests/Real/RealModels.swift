import Checkpoints
import Foundation

/// Model files of this machine: in the folder that `YUYAN_MODELS` names, or in the store.
enum RealModels {
    static func path(_ file: String) -> String? {
        let folder = ProcessInfo.processInfo.environment["YUYAN_MODELS"].map { $0 + "/" + file }
        if let folder, FileManager.default.fileExists(atPath: folder) { return folder }
        return try? ModelStore().locate(file).path
    }
}
