import Foundation
import Testing
import Text

/// `YUYAN_MEASURE=1 swift test -c release --filter RenderSpeed` prints how long 200 messages take.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["YUYAN_MEASURE"] != nil), .serialized)
struct RenderSpeedTests {
    @Test func aMegabyteOfJSON() throws {
        let one = try ChatGolden.text("chat/conversations.json")
        let text = Array(("[" + Array(repeating: one, count: 60).joined(separator: ",") + "]").utf8)
        let clock = ContinuousClock()
        var value = JSON.null
        let reading = try (0..<5).map { _ in try clock.measure { value = try JSON(parsing: text) } }.min()!
        let writing = (0..<5).map { _ in clock.measure { _ = value.text() } }.min()!
        print("\(text.count) bytes of JSON: \(reading) to read, \(writing) to write")
    }

    @Test(arguments: ["smollm2", "qwen2.5", "qwen3", "llama3.1", "gemma3", "mistral-v3", "deepseek-v3", "gpt-oss"])
    func twoHundredMessages(family: String) throws {
        let template = try ChatTemplate(try ChatGolden.text("chat/\(family).jinja"))
        let question = String(repeating: "How does a swift sleep in the air? 雨燕怎样睡觉？ ", count: 8)
        let messages = (0..<100).flatMap { _ in
            [Message.user(.text(question)), .assistant(.text("<think>\nWell.\n</think>\n\n" + question))]
        }
        let clock = ContinuousClock()
        var best = Duration.seconds(60)
        for _ in 0..<30 {
            best = min(best, try clock.measure { _ = try template.render(messages + [.user("x")]) })
        }
        let parsing = try clock.measure { _ = try ChatTemplate(template.source) }
        print("\(family): \(best) for \(try template.render(messages).utf8.count) bytes; \(parsing) to read it")
    }
}
