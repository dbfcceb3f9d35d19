internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators

/// JSON Schema (draft 2020-12) of the whole pipeline file, for editors: `medprep operators --schema`.
public enum PipelineSchema {
    public static var json: JSONValue {
        let descriptions = Catalog.all.map { OperatorDescription($0) }
        let choices = descriptions.map { description -> JSONValue in
            [
                "if": ["properties": ["op": ["const": .string(description.name)]], "required": ["op"]],
                "then": ["$ref": .string("#/$defs/\(description.name)")],
            ]
        }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "medprep pipeline",
            "description": "What medprep run reads: where scans come from, what is done, where results go.",
            "type": "object",
            "properties": [
                "$schema": ["type": "string"],
                "input": input,
                "steps": [
                    "description": "Done in this order; may be empty.",
                    "type": "array",
                    "items": [
                        "type": "object", "required": ["op"],
                        "properties": ["op": ["enum": .array(descriptions.map { .string($0.name) })]],
                        "allOf": .array(choices),
                    ],
                ],
                "batch": object(
                    "Gathers cases for the steps that learn from batches.",
                    [
                        ("size", ["type": "integer", "minimum": 1, "maximum": 4096, "default": 1]),
                        ("drop_last", ["type": "boolean", "default": false]),
                    ]),
                "output": output,
                "report": object(
                    "What is reported beside the sidecars.",
                    [
                        ("json", ["description": "Write report.json.", "type": "boolean", "default": true]),
                        (
                            "sha256",
                            [
                                "description": "Also put the SHA-256 of each input file into its sidecar.",
                                "type": "boolean", "default": false,
                            ]
                        ),
                    ]),
            ],
            "required": ["steps"],
            "patternProperties": ["^_": true],
            "additionalProperties": false,
            "$defs": .object(descriptions.map { .init($0.name, $0.schema) }),
        ]
    }

    private static var input: JSONValue {
        var schema = object(
            "Where scans come from. Paths are relative to this file.",
            [
                ("folder", ["type": "string"]),
                ("pattern", ["description": "Picks among scans, like **/*_T1w.nii.gz.", "type": "string"]),
                ("images", patterns("Images of one case, in channel order: {case}/*T1w*.", least: 1)),
                ("labels", patterns("Label maps that follow the images.", least: 0)),
                ("masks", patterns("Masks that \"mask\": \"file\" uses; not written.", least: 0)),
                ("fourth_axis", choice(FourthAxis.self, "What the fourth axis of a file is.", .channel)),
                ("nonfinite", choice(Nonfinite.self, "What NaN and infinity mean.", .error)),
            ])
        guard case .object(let members) = schema else { return schema }
        schema = .object(
            members + [
                .init("not", ["required": ["pattern", "images"]]),
                .init("dependentRequired", ["labels": ["images"], "masks": ["images"]]),
            ])
        return schema
    }

    private static var output: JSONValue {
        let schema = object(
            "Where results go and in what form.",
            [
                ("folder", ["type": "string"]),
                ("format", choice(Pipeline.OutputFormat.self, "The files' format.", .niftiGzip)),
                (
                    "dtype",
                    choice(
                        Pipeline.DType.self,
                        "The type of images: float16 for arrays, scaled int16 for NIfTI. Labels have their own.",
                        .float32)
                ),
                (
                    "compression",
                    [
                        "description": "Of nii.gz files.", "default": "fast",
                        "anyOf": [
                            ["enum": ["fast", "balanced", "none"]],
                            ["type": "integer", "minimum": 1, "maximum": 9],
                        ],
                    ]
                ),
                (
                    "layout",
                    choice(Pipeline.Layout.self, "Axis order of npy, npz and safetensors files.", .ndhwc)
                ),
                (
                    "channels",
                    choice(Pipeline.Channels.self, "One file, or one for each image of the case.", .together)
                ),
                (
                    "keep_header_text",
                    [
                        "description": "Let texts and extensions of the input's header into NIfTI files.",
                        "type": "boolean", "default": false,
                    ]
                ),
                (
                    "names",
                    choice(
                        Pipeline.Names.self,
                        "What outputs, reports and messages call the cases: their names, or keyed hashes of them.",
                        .kept)
                ),
            ])
        guard case .object(let members) = schema else { return schema }
        return .object(
            members + [
                .init(
                    "if",
                    [
                        "properties": ["format": ["enum": .array(arrayFormats)]],
                        "required": ["format"],
                    ]),
                .init(
                    "then",
                    [
                        "properties": [
                            "dtype": ["enum": ["float32", "float16"]], "keep_header_text": ["const": false],
                        ]
                    ]),
                .init(
                    "else",
                    [
                        "properties": ["dtype": ["enum": ["float32", "int16"]]],
                        "not": ["required": ["layout"]],
                    ]),
            ])
    }

    private static var arrayFormats: [JSONValue] {
        Pipeline.OutputFormat.allCases.filter { !$0.isNIfTI }.map { .string($0.rawValue) }
    }

    private static func object(_ description: String, _ properties: [(String, JSONValue)]) -> JSONValue {
        [
            "description": .string(description), "type": "object",
            "properties": .object(properties.map { .init($0.0, $0.1) }),
            "patternProperties": ["^_": true], "additionalProperties": false,
        ]
    }

    private static func patterns(_ description: String, least: Int) -> JSONValue {
        [
            "description": .string(description), "type": "object", "minProperties": .integer(least),
            "propertyNames": ["pattern": "^_|^[A-Za-z0-9_-][A-Za-z0-9_.-]*$"],
            "additionalProperties": ["type": "string"],
        ]
    }

    private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ type: Choice.Type, _ description: String, _ byDefault: Choice
    ) -> JSONValue {
        [
            "description": .string(description), "enum": .array(type.allCases.map { .string($0.rawValue) }),
            "default": .string(byDefault.rawValue),
        ]
    }
}
