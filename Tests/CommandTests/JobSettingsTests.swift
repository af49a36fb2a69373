import Server
import Testing
import Text
import Training
import yuyan

/// What is wrong with the settings of a job, in the words of the request that made it.
@Suite struct JobSettingsTests {
    static let cases: [(settings: FineTuningSettings?, path: String, param: String?, message: String)] = [
        (.object(["a": 1]), "a", "yuyan.a", "'yuyan.a': is odd"), (.yaml("a: 1"), "a", "yuyan.a", "'yuyan.a': is odd"),
        (.object(["batch": ["b": [1]]]), "batch.b[0]", "yuyan.batch.b[0]", "'yuyan.batch.b[0]': is odd"),
        (.object(["a": 1]), "epochs", nil, "epochs: is odd"), (nil, "a", nil, "a: is odd"),
    ]

    @Test(arguments: cases.indices) func itsOwnAreUnderTheirName(index: Int) {
        let wanted = Self.cases[index]
        var request = FineTuningRequest(model: "m", trainingFile: "file-1")
        request.settings = wanted.settings
        let failure = FineTuningFailure(RunConfigurationError(wanted.path, "is odd"), of: request)
        #expect(failure.param == wanted.param && failure.message == wanted.message)
        #expect(failure.code == (wanted.param == nil ? "invalid_hyperparameters" : "invalid_settings"))
    }
}
