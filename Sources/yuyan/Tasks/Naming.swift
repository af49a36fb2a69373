import Checkpoints
import Foundation
import Text

/// Does something with the model that lies there; says which file it was where an error does not.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error where ExitStatus(error)?.code == ExitStatus.badInput {
        let text = "\((try? GGUFFile(path: path))?.told(error) ?? error)"
        throw text.contains(path) ? error : BadInput("\(place(of: error, in: path)): \(text)")
    }
}

/// What of a folder an error is about.
private func place(of error: any Error, in path: String) -> String {
    let tokenizer = path + "/tokenizer.json"
    return error is TokenizerError && FileManager.default.fileExists(atPath: tokenizer) ? tokenizer : path
}
