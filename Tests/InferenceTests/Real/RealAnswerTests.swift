import Foundation
import Inference
import TestSupport
import Testing
import Text

/// Real files in `YUYAN_MODELS` or the store, against exact arithmetic (Tests/Golden/Models/README.md).
@Suite(.enabled(if: !Greedy.found.isEmpty, "no real files in YUYAN_MODELS or the store"), .serialized)
struct RealAnswerTests {
    @Test(arguments: Greedy.found) func answersAsGreedilyAsExactArithmetic(file: String) async throws {
        let model = try ServedModel.open(path: #require(RealModels.path(file)), name: file)
        let engine = Engine(model)
        #expect(engine.contextLength >= 2048)
        for entry in try Greedy.entries(of: file) {
            let prompt = try #require(entry["prompt"] as? [Int]), text = try #require(entry["text"] as? String)
            #expect(model.tokenizer.encode(text) == prompt)
            let exact = try #require(entry["exact"] as? [String: Any])
            let expected = try #require(exact["continuation"] as? [Int])
            let margins = try #require(exact["margins"] as? [Double])
            let sure = margins.firstIndex { $0 < 0.3 } ?? expected.count
            var request = GenerationRequest(
                prompt: prompt,
                sampling: .greedy,
                maxTokens: expected.count,
                topLogprobs: 1
            )
            request.ignoreEOS = true
            let answer = try await engine.generate(request).collect()
            #expect(answer.tokens.prefix(sure).map(\.id) == Array(expected.prefix(sure)))
        }
    }
}

private enum Greedy {
    static let files = [
        "SmolLM2-135M-Instruct.Q4_1.gguf", "gemma-3-270m-q4_k_m.gguf", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    ]

    static let found = files.filter { RealModels.path($0) != nil }

    static func entries(of file: String) throws -> [[String: Any]] {
        let data = try Data(contentsOf: Golden.folder.appending(path: "Models/greedy.json"))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (object?["entries"] as? [[String: Any]] ?? []).filter { $0["file"] as? String == file }
    }
}
