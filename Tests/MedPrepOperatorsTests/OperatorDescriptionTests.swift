import MedPrepCore
import MedPrepOperators
import Testing

@Suite("OperatorDescription") struct OperatorDescriptionTests {
    @Test("one line of the list")
    func line() {
        #expect(
            OperatorDescription(CropCenter.self).line
                == "crop_center           Keeps a box in the middle; an axis that is smaller already stays.")
    }

    @Test("a page of an operator with a required parameter")
    func page() {
        let expected = """
            crop_center
                Keeps a box in the middle; an axis that is smaller already stays.

                formula    start = ⌊n/2⌋ − ⌊m/2⌋
                geometry   size_ijk where smaller
                same as    monai.transforms.CenterSpatialCrop

                size_ijk  (three values (x, y, z), each a whole number or null, or one for all three or null; \
            required; at least -1)
                    Voxels kept; null or -1 keeps the axis.

                convention  ("monai", "torchio"; default "monai")
                    Where the odd voxel goes: monai (end) or torchio (start).

            """
        #expect(OperatorDescription(CropCenter.self).text == expected)
    }

    @Test("as JSON, a required parameter apart from one whose default is null")
    func json() {
        let expected = #"""
            {
              "name": "clip",
              "summary": "Limits every voxel to a closed interval.",
              "formula": "y = x, but at least min and at most max",
              "geometry": "unchanged",
              "same_as": "numpy clip, torchio Clamp",
              "parameters": [
                {
                  "name": "min",
                  "summary": "Smallest value kept, in the scan's own unit; null: no limit.",
                  "type": "a number or null",
                  "rules": [],
                  "default": null,
                  "required": false
                },
                {
                  "name": "max",
                  "summary": "Largest value kept, in the scan's own unit; null: no limit.",
                  "type": "a number or null",
                  "rules": [],
                  "default": null,
                  "required": false
                }
              ]
            }
            """#
        #expect(OperatorDescription(Clip.self).json.text() == expected)
        let size = OperatorDescription(CropCenter.self).json["parameters"]?.array?[0]
        #expect(size?["required"] == true && size?["default"] == .null)
        #expect(size?["rules"]?.line == #"["required", "at least -1"]"#)
    }
}

@Suite("Catalog") struct CatalogTests {
    @Test("names are unique, and lead to their type")
    func names() {
        #expect(Set(Catalog.names).count == Catalog.names.count)
        for type in Catalog.all { #expect(Catalog.type(named: type.name) == type) }
        #expect(Catalog.type(named: "Clip") == nil && Catalog.type(named: "") == nil)
    }

    @Test("follows the order of the operation index: normalization, intensity, space")
    func order() {
        // SEMANTICS 12, those that are steps.
        let index = [
            "batch_norm", "batch_renorm", "normalize_over", "batch_stat_report", "instance_norm",
            "layer_norm",
            "group_norm", "rms_norm", "robust_norm", "zscore", "rescale", "window", "rescale_percentiles",
            "clip", "clip_percentiles", "ct_normalize", "histogram_equalize", "nyul", "fcm", "kde",
            "whitestripe", "lsq", "stats", "orient", "crop_foreground", "crop_nonzero", "pad_to",
            "pad_to_multiple", "crop_center", "crop_or_pad", "ensure_multiple", "resample", "resize",
            "affine_resample", "conform",
        ]
        // Steps that came later stand where they belong.
        #expect(Catalog.names.filter(index.contains) == index)
    }

    @Test("every operator is of exactly one kind")
    func kinds() {
        for type in Catalog.all {
            let kinds = [
                type is any SpatialOperator.Type, type is any IntensityOperator.Type,
                type is any LearningOperator.Type, type is any ReportOperator.Type,
            ]
            #expect(kinds.filter { $0 }.count == 1, "\(type)")
        }
    }

    @Test("a type's name becomes snake_case")
    func snake() {
        let names = [
            ("Clip", "clip"), ("ClipPercentiles", "clip_percentiles"), ("ZScore", "zscore"),
            ("RMSNorm", "rms_norm"), ("PadTo", "pad_to"), ("CropOrPad", "crop_or_pad"), ("FCM", "fcm"),
            ("outMin", "out_min"), ("", ""),
        ]
        for (name, expected) in names { #expect(snakeCase(name) == expected) }
    }
}
