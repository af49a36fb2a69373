import Foundation
import Testing
import Text

/// Small templates rendered by Jinja2, set up as for chat templates.
@Suite struct TemplateGoldenTests {
    @Test func rendersLikeJinja2() throws {
        let golden = try ChatGolden.json("chat-jinja.json")
        let variables = try #require(golden["variables"]?.object)
        let now = Date(timeIntervalSince1970: 1_721_995_200)
        for item in try #require(golden["cases"]?.array) {
            let source = try #require(item["source"]?.string)
            let outcome = Outcome { try Template(source).render(variables, now: now) }
            #expect(outcome == Outcome(item), "\(source)")
        }
    }
}
