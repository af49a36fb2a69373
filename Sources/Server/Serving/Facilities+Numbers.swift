import Inference

extension Facilities {
    /// What a model makes of texts; given up where the client hangs up, or the server's patience ends first.
    ///
    /// - Parameter param: the field that has the texts.
    func numbers<Value: Sendable>(
        for context: AppContext,
        of param: String,
        _ make: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let work = Task { try await make() }
        return try await context.hangUp.listening {
            work.cancel()
        } while: {
            try await drain.cut.listening {
                work.cancel()
            } while: {
                do {
                    return try await work.value
                } catch EngineError.cancelled {
                    throw drain.cut.hasHappened ? APIError.cut : CancellationError() as any Error
                } catch let error as EngineError {
                    throw APIError(error, param: param)
                }
            }
        }
    }
}
