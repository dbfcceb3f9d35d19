// swift-tools-version: 6.2
import PackageDescription

/// A file states its own arrows (STYLE: nothing is visible that is not imported here and now).
let strict: [SwiftSetting] = ["InternalImportsByDefault", "MemberImportVisibility", "ExistentialAny"]
    .map { .enableUpcomingFeature($0) }

/// One house and its tests.
func house(
    _ name: String, _ dependencies: [Target.Dependency] = [], tests: [Target.Dependency] = [],
    excluded: [String] = []
) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, exclude: excluded, swiftSettings: strict),
        .testTarget(
            name: name + "Tests", dependencies: [.byName(name: name), "MedPrepTestSupport"] + tests,
            swiftSettings: strict),
    ]
}

let realModule = Target.Dependency.product(name: "RealModule", package: "swift-numerics")

let package = Package(
    name: "medprep",
    products: [
        .library(name: "MedPrep", targets: ["MedPrep"]),
        .executable(name: "medprep", targets: ["MedPrepCLI"]),
        .library(name: "MedPrepC", type: .dynamic, targets: ["MedPrepC"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    ],
    targets: [
        .systemLibrary(name: "CMedPrepNIfTI", providers: [.apt(["libnifti-dev"])]),
        .systemLibrary(name: "CMedPrepISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CMedPrepLinux"),
        .systemLibrary(name: "CMedPrepZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CMedPrepKernels"),
        .target(
            name: "MedPrepTestSupport", dependencies: ["MedPrepCore"], path: "Tests/Support",
            swiftSettings: strict),
        // libnifti as an oracle: tests only, in no product.
        .target(
            name: "CNIfTIOracle", path: "Tests/CNIfTIOracle", cSettings: [.headerSearchPath("forward")],
            linkerSettings: [.linkedLibrary("nifti2"), .linkedLibrary("znz"), .linkedLibrary("m")]),
    ]
        + house("MedPrepCore")
        + house(
            "MedPrepKernels", ["MedPrepCore", "CMedPrepKernels", realModule],
            tests: ["MedPrepCore", "CMedPrepKernels"])
        + house(
            "MedPrepIO",
            [
                "MedPrepCore", "MedPrepKernels", "CMedPrepNIfTI", "CMedPrepISAL", "CMedPrepLinux",
                "CMedPrepZlib",
            ],
            tests: ["MedPrepCore", "CMedPrepNIfTI", "CMedPrepISAL", "CMedPrepZlib", "CNIfTIOracle"])
        + house(
            "MedPrepOperators", ["MedPrepCore", "MedPrepKernels"], tests: ["MedPrepCore", "MedPrepKernels"])
        + house("MedPrepStreaming")
        + house(
            "MedPrep",
            [
                "MedPrepCore", "MedPrepKernels", "MedPrepIO", "MedPrepOperators", "MedPrepStreaming",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            tests: ["MedPrepCore", "MedPrepKernels", "MedPrepIO", "MedPrepOperators"])
        + house("MedPrepC", ["MedPrep"], tests: ["MedPrepCore"], excluded: ["medprep.h"])
        + [
            .executableTarget(
                name: "MedPrepCLI",
                dependencies: [
                    "MedPrep", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                ],
                swiftSettings: strict),
            // The commands are tested from outside, as the program that a shell runs.
            .testTarget(
                name: "MedPrepCLITests", dependencies: ["MedPrepCLI", "MedPrep", "MedPrepTestSupport"],
                exclude: ["Snapshots"], swiftSettings: strict),
        ]
)

// Kernel benchmarks see `package` kernels, which a nested package could not; nobody else builds them.
if Context.environment["MEDPREP_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "KernelBenchmarks", dependencies: ["MedPrepCore", "MedPrepKernels", "MedPrepIO"],
            path: "Tests/Benchmarks/Kernels", swiftSettings: strict))
}
