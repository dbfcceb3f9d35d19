internal import MedPrepCore
public import MedPrepIO

/// Finds the scans and cases of a run, in byte order of their names.
public enum Inputs {
    /// Files as they are named and all scans of folders, for `inspect` and `check`.
    public static func scans(named arguments: [String]) throws(RunError) -> [ScanPath] {
        var paths = [ScanPath]()
        for argument in arguments.map({ ScanPath($0) }) {
            if FileStatus(argument)?.kind == .folder {
                let walk = try walk(argument)
                if walk.scans.isEmpty { throw .noScan(folder: argument.description, pattern: nil) }
                paths += walk.scans.map { argument.appending($0.path) }
            } else {
                paths.append(argument)
            }
        }
        return paths
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
        for place in places {
            guard let status = FileStatus(place) else {
                throw .inputMissing(place.description, reason: "there is no such file or folder")
            }
            let (inside, outside) = (resolvedPath(output), resolvedPath(place))
            if status.kind == .folder, inside == outside || inside.relative(to: outside) != nil {
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
            if FileStatus(place)?.kind == .folder {
                let walk = try walk(place)
                cases += unreadable(walk)
                for scan in CaseFinder.scans(pattern, in: walk.scans) {
                    add(place.appending(scan.path), scan.path)
                }
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
        guard places.count == 1, FileStatus(places[0])?.kind == .folder else {
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

    private static func parse(_ pattern: String) throws(RunError) -> PathPattern {
        do throws(PathPatternError) { return try PathPattern(pattern) } catch {
            throw .invalid("input pattern: \(error)")
        }
    }
}
