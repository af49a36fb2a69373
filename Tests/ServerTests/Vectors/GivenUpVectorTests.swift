import Server
import Synchronization
import Testing

@Suite struct GivenUpVectorTests {
    @Test(
        arguments: [("/v1/embeddings", "input"), ("/api/embed", "input"), ("/v1/rerank", "documents")],
        HangUpTests.Farewell.allCases
    )
    func nobodyWorksForAClientThatLeft(route: (path: String, field: String), farewell: HangUpTests.Farewell)
        async throws
    {
        let watch = FakeVectors.Watch()
        try await running(server([FakeVectors(watch: watch)], talks: true)) { port, _ in
            let body = #"{"model": "vectors", "query": "q", "\#(route.field)": ["a", "b"]}"#
            let client = try await RawClient.posting(body, to: route.path, port: port)
            #expect(await eventually { watch.begun.load(ordering: .relaxed) == 1 })
            try await HangUpTests.leave(client, farewell)
            #expect(await eventually { watch.givenUp.load(ordering: .relaxed) == 1 })
        }
    }
}
