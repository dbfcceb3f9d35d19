// swift-tools-version: 6.2
import PackageDescription

/// The fuzzers. They are a package of their own, for no user of the library shall build them; `Houses` and `Support`
/// are links to the sources of medprep, so that the fuzzers see what is `package` and the instrumentation is in all.
let strict: [SwiftSetting] = ["InternalImportsByDefault", "MemberImportVisibility", "ExistentialAny"]
    .map { .enableUpcomingFeature($0) }

func house(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Houses/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "medprep-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    ],
    targets: [
        .systemLibrary(name: "CMedPrepNIfTI", path: "Houses/CMedPrepNIfTI"),
        .systemLibrary(name: "CMedPrepISAL", path: "Houses/CMedPrepISAL", pkgConfig: "libisal"),
        .systemLibrary(name: "CMedPrepLinux", path: "Houses/CMedPrepLinux"),
        .systemLibrary(name: "CMedPrepZlib", path: "Houses/CMedPrepZlib", pkgConfig: "zlib"),
        .target(name: "CMedPrepKernels", path: "Houses/CMedPrepKernels"),
        house("MedPrepCore"),
        house(
            "MedPrepKernels",
            ["MedPrepCore", "CMedPrepKernels", .product(name: "RealModule", package: "swift-numerics")]),
        house(
            "MedPrepIO",
            [
                "MedPrepCore", "MedPrepKernels", "CMedPrepNIfTI", "CMedPrepISAL", "CMedPrepLinux",
                "CMedPrepZlib",
            ]),
        house("MedPrepOperators", ["MedPrepCore", "MedPrepKernels"]),
        house("MedPrepStreaming"),
        house(
            "MedPrep",
            [
                "MedPrepCore", "MedPrepKernels", "MedPrepIO", "MedPrepOperators", "MedPrepStreaming",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "MedPrepTestSupport", dependencies: ["MedPrepCore"], path: "Support",
            swiftSettings: strict),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "MedPrepCore", "MedPrepIO", "MedPrepOperators", "MedPrep", "MedPrepTestSupport",
                "CMedPrepZlib",
            ],
            swiftSettings: strict),
    ]
)
