import Checkpoints
import Foundation
import HTTPTypes
import HummingbirdTesting
import Inference
import NIOCore
import Server
import Synchronization
import Testing
import Text

@Suite struct KeepingTests {
    static let mario = """
        "model": "mario:latest", "from": "fake", "system": "You are Mario", "parameters": {"temperature": 0.5, "stop": ["x"], \
        "num_predict": 9}
        """

    @Test func aModelIsPulledServedCopiedAndDeleted() async throws {
        let kept = try Kept()
        try await kept.served { client in
            let lines = try await client.lines("/api/pull", #"{"model": "tiny"}"#)
            #expect(lines.first?["status"] == "pulling manifest" && lines.last == ["status": "success"], "\(lines)")
            #expect(lines.contains { $0["total"] == 15 && $0["completed"] == 15 }, "\(lines)")
            #expect(try await client.names == ["fake", "tiny"])
            #expect(
                try await client.post("/api/copy", #"{"source": "tiny", "destination": "me/twin:v1"}"#).status == .ok
            )
            #expect(
                try await client.post("/api/chat", OllamaTests.body().replacing("fake:latest", with: "me/twin:v1"))
                    .status == .ok
            )
            #expect(try await client.remove(#"{"model": "tiny:latest"}"#).status == .ok)
            #expect(try await client.names == ["fake", "me/twin:v1"])
            let twin = try await client.get("/api/tags").json["models"]?[1]
            #expect(twin?["size"] == 15 && twin?["digest"]?.string?.count == 64)
            #expect(twin?["modified_at"]?.string?.hasPrefix("1970") == false, "it is its file's")
        }
        #expect(try kept.store.list().map(\.name) == ["me/twin:v1"], "what was copied stays when the first name goes")
        #expect(kept.opened.withLock(\.self) == ["me/twin:v1"])
    }

    @Test func aPullWithoutAStreamIsOneObject() async throws {
        let kept = try Kept()
        try await kept.served { client in
            let whole = try await client.post("/api/pull", #"{"model": "tiny", "stream": false}"#)
            #expect(try whole.json == ["status": "success"])
            try Data("other bytes".utf8).write(to: kept.source)
            _ = try await client.remove(#"{"name": "tiny"}"#)
            let failed = try await client.post("/api/pull", #"{"model": "tiny", "stream": false}"#)
            #expect(failed.status == .badGateway, "\(failed.text)")
            let last = try await client.lines("/api/pull", #"{"model": "tiny"}"#).last
            #expect(last?["error"]?.string?.isEmpty == false && last?["status"] == nil)
            #expect(try await client.names == ["fake"])
        }
    }

    @Test func aModelIsMadeOfAnother() async throws {
        let kept = try Kept()
        try await kept.served { client in
            let lines = try await client.lines("/api/create", "{\(Self.mario)}")
            #expect(
                lines.map { $0["status"]?.string } == [
                    "creating system layer", "creating parameters layer", "writing manifest", "success",
                ]
            )
            let chat = OllamaTests.body().replacing("fake:latest", with: "mario")
            #expect(try await client.post("/api/chat", chat).text.contains(#""model":"mario""#))
            #expect(kept.lastPrompt == "system:You are Mario\nuser:Hi\n>")
            _ = try await client.post(
                "/v1/chat/completions",
                #"{"model": "mario", "messages": [{"role": "system", "content": "Be"}, {"role": "user", "content": "Hi"}]}"#
            )
            #expect(kept.lastPrompt == "system:Be\nuser:Hi\n>", "a conversation's own words go before")
            let shown = try await client.post("/api/show", #"{"model": "mario"}"#).json
            #expect(shown["system"] == "You are Mario" && shown["details"]?["parent_model"] == "fake")
            #expect(shown["parameters"]?.string?.contains(#"stop                           "x""#) == true)
        }
        let requests = kept.model.watch.requests
        #expect(requests.allSatisfy { $0.sampling.temperature == 0.5 && $0.sampling.topP == 0.75 && $0.stop == ["x"] })
        #expect(requests.allSatisfy { $0.maxTokens == 9 })
    }

    @Test func whatWasMadeOutlivesTheServerAndIsMadeOn() async throws {
        let kept = try Kept()
        try await kept.served { client in _ = try await client.lines("/api/create", "{\(Self.mario)}") }
        try await kept.served { client in
            #expect(try await client.names == ["fake", "mario"])
            let turns = #""messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]"#
            let terms = #""license": ["MIT", "and one more"], "stream": false"#
            let more = #"{"model": "luigi", "from": "mario", "parameters": {"top_k": 3}, \#(turns), \#(terms)}"#
            #expect(try await client.post("/api/create", more).json == ["status": "success"])
            let shown = try await client.post("/api/show", #"{"model": "luigi"}"#).json
            #expect(shown["license"]?.string?.contains("and one more") == true, "\(shown)")
            _ = try await client.post("/api/generate", #"{"model": "luigi", "prompt": "Hi"}"#)
            #expect(kept.lastPrompt == "system:You are Mario\nuser:a\nassistant:b\nuser:Hi\n>")
            #expect(kept.model.watch.requests.last?.sampling.topK == 3 && kept.model.watch.requests.last?.stop == ["x"])
            #expect(try await client.remove(#"{"model": "mario"}"#).status == .ok, "luigi is of fake now")
            #expect(try await client.remove(#"{"model": "luigi"}"#).status == .ok)
        }
        try await kept.served { client in
            let names = try await client.names
            #expect(names == ["fake"])
        }
    }

    @Test func theOldSpellingIsTaken() async throws {
        try await Kept().served { client in
            #expect(try await client.post("/api/pull", #"{"name": "tiny", "stream": false}"#).status == .ok)
            let made = #"{"name": "x", "from": "tiny", "system": "s", "stream": false}"#
            #expect(try await client.post("/api/create", made).status == .ok)
            let shown = try await client.post("/api/show", #"{"name": "x:latest", "verbose": true}"#)
            #expect(try shown.json["system"] == "s" && shown.headers[Self.told] == nil, "\(shown.text)")
            #expect(try await client.remove(#"{"name": "x"}"#).status == .ok)
            #expect(try await client.names == ["fake", "tiny"])
        }
    }

    static let told = HTTPField.Name("x-ignored-fields")!

    @Test func whatNobodyKnowsIsTold() async throws {
        try await Kept().served { client in
            let pulled = try await client.post("/api/pull", #"{"model": "tiny", "steam": false, "stream": false}"#)
            let copied = try await client.post("/api/copy", #"{"source": "tiny", "destination": "x", "model": "y"}"#)
            let shown = try await client.post("/api/show", #"{"model": "x", "verbos": true}"#)
            let removed = try await client.remove(#"{"model": "x", "force": true}"#)
            let answers = [pulled, copied, shown, removed]
            #expect(answers.allSatisfy { $0.status == .ok }, "\(answers.map(\.text))")
            #expect(answers.map { $0.headers[Self.told] } == ["steam", "model", "verbos", "force"])
        }
    }

    @Test func anotherTemplateIsUsed() async throws {
        let kept = try Kept()
        try await kept.served { client in
            let template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
            let body = #"{"model": "own", "from": "fake", "template": "\#(template)", "stream": false}"#
            #expect(try await client.post("/api/create", body).status == .ok)
            _ = try await client.post("/api/generate", #"{"model": "own", "prompt": "Hi"}"#)
            #expect(kept.lastPrompt == "<user>Hi")
            #expect(try await client.post("/api/show", #"{"model": "own"}"#).json["template"] == .string(template))
        }
    }

    @Test func aBlobIsCheckedAgainstItsName() async throws {
        let kept = try Kept()
        let digest = "sha256:" + sha256(of: "a model's bytes".utf8)
        try await kept.served { client in
            let path = "/api/blobs/\(digest)"
            #expect(try await client.execute(uri: path, method: .head).status == .notFound)
            #expect(try await client.post(path, "other bytes").status == .badRequest)
            #expect(try await client.execute(uri: path, method: .head).status == .notFound)
            #expect(try await client.post(path, "a model's bytes").status == .created)
            #expect(try await client.execute(uri: path, method: .head).status == .ok)
            #expect(try await client.post("/api/blobs/sha256:../../x", "x").status.code >= 400)
            #expect(try await client.post("/api/blobs/md5:1", "x").status == .badRequest)
            let made = try await client.lines("/api/create", #"{"model": "m", "files": {"m.gguf": "\#(digest)"}}"#)
            #expect(made.last?["error"]?.string?.contains("no model") == true, "these bytes are no GGUF: \(made)")
            #expect(try await client.names == ["fake"])
        }
    }
}

// MARK: What is refused

extension KeepingTests {
    static let wrong: [(path: String, body: String, status: Int, word: String)] = [
        ("/api/pull", "{}", 400, "'model'"), ("/api/pull", #"{"model": "nothing"}"#, 404, "'nothing'"),
        ("/api/pull", #"{"model": "/etc/passwd"}"#, 404, "'/etc/passwd'"),
        ("/api/pull", #"{"model": "file:///etc/passwd"}"#, 404, "file:"),
        ("/api/pull", #"{"model": 1}"#, 400, "'model'"),
        ("/api/pull", #"{"model": "tiny", "insecure": true}"#, 400, "'insecure'"),
        ("/api/pull", #"{"model": "tiny", "stream": "no"}"#, 400, "'stream'"),
        ("/api/push", #"{"model": "tiny"}"#, 501, "'push'"),
        ("/api/copy", #"{"source": "fake"}"#, 400, "'destination'"), ("/api/copy", "{}", 400, "'source'"),
        ("/api/copy", #"{"source": "nobody", "destination": "x"}"#, 404, "'nobody'"),
        ("/api/copy", #"{"source": "fake", "destination": "fake"}"#, 409, "'fake'"),
        ("/api/copy", #"{"source": "fake", "destination": "../x"}"#, 400, "'../x'"),
        ("/api/copy", #"{"source": "fake", "destination": "a b"}"#, 400, "'destination'"),
        ("/api/copy", #"{"source": "fake", "destination": "fake"}"#, 409, "'destination'"),
        ("/api/copy", #"{"source": "nobody", "destination": "x"}"#, 404, "'source'"),
        ("/api/copy", #"{"source": "fake", "destination": "x"}"#, 403, "cannot be copied"),
        ("/api/copy", #"{"source": "fake", "destination": "x"}"#, 403, "'source'"),
        ("/api/create", #"{"model": "x", "from": "nobody"}"#, 404, "'from'"),
        ("/api/create", #"{"model": "x", "from": "fake", "name": [1]}"#, 400, "'name'"),
        ("/api/pull", #"{"model": "tiny", "name": 7}"#, 400, "'name'"),
        ("/api/show", #"{"model": "fake", "name": 7}"#, 400, "'name'"),
        ("/api/show", #"{"model": "fake", "verbose": "x"}"#, 400, "'verbose'"),
        ("/api/show", #"{"model": "fake", "verbose": [1]}"#, 400, "'verbose'"),
        ("/api/create", #"{"from": "fake"}"#, 400, "'model'"), ("/api/create", #"{"model": "x"}"#, 400, "'from'"),
        ("/api/create", #"{"model": "a b", "from": "fake"}"#, 400, "'a b'"),
        ("/api/create", #"{"model": "fake", "from": "fake"}"#, 409, "'fake'"),
        ("/api/create", #"{"model": "x", "from": "nobody"}"#, 404, "'nobody'"),
        ("/api/create", #"{"model": "x", "from": "fake", "adapters": {"a": "b"}}"#, 400, "'adapters'"),
        ("/api/create", #"{"model": "x", "modelfile": "FROM fake"}"#, 400, "'modelfile'"),
        ("/api/create", #"{"model": "x", "path": "/etc/passwd"}"#, 400, "'path'"),
        ("/api/create", #"{"model": "x", "from": "fake", "files": {"a.gguf": "sha256:0"}}"#, 400, "'files'"),
        ("/api/create", #"{"model": "x", "files": {"a.safetensors": "sha256:0"}}"#, 400, "'files'"),
        ("/api/create", #"{"model": "x", "files": {"a.gguf": "sha256:0"}}"#, 400, "'files.a.gguf'"),
        (
            "/api/create", #"{"model": "x", "files": {"a.gguf": "sha256:\#(String(repeating: "0", count: 64))"}}"#, 400,
            "no blob"
        ),
        ("/api/create", #"{"model": "x", "from": "fake", "quantize": "q9"}"#, 400, "'quantize'"),
        ("/api/create", #"{"model": "x", "from": "fake", "system": 1}"#, 400, "'system'"),
        ("/api/create", #"{"model": "x", "from": "fake", "template": "{{ .Prompt }}"}"#, 400, "'template'"),
        ("/api/create", #"{"model": "x", "from": "fake", "template": "{% if"}"#, 400, "'template'"),
        (
            "/api/create", #"{"model": "x", "from": "fake", "parameters": {"temperature": 9}}"#, 400,
            "'parameters.temperature'"
        ),
        ("/api/create", #"{"model": "x", "from": "a", "parameters": {"mirostat": 1}}"#, 400, "'parameters.mirostat'"),
        ("/api/create", #"{"model": "x", "from": "fake", "parameters": {"magic": 1}}"#, 400, "'parameters.magic'"),
        ("/api/create", #"{"model": "x", "from": "fake", "messages": [{"role": "x"}]}"#, 400, "'messages[0].role'"),
        ("/api/create", #"{"model": "x", "from": "fake", "license": 1}"#, 400, "'license'"),
    ]

    @Test(arguments: wrong.indices) func aRefusalNamesTheField(index: Int) async throws {
        let (path, body, status, word) = Self.wrong[index], kept = try Kept()
        try await kept.served { client in
            let response = try await client.post(path, body)
            #expect(response.status.code == status, "\(response.text)")
            #expect(try response.json["error"]?.string?.contains(word) == true, "\(response.text)")
            #expect(try await client.names == ["fake"])
        }
    }

    static let ofVectors: [(path: String, body: String, words: [String])] = [
        ("/api/copy", #"{"source": "words", "destination": "x"}"#, ["'source'", "no GGUF file"]),
        ("/api/create", #"{"model": "x", "from": "words", "system": "s"}"#, ["'from'", "makes vectors"]),
        ("/api/create", #"{"model": "x", "from": "words", "stream": false}"#, ["'from'", "makes vectors"]),
        (
            "/api/create", #"{"model": "x", "from": "words", "quantize": "q8_0", "system": "s"}"#,
            ["'from'", "makes vectors"]
        ),
    ]

    /// Its weights are one file of several, and it does not talk.
    @Test(arguments: ofVectors.indices) func whatMakesVectorsIsNotMadeAnother(index: Int) async throws {
        let (path, body, words) = Self.ofVectors[index], kept = try Kept(), folder = kept.store.folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("weights".utf8).write(to: URL(filePath: folder + "/words.safetensors"))
        try await kept.served { client in
            let response = try await client.post(path, body)
            #expect(response.status == .badRequest, "\(response.text)")
            for word in words { #expect(response.text.contains(word), "\(response.text)") }
            #expect(try await client.names == ["fake"])
        }
        #expect(try kept.store.list().map(\.name) == ["words"])
    }

    static let kept: [(body: String, status: Int, word: String)] = [
        (#"{"model": "fake"}"#, 403, "'fake'"), (#"{"model": "nobody"}"#, 404, "'nobody'"), ("{}", 400, "'model'"),
        (#"{"model": ["x"]}"#, 400, "'model'"), (#"{"model": "nobody", "name": 7}"#, 400, "'name'"),
    ]

    @Test(arguments: kept.indices) func whatMustStayStays(index: Int) async throws {
        let (body, status, word) = Self.kept[index]
        try await Kept().served { client in
            let response = try await client.remove(body)
            #expect(response.status.code == status)
            #expect(try response.json["error"]?.string?.contains(word) == true, "\(response.text)")
        }
    }

    @Test func whatWasNamedAtTheStartStays() async throws {
        try await Kept().server(standing: ["fake", "tiny"]).application.test(.router) { client in
            _ = try await client.lines("/api/pull", #"{"model": "tiny"}"#)
            let response = try await client.remove(#"{"model": "tiny"}"#)
            #expect(response.status == .forbidden && response.text.contains("'tiny'"))
            #expect(try await client.names == ["fake", "tiny"])
        }
    }

    @Test func aBaseStaysWhileAnotherIsMadeOfIt() async throws {
        try await Kept().served { client in
            _ = try await client.lines("/api/pull", #"{"model": "tiny"}"#)
            _ = try await client.lines("/api/create", #"{"model": "x", "from": "tiny", "system": "s"}"#)
            let response = try await client.remove(#"{"model": "tiny"}"#)
            #expect(response.status == .conflict && response.text.contains("x"))
            #expect(try await client.remove(#"{"model": "x"}"#).status == .ok)
            #expect(try await client.remove(#"{"model": "tiny"}"#).status == .ok)
        }
    }

    static let routes: [(path: String, method: HTTPRequest.Method)] = [
        ("/api/pull", .post), ("/api/create", .post), ("/api/copy", .post), ("/api/delete", .delete),
        ("/api/blobs/sha256:0", .post),
    ]

    @Test(arguments: routes.indices) func aServerThatIsNotToBeChangedSaysSo(index: Int) async throws {
        let (path, method) = Self.routes[index]
        try await served { client in
            let response = try await client.execute(uri: path, method: method, body: ByteBuffer(string: "{}"))
            #expect(response.status == .forbidden)
            #expect(try response.json["error"]?.string?.contains("--manage-models") == true)
        }
    }
}
