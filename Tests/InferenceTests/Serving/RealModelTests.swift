import Foundation
import Inference
import TestSupport
import Testing
import Text

/// Real files in `YUYAN_MODELS` or the store, against llama.cpp and exact arithmetic (Tests/Golden/Models/README.md).
@Suite(.enabled(if: !RealModel.found.isEmpty, "no real files in YUYAN_MODELS or the store"), .serialized)
struct RealModelTests {
    @Test(arguments: RealModel.found) func answersAsGreedilyAsExactArithmetic(file: String) async throws {
        let model = try ServedModel.open(path: RealModel.path(file)!, name: file)
        let engine = Engine(model)
        #expect(engine.contextLength >= 2048)
        for entry in try RealModel.entries("greedy", for: file) {
            let prompt = entry["prompt"] as! [Int], exact = entry["exact"] as! [String: Any]
            #expect(model.tokenizer.encode(entry["text"] as! String) == prompt)
            let expected = exact["continuation"] as! [Int], margins = exact["margins"] as! [Double]
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

    @Test(arguments: RealModel.found) func perplexityIsLlamaCppsOrNearerToExact(file: String) throws {
        let model = try ServedModel.open(path: RealModel.path(file)!, name: file)
        for entry in try RealModel.entries("perplexity", for: file).prefix(1) {
            let url = Golden.folder.appending(path: "Models/\(entry["text"] as! String)")
            let tokens = model.tokenizer.encode(try String(contentsOf: url, encoding: .utf8), parseSpecial: false)
            let chunks = 2, scored = Double(chunks * 255)
            let nll = entry["nll"] as! [Double], exact = (entry["exact"] as! [String: Any])["nll"] as! [Double]
            let theirs = exp(nll.prefix(chunks).reduce(0, +) / scored)
            let best = exp(exact.prefix(chunks).reduce(0, +) / scored)
            let ours = try perplexity(of: tokens, model.model, bos: entry["bos"] as? Int, chunks: chunks).value
            #expect(
                abs(ours / theirs - 1) < 0.005 || abs(ours - best) < abs(theirs - best),
                "\(ours), \(theirs), \(best)"
            )
        }
    }
}

enum RealModel {
    static let files = [
        "SmolLM2-135M-Instruct.Q4_1.gguf", "gemma-3-270m-q4_k_m.gguf", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    ]

    static let found = files.filter { path($0) != nil }

    static func path(_ file: String) -> String? {
        [ProcessInfo.processInfo.environment["YUYAN_MODELS"], NSHomeDirectory() + "/.yuyan/models"].compactMap { $0 }
            .map { $0 + "/" + file }.first { FileManager.default.fileExists(atPath: $0) }
    }

    static func entries(_ golden: String, for file: String) throws -> [[String: Any]] {
        let data = try Data(contentsOf: Golden.folder.appending(path: "Models/\(golden).json"))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (object?["entries"] as? [[String: Any]] ?? []).filter { $0["file"] as? String == file }
    }
}
