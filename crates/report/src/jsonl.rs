//! JSON Lines: an object for each finding in the shape of the JSON report, and a last one that says how the run ended.
//!
//! A file that was cut off has no last line, and so cannot be taken for a whole one.

use crate::foreign::rows;
use crate::json::compact;
use crate::mask::Mask;
use crate::wire::{self, WireReport};
use crate::{Options, Reporter};
use gatepost_core::Report;
use serde::Serialize;
use std::io::{self, Write as _};

/// The format `jsonl`.
#[derive(Clone, Copy, Debug)]
pub struct JsonLines;

/// A line: what it is, and what it holds.
#[derive(Serialize)]
struct Line<T> {
    kind: &'static str,
    #[serde(flatten)]
    value: T,
}

impl Reporter for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn summary(&self) -> &'static str {
        "JSON Lines: a line for each finding as in the JSON report, and one for the run at the end"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        // One writer for all lines: a history has many.
        let mut out = io::BufWriter::new(out);
        for row in rows(report) {
            let kind = if row.by.is_some() { "suppressed" } else { "finding" };
            compact(&Line { kind, value: wire::row(&row, report, &mask) }, &mut out)?;
        }
        let run = WireReport::new(report, &mask).without_findings();
        compact(&Line { kind: "run", value: run }, &mut out)?;
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;
    use crate::testing;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn write(reporter: &dyn Reporter, report: &Report) -> String {
        let mut out = Vec::new();
        reporter.write(report, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn the_lines_are_the_json_report(report in testing::any_report()) {
            let lines: Vec<Value> =
                write(&JsonLines, &report).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let whole: Value = serde_json::from_str(&write(&Json, &report)).unwrap();
            let mut again = lines.last().unwrap().clone();
            let kind = again.as_object_mut().unwrap().remove("kind");
            prop_assert_eq!(kind, Some(json!("run")));
            for (kind, key) in [("finding", "findings"), ("suppressed", "suppressed")] {
                let of = lines.iter().filter(|line| line["kind"] == kind).cloned().map(|mut line| {
                    line.as_object_mut().unwrap().remove("kind");
                    line
                });
                again[key] = Value::Array(of.collect());
            }
            prop_assert_eq!(again, whole);
        }
    }

    #[test]
    fn a_clean_run_has_one_line() {
        let text = write(&JsonLines, &testing::empty());
        assert_eq!(text.lines().count(), 1);
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["kind"], &line["result"]), (&json!("run"), &json!("pass")));
    }
}
