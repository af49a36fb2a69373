import Checkpoints
import Foundation
import Tensors

/// A file of Tests/Golden, written by scripts/golden/checkpoints.py.
func golden(_ name: String, room: String = "Checkpoints") -> String {
    URL(filePath: #filePath).appending(path: "../../Golden/\(room)/\(name)").standardized.path
}

func goldenBytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: golden(name)))) }

extension Tensor {
    var bytes: [UInt8] { withBytes { Array($0) } }
}
