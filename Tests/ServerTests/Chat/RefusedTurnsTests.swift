import HTTPTypes
import HummingbirdTesting
import Inference
import Testing
import Text

/// What an assistant refused in an earlier turn is said like all else.
@Suite struct RefusedTurnsTests {
    static let turns = [
        #"{"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}"#,
        #"{"role": "assistant", "content": null, "refusal": "No."}"#,
        #"{"role": "assistant", "content": "No.", "refusal": null}"#,
    ]

    private static func body(_ turn: String) -> String {
        #"{"messages": [{"role": "user", "content": "a"}, \#(turn), {"role": "user", "content": "b"}]}"#
    }

    @Test(arguments: turns) func theyReachTheModel(turn: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            for turn in [turn, #"{"role": "assistant", "content": "No."}"#] {
                let response = try await client.post(ChatTests.path, Self.body(turn))
                #expect(response.status == .ok, "\(response.text)")
            }
        }
        let prompts = model.watch.requests.map(\.prompt)
        #expect(prompts.count == 2 && prompts.first == prompts.last)
    }

    @Test(arguments: [
        #"{"role": "user", "content": [{"type": "refusal", "refusal": "No."}]}"#,
        #"{"role": "assistant", "content": [{"type": "refusal"}]}"#, #"{"role": "assistant", "refusal": 3}"#,
    ])
    func othersAreNamed(turn: String) async throws {
        try await served(FakeModel()) { client in
            let response = try await client.post(ChatTests.path, Self.body(turn))
            #expect(response.status == .badRequest, "\(response.text)")
            #expect(try response.json["error"]?["param"]?.string?.hasPrefix("messages[1].") == true, "\(response.text)")
        }
    }
}
