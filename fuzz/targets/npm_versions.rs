//! Versions, ranges and specs as npm reads them.
#![no_main]

use gatepost_core::lockfile::npm_semver::{Range, Version};
use gatepost_core::lockfile::npm_spec::{self, Spec};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (range, version) = text.split_once('\n').unwrap_or((&text, "1.2.3"));
    let spec = Spec::parse(range);
    let _ = (spec.precision(), spec.origin(), npm_spec::satisfies(version, range));
    if let (Some(range), Some(version)) = (Range::parse(range), Version::parse(version)) {
        let _ = range.satisfies(&version);
        assert!(range.intersects(&range) || !range.satisfies(&version), "a range that is met meets itself");
    }
});
