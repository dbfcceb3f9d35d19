import MedPrepIO

/// NumPy files.
extension Target {
    static let npy = Target(
        name: "npy",
        seeds: {
            NPYArray.ElementType.allCases.map { type in
                seed("'<\(type.rawValue)'", "(2, 3)", 6 * type.size)
            } + [seed("'|u1'", "()", 1), seed("'<f4'", "(0,)", 0)]
        },
        words: {
            [
                "'descr'", "'fortran_order'", "'shape'", "True", "False", "(", ")", ",", "{", "}",
                "18446744073709551615",
            ]
            .map { Array($0.utf8) }
        },
        run: { bytes in
            file.write(bytes)
            do throws(NPYError) {
                let array = try NPYReader.read(file.path)
                let count = array.sizes.reduce(1, *)
                expect(array.count == count, "\(array.count) values for \(array.sizes)")
                expect(array.doubles.count == count && array.floats.count == count, "every value")
            } catch {
                expect(!"\(error)".isEmpty, "a refusal has a sentence")
            }
        })

    private static func seed(_ type: String, _ shape: String, _ count: Int) -> [UInt8] {
        let text = Array("{'descr': \(type), 'fortran_order': False, 'shape': \(shape), }\n".utf8)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text
            + [UInt8](repeating: 1, count: count)
    }

    private static let file = MemoryFile("a.npy")
}
