import MedPrepCore
import MedPrepIO
import Testing

@Suite("CaseFinder") struct CaseFinderTests {
    func scans(_ paths: String...) -> [FoundScan] { paths.map { FoundScan(path: ScanPath($0)) } }

    func inputs(_ list: (String, String)...) throws -> [CaseFinder.Input] {
        try list.map { CaseFinder.Input($0.0, try PathPattern($0.1)) }
    }

    @Test("a pattern picks among scans")
    func pattern() throws {
        let found = try CaseFinder.scans(PathPattern("a/*"), in: scans("a/b.nii", "a/c.nii", "b/b.nii"))
        #expect(found.map { "\($0.path)" } == ["a/b.nii", "a/c.nii"])
        #expect(try CaseFinder.scans(.everything, in: scans("a.nii", "b/c/d.nii")).count == 2)
    }

    @Test("sorts files into cases, named by the values")
    func cases() throws {
        let found = try CaseFinder.cases(
            inputs(("t1", "{case}/*T1w*"), ("flair", "{case}/*FLAIR*"), ("seg", "labels/{case}.nii")),
            in: scans(
                "labels/p1.nii", "labels/p2.nii", "p1/a_FLAIR.nii", "p1/a_T1w.nii", "p2/T1w.nii",
                "p2/xFLAIR.nii.gz"))
        #expect(found.map { "\($0.name)" } == ["p1", "p2"])
        #expect(
            found[0].files.map { "\($0?.path ?? ScanPath("-"))" } == [
                "p1/a_T1w.nii", "p1/a_FLAIR.nii", "labels/p1.nii",
            ])
        #expect(found.allSatisfy { $0.faults.isEmpty })
    }

    @Test("joins values in the order of the first pattern")
    func order() throws {
        let found = try CaseFinder.cases(
            inputs(("t1", "{subject}/{session}/t1.nii"), ("seg", "seg/{session}/{subject}.nii")),
            in: scans("s1/b/t1.nii", "s1/a/t1.nii", "seg/a/s1.nii", "seg/b/s1.nii"))
        #expect(found.map { "\($0.name)" } == ["s1/a", "s1/b"])
        #expect(found.allSatisfy { $0.faults.isEmpty })
    }

    @Test("names what is missing and what is doubled, case by case")
    func faults() throws {
        let found = try CaseFinder.cases(
            inputs(("t1", "{case}/*T1w*"), ("brain", "{case}/*mask*")),
            in: scans("p1/T1w.nii", "p1/T1w.nii.gz", "p1/mask.nii", "p2/T1w.nii", "p3/mask.nii", "other.nii"))
        #expect(found.map { "\($0.name)" } == ["p1", "p2", "p3"])
        #expect(
            found.map { $0.faults.map { "\($0.code): \($0)" } } == [
                [
                    "doubled_file: 2 files for t1: p1/T1w.nii, p1/T1w.nii.gz; keep one, or make the pattern narrower"
                ],
                [
                    "missing_file: no file for brain (pattern {case}/*mask*); add the file, or correct the pattern"
                ],
                ["missing_file: no file for t1 (pattern {case}/*T1w*); add the file, or correct the pattern"],
            ])
        #expect(found[0].files[0] == nil)
        #expect(found[0].files[1] != nil)
    }

    @Test("every pattern of a case needs the same placeholders")
    func patterns() throws {
        let different = try inputs(("t1", "{case}/t1*"), ("seg", "{case}/{x}*"))
        #expect { try CaseFinder.cases(different, in: []) } throws: {
            "\($0)" == "the pattern {case}/{x}* has other placeholders than {case}/t1*; "
                + "every pattern of a case needs the same ones"
        }
        let none = try inputs(("t1", "{case}/t1*"), ("atlas", "atlas.nii"))
        #expect { try CaseFinder.cases(none, in: []) } throws: {
            "\($0)"
                == "the pattern atlas.nii has no placeholder; put {case} where the name of the case stands"
        }
        #expect(try CaseFinder.cases([], in: scans("a.nii")).isEmpty)
    }
}
