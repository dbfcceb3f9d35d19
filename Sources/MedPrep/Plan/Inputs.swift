internal import MedPrepCore
public import MedPrepIO

/// A name that `inspect` was given or that its walk met, and why there is no scan to look at under it.
public struct NamedScan: Sendable {
    public let path: ScanPath
    public let problem: FileError?

    init(_ path: ScanPath, _ problem: FileError? = nil) { (self.path, self.problem) = (path, problem) }
}

/// Finds the scans and cases of a run, in byte order of their names.
public enum Inputs {
    /// Files as they are named and all scans of folders, for `inspect` and `check`; what is wrong with one name is
    /// told in its place.
    public static func scans(named arguments: [String]) -> [NamedScan] {
        arguments.map { ScanPath($0) }.flatMap { argument -> [NamedScan] in
            guard isWalked(argument) else { return [NamedScan(argument)] }
            do throws(FileError) {
                let walk = try FolderWalk(argument)
                let scans =
                    walk.scans.map { NamedScan(argument.appending($0.path)) }
                    + walk.unreadable.map { NamedScan(argument.appending($0.folder), $0.error) }
                return scans.isEmpty ? [NamedScan(argument, .noScan)] : scans.sorted { $0.path < $1.path }
            } catch {
                return [NamedScan(argument, error)]
            }
        }
    }

    /// A folder is walked, unless it is called like a scan: then it is one that cannot be read. With a slash behind
    /// its name it is a folder again.
    static func isWalked(_ path: ScanPath) -> Bool {
        FileStatus(path)?.kind == .folder && !FoundScan.isScanName(path)
    }

    /// The scans and folders of a run: those on the command line, or the pipeline's input folder.
    static func places(of pipeline: Pipeline, arguments: [String]) throws(RunError) -> [ScanPath] {
        if !arguments.isEmpty { return arguments.map { ScanPath($0) } }
        guard let folder = pipeline.input.folder else {
            throw .noInput(
                "nothing to read; name scans or folders, or \"input\": {\"folder\": …} in the pipeline file")
        }
        return [pipeline.path(folder)]
    }

    /// The cases of a run.
    ///
    /// - Parameter arguments: scans or folders from the command line; empty: the pipeline's input folder.
    static func cases(
        of pipeline: Pipeline, arguments: [String], output: ScanPath, names: CaseNames
    ) throws(RunError) -> [FoundCase] {
        let places = try places(of: pipeline, arguments: arguments)
        // One name that leads nowhere fails as a case does; with no other there is nothing to run on.
        if let first = places.first, places.allSatisfy({ FileStatus($0, followingLinks: false) == nil }) {
            throw .inputMissing(first.description, reason: "there is no such file or folder")
        }
        for place in places where isWalked(place) {
            let (inside, outside) = (resolvedPath(output), resolvedPath(place))
            if inside == outside || inside.relative(to: outside) != nil {
                throw .outputInsideInput(output: output.description, input: place.description)
            }
        }
        let found =
            try pipeline.input.images.isEmpty
            ? plain(pipeline, places) : multiModal(pipeline, places, names)
        if found.isEmpty {
            throw .noScan(
                folder: places.map(\.description).joined(separator: ", "), pattern: pipeline.input.pattern)
        }
        return names.shown(found)
    }

    /// Every scan is a case of its own.
    private static func plain(_ pipeline: Pipeline, _ places: [ScanPath]) throws(RunError) -> [FoundCase] {
        let pattern =
            try pipeline.input.pattern.map { (text) throws(RunError) in try parse(text) } ?? .everything
        var cases = [FoundCase]()
        func add(_ path: ScanPath, _ relative: ScanPath) {
            let stem = relative.withoutScanExtension
            cases.append(
                FoundCase(
                    stem: stem, files: [.init(role: .image, name: "image", path: path, relative: relative)],
                    problem: nil))
        }
        for place in places {
            if isWalked(place) {
                let walk = try walk(place)
                cases += unreadable(walk)
                for scan in try scans(pattern, in: walk) { add(place.appending(scan.path), scan.path) }
            } else {
                add(place, place.name)
            }
        }
        return cases.sorted { $0.stem < $1.stem }
    }

    /// The values of the placeholders name the cases.
    private static func multiModal(
        _ pipeline: Pipeline, _ places: [ScanPath], _ names: CaseNames
    ) throws(RunError) -> [FoundCase] {
        guard places.count == 1, isWalked(places[0]) else {
            throw .noInput(
                "a pipeline with \"images\" runs on one folder, in which its patterns find the files of each case"
            )
        }
        let walk = try walk(places[0])
        let roles: [(Volume.Role, [Pipeline.NamedPattern])] = [
            (.image, pipeline.input.images), (.label, pipeline.input.labels), (.mask, pipeline.input.masks),
        ]
        var (inputs, inputRoles) = ([CaseFinder.Input](), [Volume.Role]())
        for (role, patterns) in roles {
            for named in patterns {
                inputs.append(CaseFinder.Input(named.name, try parse(named.pattern)))
                inputRoles.append(role)
            }
        }
        let cases: [CaseFinder.FoundCase]
        do throws(PathPatternError) { cases = try CaseFinder.cases(inputs, in: walk.scans) } catch {
            throw .invalid("input.images: \(error)")
        }
        return unreadable(walk)
            + cases.map { found in
                let files = zip(zip(inputs, inputRoles), found.files).compactMap { (input, scan) in
                    scan.map {
                        PlannedCase.File(
                            role: input.1, name: input.0.name, path: places[0].appending($0.path),
                            relative: $0.path)
                    }
                }
                let problem = found.faults.first.map { first in
                    Failure(
                        stage: "find", code: first.code,
                        message: found.faults.map { names.shown($0).description }.joined(separator: "; "))
                }
                return FoundCase(stem: found.name, files: files, problem: problem)
            }
    }

    /// Folders that cannot be listed fail by name: what lies in them is not passed over in silence.
    private static func unreadable(_ walk: FolderWalk) -> [FoundCase] {
        walk.unreadable.map { folder, error in
            FoundCase(
                stem: folder, files: [],
                problem: Failure(stage: "find", code: error.code, message: "\(error)"))
        }
    }

    private static func walk(_ folder: ScanPath) throws(RunError) -> FolderWalk {
        do throws(FileError) { return try FolderWalk(folder) } catch {
            throw .inputMissing(folder.description, reason: error.description)
        }
    }

    private static func scans(
        _ pattern: PathPattern, in walk: FolderWalk
    ) throws(RunError) -> [FoundScan] {
        do throws(PathPatternError) { return try CaseFinder.scans(pattern, in: walk.scans) } catch {
            throw .invalid("input.pattern: \(error)")
        }
    }

    private static func parse(_ pattern: String) throws(RunError) -> PathPattern {
        do throws(PathPatternError) { return try PathPattern(pattern) } catch {
            throw .invalid("input pattern: \(error)")
        }
    }
}
