import Foundation
import Store
import Testing

@Suite struct SealTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var file: URL { scratch.folder.appending(path: "seal.key") }

    @Test(arguments: ["", "thoughts", "思い\n\0", String(repeating: "x", count: 100_000)])
    func aTextComesBack(text: String) {
        let seal = Seal(), closed = seal.closing(text)
        #expect(seal.opening(closed) == text && closed != seal.closing(text))
        #expect(text.isEmpty || !closed.contains(text))
    }

    @Test func nothingElseIsOpened() throws {
        let seal = Seal(), closed = seal.closing("thoughts"), bytes = try #require(Data(base64Encoded: closed))
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            #expect(seal.opening(changed.base64EncodedString()) == nil)
        }
        for count in 0..<bytes.count { #expect(seal.opening(bytes.prefix(count).base64EncodedString()) == nil) }
        #expect(seal.opening("no Base64!") == nil && Seal().opening(closed) == nil)
    }

    @Test func theKeyOfAFolderIsKept() throws {
        let closed = try Seal(in: scratch.folder).closing("thoughts")
        #expect(try Seal(in: scratch.folder).opening(closed) == "thoughts")
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["seal.key"])
    }

    @Test func aKeyThatIsNoneIsNotUsed() throws {
        try Data(count: 31).write(to: file)
        #expect {
            _ = try Seal(in: scratch.folder)
        } throws: {
            "\($0)".contains("seal.key") && "\($0)".contains("32 bytes")
        }
    }
}
