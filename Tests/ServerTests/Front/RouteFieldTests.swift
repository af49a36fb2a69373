import HTTPTypes
import HummingbirdTesting
import Inference
import Logging
import Server
import Testing
import Text

/// Each field of each route that reads its body by name: the table of dialects has a line for it, a right value is taken and a wrong
/// one refused.
@Suite struct RouteFieldTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let route: FieldRoute, field: String
        var testDescription: String { "\(route.path) \(field)" }
    }

    static let cases = FieldRoute.all.flatMap { route in
        let fields = DialectTable.fields[route.path] ?? []
        return fields.filter { route.tried?.contains($0) ?? true }.sorted().map { Case(route: route, field: $0) }
    }

    /// With a model that thinks and calls functions, and one that makes vectors.
    private func whole(_ test: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        var options = ServerOptions()
        (options.port, options.trapsSignals) = (0, false)
        let server = YuyanServer(
            models: OneModel(ToolTests.model(["x"])),
            vectors: VectorModels([FakeVectors()]),
            options: options,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            stamp: { Stamp(id: $0 + "1", created: 1_700_000_000) }
        )
        try await server.application.test(.router, test)
    }

    private static func ignored(_ response: TestResponse) -> Set<String> {
        let names = response.headers[HTTPField.Name("x-ignored-fields")!] ?? ""
        return Set(names.split(separator: ",").map(String.init))
    }

    /// A server tells which names it does not know, so it is asked of every one; null asks for nothing. Twenty are told at most.
    @Test(arguments: Set(FieldRoute.all.map(\.path)).sorted())
    func aRouteKnowsTheFieldsOfItsLines(path: String) async throws {
        #expect(DialectTable.candidates.count > 200)
        try await whole { client in
            var known: Set<String> = []
            for route in FieldRoute.all where route.path == path {
                known.formUnion(try await Self.known(to: route, client))
            }
            let lines = DialectTable.fields[path] ?? []
            #expect(known.subtracting(lines).sorted() == [], "\(path) knows them, and they have no line")
            #expect(lines.subtracting(known).sorted() == [], "they have a line, and \(path) does not know them")
        }
    }

    private static func known(to route: FieldRoute, _ client: any TestClientProtocol) async throws -> Set<String> {
        var known = Set(route.body.keys), rest = DialectTable.candidates[...]
        while !rest.isEmpty {
            let names = rest.prefix(20).filter { route.body[$0] == nil }
            rest = rest.dropFirst(20)
            let body = OrderedObject(Array(route.body) + names.map { ($0, JSON.null) })
            let response = try await client.post(route.path, JSON.object(body).text())
            #expect(response.status == .ok, "\(route.path) \(names): \(response.text)")
            known.formUnion(names)
            known.subtract(ignored(response))
        }
        return known
    }

    @Test(arguments: ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings"])
    func anOptionThatIsKnownHasALine(path: String) async throws {
        let route = try #require(FieldRoute.all.first { $0.path == path })
        try await whole { client in
            var known: Set<String> = [], rest = DialectTable.candidates[...]
            while !rest.isEmpty {
                let names = rest.prefix(20)
                rest = rest.dropFirst(20)
                var body = route.body
                body["options"] = .object(OrderedObject(names.map { ($0, JSON.null) }))
                let unknown = Self.ignored(try await client.post(path, JSON.object(body).text()))
                known.formUnion(names.filter { !unknown.contains("options.\($0)") })
            }
            #expect(known.sorted() == DialectTable.options[path]?.sorted())
        }
    }

    @Test(arguments: cases) func aRightValueIsTaken(tried: Case) async throws {
        guard let body = tried.route.rightBody(tried.field) else {
            #expect(FieldRoute.neverRight.contains(tried.field), "what is right of '\(tried.field)'?")
            return
        }
        try await whole { client in
            let response = try await client.post(tried.route.path, JSON.object(body).text())
            #expect(response.status == .ok && Self.ignored(response) == [], "\(body): \(response.text)")
        }
    }

    @Test(arguments: cases) func aWrongValueIsNamed(tried: Case) async throws {
        let body = JSON.object(tried.route.wrongBody(tried.field)).text(), path = tried.route.path
        try await whole { client in
            let response = try await client.post(path, body)
            #expect(response.status == .badRequest, "\(body): \(response.text)")
            let json = try response.json, error = json["error"]
            let isNamed = [error?["param"], error?["message"], error].contains { place in
                place?.string.map { $0 == tried.field || $0.contains("'\(tried.field)") } ?? false
            }
            #expect(isNamed, "\(body): \(response.text)")
            #expect(Self.form(path, json), "\(response.text)")
        }
    }

    /// Whether it is the dialect's own form of an error.
    private static func form(_ path: String, _ json: JSON) -> Bool {
        let error = json["error"]
        if path.hasPrefix("/api/") { return json.object?.keys == ["error"] && error?.string != nil }
        if path.hasPrefix("/v1/messages") { return json["type"] == "error" && error?["type"]?.string != nil }
        let own = path.hasPrefix("/v2/") && path != "/v2/rerank"
        return error?.object?.keys == (own ? ["code", "message", "type"] : ["message", "type", "param", "code"])
    }

    static let talking: [(path: String, body: String)] = [
        ("/v1/chat/completions", #""messages": [{"role": "user", "content": "Hi"}]"#),
        ("/v2/chat/completions", #""messages": [{"role": "user", "content": "Hi"}]"#),
        ("/v1/completions", #""prompt": "Hi""#), ("/v1/responses", #""input": "Hi""#),
    ]

    @Test(arguments: talking) func whatIsSaidOfSamplingReachesTheEngine(path: String, body: String) async throws {
        let model = FakeModel()
        try await served(model) { client in
            let more = """
                "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "repetition_penalty": 1.1, "seed": 7, "n": 1,
                "presence_penalty": -1, "frequency_penalty": 2, "logit_bias": {"5": -100}, "stop": ["x"], "ignore_eos": true
                """
            let response = try await client.post(path, "{\(body), \(more)}")
            #expect(response.status == .ok, "\(response.text)")
        }
        let request = try #require(model.watch.requests.first)
        var sampling = Sampling(temperature: 0.5, topK: 40, topP: 0.9, minP: 0.1, repetitionPenalty: 1.1)
        (sampling.presencePenalty, sampling.frequencyPenalty, sampling.logitBias) = (-1, 2, [5: -100])
        sampling.seed = 7
        #expect(request.sampling == sampling && request.stop == ["x"] && request.ignoreEOS)
    }
}
