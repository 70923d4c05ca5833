//! The product as its users meet it: the built binaries, driven by real git in temporary repositories. No network, no
//! server, nothing of the user's own configuration.

// clippy lets tests unwrap, and does not count the helpers of an integration test among them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "tests fail by panicking")]

mod allow;
mod archives;
#[cfg(unix)]
mod bypass;
mod ci;
mod ci_platforms;
mod ci_refs;
mod commands;
#[cfg(unix)]
mod control_characters;
mod decode;
#[cfg(unix)]
mod drift;
mod encrypted;
mod errors;
mod evidence;
mod exceptions;
#[cfg(unix)]
mod files;
mod fingerprints;
#[cfg(unix)]
mod forward_ports;
mod gates;
mod gitleaks;
mod history;
mod history_sources;
#[cfg(unix)]
mod inline;
#[cfg(unix)]
mod kits;
mod layering;
mod levels;
#[cfg(unix)]
mod locks;
#[cfg(unix)]
mod markers;
mod messages;
mod moves;
mod own_rules;
#[allow(dead_code, reason = "it is shared with the tests of gatepost-core, which need more of it")]
#[path = "../../crates/core/src/archive/packing.rs"]
mod packing;
mod parts;
mod policy;
mod pre_push_refs;
mod push;
#[cfg(unix)]
mod receive;
mod reports;
#[cfg(unix)]
mod repository_policy;
mod requirements;
#[cfg(unix)]
mod server_commands;
#[cfg(unix)]
mod servers;
mod shards;
#[cfg(unix)]
mod signatures;
mod stats;
mod structure;
mod support;
mod tags;
mod threads;
#[cfg(unix)]
mod versions;
mod why;
