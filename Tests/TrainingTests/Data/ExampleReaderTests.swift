import Foundation
import Testing
import Training

@Suite struct ExampleReaderTests {
    @Test func filesFollowEachOtherAndBrokenRowsAreCounted() throws {
        let fixture = try DataFixture()
        let rows = try fixture.source(
            "rows.jsonl",
            "{\"text\": \"one\"}\n{\"text\": 1}\nnot json\n{\"text\": \"two\"}\n"
        )
        let table = try fixture.source("table.csv", "text\nthree\n")
        let reader = ExampleReader([rows, table])
        #expect(Array(reader) == [.text("one"), .text("two"), .text("three")])
        #expect(reader.rejected == 2 && reader.firstProblem != nil && reader.error == nil)
        #expect(reader.next() == nil)
    }

    @Test func aFileThatIsNotThereEndsIt() throws {
        let fixture = try DataFixture(), rows = try fixture.source("rows.jsonl", "{\"text\": \"one\"}\n")
        let missing = try DataSource(fixture.folder.appending(path: "missing.jsonl"))
        let reader = ExampleReader([rows, missing])
        #expect(Array(reader) == [.text("one")])
        #expect(reader.error is DataError)
        let text = TrainingText([missing])
        #expect(text.next() == nil && text.error is DataError)
    }
}
