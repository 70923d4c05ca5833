//! Through the real pre-commit and the real prek, as a user sets them up: a repository whose `.pre-commit-config.yaml`
//! points at a clone of this one; commitlint as an oracle for messages; a real formatter over files with secrets; real
//! servers that are pushed to; the readers of reports, a browser among them; and repositories so large that they are slow
//! to make.
//!
//! Most of these tests need programs, and fail where they are missing: a skipped test proves nothing. `.ci/run`
//! installs them; by hand:
//!
//! ```sh
//! python3 -m venv target/tools && target/tools/bin/pip install pre-commit prek junitparser check-jsonschema \
//!     securesystemslib cryptography
//! apt-get install openssh-server lighttpd gitolite3 chromium
//! npm install --prefix target/tools/reports @microsoft/sarif-multitool-linux@5 puppeteer-core@24
//! npm install --prefix target/tools/commitlint @commitlint/lint@20 @commitlint/load@20 @commitlint/config-conventional@20
//! cargo test --test e2e
//! ```

// clippy lets tests unwrap, and does not count the helpers of an integration test among them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "shared with the hermetic tests, which use all of it")]
#[path = "../it/support.rs"]
mod support;

mod commitlint;
mod evidence;
mod formatters;
mod frameworks;
mod huge;
mod kits;
mod reports;
#[cfg(unix)]
mod servers;
