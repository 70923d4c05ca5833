//! Packages that the SDK adds to a project by itself.

use super::framework::{CLASSIC, Framework, STANDARD};

/// How the names begin of packages that the SDK adds by itself, at a version that hangs on the SDK.
const OF_THE_SDK: [&str; 9] = [
    "fsharp.core",
    "microsoft.aspnetcore.all",
    "microsoft.aspnetcore.app",
    "microsoft.codeanalysis.netanalyzers",
    "microsoft.dotnet.",
    "microsoft.net.",
    "microsoft.netcore.",
    "microsoft.windowsdesktop.app",
    "runtime.",
];
/// One that is named like those, and that projects ask for.
const OF_NOBODY: &str = "microsoft.net.test.sdk";
/// Properties that have the SDK add packages.
pub(super) const TRIMMING: [&str; 9] = [
    "PublishAot",
    "PublishTrimmed",
    "IsTrimmable",
    "IsAotCompatible",
    "EnableAotAnalyzer",
    "EnableTrimAnalyzer",
    "EnableSingleFileAnalyzer",
    "PublishSingleFile",
    "PublishReadyToRun",
];

/// Whether the SDK adds the package, of the same version whichever it is.
pub(super) fn is_constant(name: &str, framework: &Framework) -> bool {
    match name.to_ascii_lowercase().as_str() {
        "netstandard.library" => framework.family == STANDARD,
        "microsoft.netframework.referenceassemblies" => framework.family == CLASSIC,
        _ => false,
    }
}

pub(super) fn is_of_the_sdk(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name != OF_NOBODY && OF_THE_SDK.iter().any(|start| name.starts_with(start))
}
