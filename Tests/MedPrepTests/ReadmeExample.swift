import MedPrep

/// One scan, step by step.
func prepare(_ scan: String, as output: String) throws {
    let (volume, reading) = try NIfTIReader(workers: Workers(2)).read(ScanPath(scan))
    var subject = Case(name: "head", images: [.init("t1", volume)])
    var context = Context(workers: Workers(2))

    try Orient().apply(to: &subject, in: &context)
    var resample = Resample()
    resample.spacing = 2
    try resample.apply(to: &subject, in: &context)

    var zscore = ZScore()
    zscore.mask = .nonzero
    try zscore.apply(to: &subject.images[0].volume.tensor, in: &context)

    try NIfTIWriter.write(subject.images[0].volume, to: ScanPath(output))
    for finding in reading.findings + context.findings { print(finding.code.rawValue, finding.message) }
}

/// A folder, as `medprep run` does it: bounded memory, sidecars, report, resume.
func runFolder(_ pipelineFile: String, into folder: String) throws -> Run.Outcome {
    let (pipeline, diagnostics) = PipelineFile.read(pipelineFile)
    guard let pipeline else { throw diagnostics }
    var options = Run.Options()
    options.outputFolder = folder
    options.jobs = Machine.cores
    let run = Run(pipeline, options)
    return try run.start(run.plan())
}
