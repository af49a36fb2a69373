import Checkpoints
import Foundation
import Tensors
import Text

extension AdapterBundle {
    /// Writes a folder in PEFT's layout, which the reference library opens.
    ///
    /// - Parameter folder: must not be there yet; it appears whole or not at all.
    public func write(to folder: String) throws {
        try ModelBundle.whole(folder) { draft in try fill(draft) }
    }

    /// Writes the two files into a folder that is there: what a training run does with its draft.
    public func fill(_ folder: String) throws {
        var config = configuration.config
        config[Fingerprint.settingKey] = fingerprint.map { .string($0.description) }
        var metadata = ["format": "pt"]
        metadata[Fingerprint.key] = fingerprint?.description
        var writer = SafetensorsWriter(metadata)
        for (name, tensor) in tensors { try writer.add("base_model.model." + name, tensor) }
        try writer.write(to: folder + "/adapter_model.safetensors")
        try ModelBundle.write(config.json.text(.pretty), to: folder + "/adapter_config.json")
    }
}
