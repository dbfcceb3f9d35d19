import MedPrepCore
import MedPrepTestSupport
import Testing

/// What training code reads the files with: numpy, safetensors and nibabel, where Python has them.
@Suite("Read back by Python") struct ReadBackTests {
    private static let python = Program(executable: "python3")
    static func has(_ module: String) -> Bool { python("-c", "import numpy, \(module)").status == 0 }

    /// A series whose every value tells its place, and a label map.
    private func bench(_ output: String) -> Bench {
        let bench = Bench()
        var values: [Double] = []
        for t in 0..<3 {
            for k in 0..<4 {
                for j in 0..<5 { for i in 0..<6 { values.append(Double(i + 10 * j + 100 * k + 500 * t)) } }
            }
        }
        for (name, sizes, type) in [("image", [6, 5, 4, 3], 0), ("seg", [6, 5, 4], 1)] {
            let count = sizes.reduce(1, *)
            let file =
                type == 0
                ? NIfTIBuilder(.float32, sizes: sizes, values: Array(values[..<count]))
                : NIfTIBuilder(.int16, sizes: sizes, values: Array(values[..<count]))
            bench.folder.write(file.file, to: "in/c1_\(name).nii")
        }
        bench.write(
            """
            {"input": {"folder": "in", "images": {"image": "{case}_image*"}, "labels": {"seg": "{case}_seg*"}},
             "steps": [], "output": {"folder": "out", \(output)}}
            """, to: "p.json")
        let result = bench.medprep("run", "p.json", "--quiet")
        #expect(result.status == 0, "\(result.errors)")
        return bench
    }

    /// Compares one file with what `bench` has made, and prints what it stores.
    private static let compare = """
        import numpy, sys
        path, layout = sys.argv[1], sys.argv[2]
        t, k, j, i = numpy.meshgrid(*(numpy.arange(n) for n in (3, 4, 5, 6)), indexing="ij")
        whole = i + 10 * j + 100 * k + 500 * t
        affine = [[0.8, 0, 0, 12.5], [0, 1.25, 0, -40], [0, 0, 2.5, 7.75], [0, 0, 0, 1]]
        for name, key, expected in [("c1", "image", whole), ("c1_seg", "label", whole[:1])]:
            file = f"{path}/{name}." + sys.argv[3]
            expected = expected[None]
            if layout == "NDHWC": expected = numpy.moveaxis(expected, 1, -1)
            if file.endswith("safetensors"):
                from safetensors import safe_open
                import json
                with safe_open(file, "np") as opened:
                    assert list(opened.keys()) == [key], opened.keys()
                    array, meta = opened.get_tensor(key), opened.metadata()
                    part = opened.get_slice(key)[:, 0:1]
                assert numpy.array_equal(part, array[:, 0:1])
                assert meta["layout"] == layout
                stored, spacing = json.loads(meta["affine"]), json.loads(meta["spacing_ijk"])
            else:
                with numpy.load(file) as opened:
                    assert opened.files == [key, "affine", "spacing_ijk"], opened.files
                    array, stored, spacing = opened[key], opened["affine"], opened["spacing_ijk"]
            assert numpy.array_equal(array, expected.astype(array.dtype)), name
            assert numpy.allclose(stored, affine, atol=1e-6), stored
            assert numpy.allclose(spacing, [0.8, 1.25, 2.5], atol=1e-6), spacing
            print(array.dtype, array.shape)
        """

    private func check(_ format: String, _ dtype: String) {
        for (layout, shape, labels) in [
            ("NDHWC", "(1, 4, 5, 6, 3)", "(1, 4, 5, 6, 1)"), ("NCDHW", "(1, 3, 4, 5, 6)", "(1, 1, 4, 5, 6)"),
        ] {
            let bench = bench(#""format": "\#(format)", "dtype": "\#(dtype)", "layout": "\#(layout)""#)
            let result = Self.python("-c", Self.compare, bench.folder.file("out"), layout, format)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output == "\(dtype) \(shape)\nint16 \(labels)\n")
        }
    }

    @Test(".npz by numpy", .enabled(if: has("numpy")), arguments: ["float32", "float16"])
    func npz(dtype: String) { check("npz", dtype) }

    @Test(".safetensors by safetensors", .enabled(if: has("safetensors")), arguments: ["float32", "float16"])
    func safetensors(dtype: String) { check("safetensors", dtype) }

    @Test(".npy of float16 by numpy, mapped into memory", .enabled(if: has("numpy")))
    func npy() {
        let bench = bench(#""format": "npy", "dtype": "float16""#)
        let script = """
            import numpy, sys
            array = numpy.load(sys.argv[1], mmap_mode="r")
            print(array.dtype, array.shape, float(array[0, 3, 4, 5, 2]), array.offset % 64)
            """
        let result = Self.python("-c", script, bench.folder.file("out/c1.npy"))
        #expect(result.output == "float16 (1, 4, 5, 6, 3) 1345.0 0\n", "\(result.errors)")
    }

    @Test("NIfTI-1 with scaled int16 and, for a long axis, NIfTI-2, by nibabel", .enabled(if: has("nibabel")))
    func nifti() {
        let bench = bench(#""dtype": "int16""#)
        var long = NIfTIBuilder(
            .float32, sizes: [32770, 1, 2], values: (0..<65540).map { Double($0 % 1000) / 8 })
        long.version = 2
        long.rows = [[0, -2, 0, 5], [0.5, 0, 0, -7], [0, 0, 3, 11]]
        bench.folder.write(long.file, to: "long/long.nii")
        bench.write(
            #"{"steps": [], "output": {"folder": "out", "format": "nii"}}"#, to: "long.json")
        #expect(bench.medprep("run", "long.json", "long", "--quiet").status == 0)
        let script = """
            import nibabel, numpy, sys
            first = nibabel.load(sys.argv[1] + "/c1.nii.gz")
            t, k, j, i = numpy.meshgrid(*(numpy.arange(n) for n in (3, 4, 5, 6)), indexing="ij")
            whole = (i + 10 * j + 100 * k + 500 * t).transpose(3, 2, 1, 0)
            print(type(first).__name__, first.get_data_dtype(), numpy.abs(first.get_fdata() - whole).max())
            second = nibabel.load(sys.argv[1] + "/long.nii")
            values = numpy.asarray(second.dataobj).transpose(2, 1, 0).ravel()
            print(type(second).__name__, second.shape, numpy.array_equal(values, numpy.arange(65540) % 1000 / 8))
            for image, affine in [
                (first, [[0.8, 0, 0, 12.5], [0, 1.25, 0, -40], [0, 0, 2.5, 7.75], [0, 0, 0, 1]]),
                (second, [[0, -2, 0, 5], [0.5, 0, 0, -7], [0, 0, 3, 11], [0, 0, 0, 1]]),
            ]:
                for read in (image.header.get_sform, image.header.get_qform):
                    matrix, code = read(coded=True)
                    print(int(code), numpy.allclose(matrix, affine, atol=1e-5))
            """
        let result = Self.python("-c", script, bench.folder.file("out"))
        let expected = """
            Nifti1Image int16 0.0
            Nifti2Image (32770, 1, 2) True
            1 True
            1 True
            1 True
            1 True

            """
        #expect(result.output == expected, "\(result.errors)")
    }
}
