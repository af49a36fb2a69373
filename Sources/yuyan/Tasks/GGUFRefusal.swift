import Bundles
import Checkpoints

/// Does what writes a model as a GGUF file; where such a file has no place for it, the error says which model it is, and what has one.
func sayingWhatHolds<Result>(_ model: String, _ write: () throws -> Result) throws -> Result {
    func refusal(_ error: any Error) -> BadInput {
        BadInput(
            """
            \(model): \(error). A folder in the Hub's layout holds it: yuyan convert \(model) FOLDER; in 4 bits for each weight with \
            --type awq or gptq
            """
        )
    }
    do {
        return try write()
    } catch let error as BundleError {
        guard case .inexpressible("GGUF", _) = error else { throw error }
        throw refusal(error)
    } catch let error as CheckpointError {
        guard case .setting = error else { throw error }
        throw refusal(error)
    }
}
