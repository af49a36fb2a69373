import Bundles
import Checkpoints
import Inference
import Models
import Server
import Text
import Training

/// How the command ends: 0, 1 (failed), 64 (usage, which the argument parser reports), 65 (bad input), 69 (a service is not
/// available), 130 (interrupted).
package struct ExitStatus: Equatable {
    package let code: Int32
    /// nil where nothing needs to be said.
    package let message: String?

    static let failed: Int32 = 1, usage: Int32 = 64
    static let badInput: Int32 = 65, unavailable: Int32 = 69, interrupted: Int32 = 130

    /// nil for errors of the argument parser, which knows how to report them itself.
    package init?(_ error: any Error) {
        switch error {
        case is CancellationError, is YuyanServer.Interrupted: (code, message) = (Self.interrupted, nil)
        case let error as StoreError: (code, message) = (Self.code(of: error), "\(error)")
        case let error as EngineError: (code, message) = (Self.code(of: error), "\(error)")
        case let error as ConfigurationError: (code, message) = (Self.badInput, error.description)
        case let error as YuyanServer.CannotListen: (code, message) = (Self.unavailable, error.description)
        case let error as BadUsage: (code, message) = (Self.usage, error.description)
        case let error as BadInput: (code, message) = (Self.badInput, error.description)
        case let error as SessionError: (code, message) = (Self.badInput, "\(error)")
        case let error as TrainingError: (code, message) = (Self.code(of: error), "\(error)")
        case let error as DataError: (code, message) = (Self.code(of: error), "\(error)")
        case is RunConfigurationError, is TokenizerTrainingError: (code, message) = (Self.badInput, "\(error)")
        case BundleError.unwritable, CheckpointError.unwritable: (code, message) = (Self.failed, "\(error)")
        case is BundleError, is CheckpointError, is ServedModelError, is VectorModelError, is ModelError,
            is TokenizerError, is TemplateError, is JSONError:
            (code, message) = (Self.badInput, "\(error)")
        default: return nil
        }
    }

    private static func code(of error: StoreError) -> Int32 {
        switch error {
        case .unknownModel, .notPulled, .badReference, .damaged: badInput
        case .unavailable, .http, .network, .busy, .python: unavailable
        case .wrongHash, .wrongSize, .noSpace, .system: failed
        }
    }

    private static func code(of error: TrainingError) -> Int32 {
        switch error {
        case .notANumber, .diverged, .unwritable: failed
        case .mismatch, .setting, .targets, .unpaired: badInput
        case .busy: unavailable
        }
    }

    private static func code(of error: DataError) -> Int32 {
        switch error {
        case .unreadable, .unsupported, .tooManyRejected, .empty: badInput
        case .unwritable, .damaged, .cursor: failed
        case .busy: unavailable
        }
    }

    private static func code(of error: EngineError) -> Int32 {
        switch error {
        case .promptTooLong, .emptyPrompt, .unknownToken, .invalid, .badLogits: badInput
        case .full, .shuttingDown, .cancelled: unavailable
        case .modelFailed, .stuck: failed
        }
    }
}

/// Input that cannot be worked with; the text says what and what to do.
struct BadInput: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A command that cannot be carried out as it was given; the text says what to give.
struct BadUsage: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
