//! The product as its users meet it: the built binaries, driven by real git in temporary repositories. No network, no
//! server, nothing of the user's own configuration.

// clippy lets tests unwrap, and does not count the helpers of an integration test among them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "tests fail by panicking")]

mod allow;
#[cfg(unix)]
mod bypass;
mod ci;
mod commands;
#[cfg(unix)]
mod drift;
mod encrypted;
mod errors;
mod exceptions;
mod fingerprints;
mod gates;
mod history;
#[cfg(unix)]
mod inline;
mod layering;
mod policy;
mod push;
#[cfg(unix)]
mod receive;
mod support;
mod why;
