package import Server
import Text
package import Training

extension FineTuningFailure {
    /// What is wrong with a run's settings, in the words of the request: its own have their place under `yuyan`.
    package init(_ error: RunConfigurationError, of request: FineTuningRequest) {
        let group = String(error.path.prefix { $0 != "." && $0 != "[" })
        let isOwn = (try? TunerSettings.own(request))?[group] != nil
        guard isOwn else {
            self.init(code: "invalid_hyperparameters", message: "\(error)")
            return
        }
        let place = "yuyan.\(error.path)"
        self.init(code: "invalid_settings", message: "'\(place)': \(error.problem)", param: place)
    }
}
