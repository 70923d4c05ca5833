//! The ecosystems, one file or folder each. To add one, write its file and name it twice below.

mod bun;
mod bundler;
mod cargo;
mod cocoapods;
mod composer;
mod deno;
mod go;
mod helm;
mod npm;
mod nuget;
mod pdm;
mod pipenv;
mod pnpm;
mod poetry;
mod pubspec;
mod pylock;
mod python;
mod requirements;
mod swiftpm;
mod terraform;
mod uv;
mod yarn_berry;
mod yarn_classic;

use super::ecosystem::Ecosystem;
use super::tree::file_name;

/// Every ecosystem that is judged. The first of a family answers for manifests without a lock.
pub static ECOSYSTEMS: &[&dyn Ecosystem] = &[
    // JavaScript
    &npm::Npm,
    &pnpm::Pnpm,
    &yarn_berry::YarnBerry,
    &yarn_classic::YarnClassic,
    &bun::Bun,
    &deno::Deno,
    // Rust
    &cargo::Cargo,
    // Go
    &go::Go,
    // Terraform
    &terraform::Terraform,
    // Python
    &uv::Uv,
    &poetry::Poetry,
    &requirements::Requirements,
    &pdm::Pdm,
    &pipenv::Pipenv,
    &pylock::Pylock,
    // PHP
    &composer::Composer,
    // Ruby
    &bundler::Bundler,
    // Others
    &cocoapods::CocoaPods,
    &helm::Helm,
    &nuget::NuGet,
    &pubspec::Pub,
    &swiftpm::SwiftPm,
];

/// Locks of tools that are known by name alone, and the tools: they are named, and never taken for in sync.
const UNKNOWN: &[(&str, &str)] = &[
    ("flake.lock", "nix"),
    ("pixi.lock", "pixi"),
    ("conda-lock.yml", "conda-lock"),
    ("mix.lock", "mix"),
    ("gradle.lockfile", "gradle"),
    ("Cartfile.resolved", "carthage"),
    ("bun.lockb", "bun"),
];

/// The tool of a lock that is known by name alone.
#[must_use]
pub fn unknown_lock(path: &str) -> Option<&'static str> {
    let name = file_name(path);
    UNKNOWN.iter().find(|(lock, _)| *lock == name).map(|(_, tool)| *tool)
}
