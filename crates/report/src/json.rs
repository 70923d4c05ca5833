//! JSON, for programs: `gatepost.report/1`. The format is described by [`SCHEMA`] and in `docs/report.md`; it only
//! changes together with its version.

use crate::mask::Mask;
use crate::wire::WireReport;
use crate::{Options, Reporter};
use gatepost_core::Report;
use gatepost_core::text::is_unsafe;
use serde::Serialize as _;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// The JSON Schema (draft 2020-12) of what [`Json`] writes. It is strict: an unknown key is an error.
pub const SCHEMA: &str = include_str!("../schema/report-1.json");

/// The format `json`.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Reporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn summary(&self) -> &'static str {
        "for programs: gatepost.report/1, with a JSON Schema"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        let formatter = Visible(PrettyFormatter::new());
        // The serializer writes a few bytes at a time.
        let mut out = io::BufWriter::new(out);
        let mut serializer = Serializer::with_formatter(&mut out, formatter);
        WireReport::new(report, &mask).serialize(&mut serializer)?;
        out.write_all(b"\n")?;
        out.flush()
    }
}

/// Any value, written as the report is.
pub(crate) fn to_string(value: &serde_json::Value) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Visible(PrettyFormatter::new()));
    // A value of text, numbers, lists and tables can always be written, and memory does not fail.
    let _ = value.serialize(&mut serializer);
    out.push(b'\n');
    String::from_utf8_lossy(&out).into_owned()
}

/// Any value without line breaks, and a line end.
///
/// # Errors
///
/// When `out` cannot be written.
pub(crate) fn compact(value: &impl serde::Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let mut serializer = Serializer::with_formatter(&mut out, Visible(CompactFormatter));
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes what would do something to a terminal as `\uXXXX`: the value that a parser reads is the same, and a
/// report that is looked at with `cat` cannot be used to write to somebody's screen.
struct Visible<F>(F);

impl<F: Formatter> Formatter for Visible<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, character)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.write_all(before.as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = from.get(character.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reader, testing};
    use gatepost_core::{RepoPath, Secret, SkipReason};
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::sync::LazyLock;

    fn write(report: &Report, options: &Options) -> Value {
        let mut out = Vec::new();
        Json.write(report, options, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    });

    #[track_caller]
    fn assert_valid(value: &Value) {
        let errors: Vec<String> =
            VALIDATOR.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
    }

    const SHOWN: Options =
        Options { color: false, show_secrets: true, quiet: 0, verbose: 0, reader: Reader::Here, width: None };

    #[test]
    fn reports_of_every_kind_match_the_schema() {
        let mut reports = vec![testing::empty(), testing::full(), testing::shard()];
        let mut odd = testing::full();
        odd.enforced = false;
        odd.findings[0].locations[0].path = Some(RepoPath::new(*b"a/\xff\x1b[2J\n.txt"));
        odd.findings[0].secret = Some(Secret::new(*b"\xfe\xffnot text at all"));
        odd.findings[1].locations.clear();
        odd.findings[0].locations[1].author =
            Some(gatepost_core::Identity { name: b"\xe9ric".to_vec(), email: Vec::new(), time: None });
        reports.push(odd);
        for stage in gatepost_core::Stage::ALL {
            reports.push(Report { stage: *stage, ..testing::empty() });
        }
        for reason in SkipReason::ALL {
            let mut skipped = testing::empty();
            skipped.coverage.skip(*reason);
            reports.push(skipped);
        }
        for report in &reports {
            assert_valid(&write(report, &Options::default()));
            assert_valid(&write(report, &SHOWN));
        }
    }

    proptest! {
        #[test]
        fn any_report_matches_the_schema(report in testing::any_report(), show_secrets: bool) {
            let options = Options { show_secrets, ..Options::default() };
            let mut out = Vec::new();
            Json.write(&report, &options, &mut out).unwrap();
            let value: Value = serde_json::from_slice(&out).unwrap();
            let error = VALIDATOR.validate(&value).map_err(|e| format!("{}: {e}", e.instance_path())).err();
            prop_assert_eq!(error, None);
            let text = String::from_utf8(out).unwrap();
            prop_assert!(!text.replace('\n', "").contains(is_unsafe));
        }
    }

    #[test]
    fn every_key_is_documented() {
        fn keys(schema: &Value, found: &mut Vec<String>) {
            if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
                // Conditions name keys again, without saying anything about them.
                found.extend(properties.keys().cloned());
            }
            match schema {
                Value::Object(map) => map.values().for_each(|value| keys(value, found)),
                Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
                _ => {}
            }
        }
        let page = include_str!("../../../docs/report.md");
        let mut found = Vec::new();
        keys(&serde_json::from_str(SCHEMA).unwrap(), &mut found);
        assert!(found.len() > 50);
        for key in found {
            let written = [format!("`{key}`"), format!(".{key}`")];
            assert!(
                written.iter().any(|form| page.contains(form)),
                "docs/report.md does not mention `{key}`"
            );
        }
    }

    #[test]
    fn the_result_is_told_even_when_it_is_not_enforced() {
        let mut report = testing::empty();
        report.findings.push(testing::one_secret());
        report.enforced = false;
        let value = write(&report, &Options::default());
        assert_eq!((&value["result"], &value["enforced"]), (&json!("violations"), &json!(false)));
        let mut report = testing::empty();
        report.coverage.skip(SkipReason::Missing);
        let value = write(&report, &Options::default());
        assert_eq!((&value["result"], &value["complete"]), (&json!("incomplete"), &json!(false)));
        assert_eq!(
            value["coverage"]["skipped"],
            json!([{ "reason": "missing", "count": 1, "declared": false }])
        );
    }

    #[test]
    fn secrets_are_redacted_unless_they_are_asked_for() {
        let mut report = testing::empty();
        report.findings.push(testing::one_secret());
        let hidden = &write(&report, &Options::default())["findings"][0];
        assert_eq!(hidden["redacted"], "ghp_********");
        assert!(hidden.get("secret").is_none());
        let shown = &write(&report, &SHOWN)["findings"][0];
        assert_eq!(shown["secret"].as_str().unwrap().as_bytes(), testing::token().reveal());
        assert!(shown.get("redacted").is_none() && shown.get("secret_bytes").is_none());

        report.findings[0].secret = Some(Secret::new(*b"\xff\x00key"));
        let shown = &write(&report, &SHOWN)["findings"][0];
        assert_eq!(shown["secret"], "\u{fffd}\u{0}key");
        assert_eq!(shown["secret_bytes"], "/wBrZXk=");
    }

    #[test]
    fn a_place_has_the_numbers_and_names_that_are_promised() {
        let mut report = testing::empty();
        let mut finding = testing::one_secret();
        finding.locations =
            vec![testing::attributed(testing::at("a b/\u{fc}.env", 7, "\u{e9}=", &testing::token(), ""))];
        finding.locations[0].decoded_by = vec!["base64"];
        report.findings.push(finding);
        let value = write(&report, &Options::default());
        assert_eq!(
            value["findings"][0]["locations"],
            json!([{
                "path": "a b/\u{fc}.env",
                "line": 7, "column": 4, "character": 3, "end_line": 7, "end_column": 48,
                "start_byte": 280, "end_byte": 324,
                "commit": "1".repeat(40), "object": "2".repeat(40),
                "author": "Jane Doe <jane@example.com>", "date": "2026-11-03T00:00:00Z",
                "in_tip": true, "decoded_by": ["base64"],
            }])
        );
    }

    #[test]
    fn a_place_in_an_archive_keeps_the_path_of_the_file() {
        let mut report = testing::empty();
        report.findings.push(testing::one_secret());
        let inner = vec![RepoPath::from("lib/a.jar"), RepoPath::new(*b"x\xff.env")];
        report.findings[0].locations[0].inner = inner;
        let value = write(&report, &Options::default());
        let place = &value["findings"][0]["locations"][0];
        assert_eq!(place["path"], "config/prod.env");
        assert_eq!(place["inner"], json!(["lib/a.jar", "x%FF.env"]));
        assert_eq!(place["line"], 12);
    }

    #[test]
    fn only_a_shard_tags_values_and_says_when_commits_were_made() {
        let report = testing::shard();
        let value = write(&report, &Options::default());
        let tag = |n: usize| value["findings"][n]["value_tag"].as_str().unwrap();
        assert_eq!(
            (tag(0) == tag(2), tag(0) == tag(1), tag(3) == tag(4), tag(3) == tag(5)),
            (true, false, false, true)
        );
        assert_eq!(value["findings"][0]["locations"][0]["committed"], "2026-11-03T00:01:00Z");
        assert_eq!(value["suppressed"][0]["value_tag"], tag(0));
        assert_eq!((&value["shard"]["index"], &value["shard"]["of"]), (&json!(3), &json!(16)));
        assert_eq!(value["stats"]["history"]["lent"], 12);
        let whole = write(&Report { shard: None, statistics: None, ..report }, &Options::default());
        let text = whole.to_string();
        assert!(!text.contains("value_tag") && !text.contains("committed") && !text.contains("stats"));
    }

    #[test]
    fn odd_paths_survive_as_bytes() {
        let mut report = testing::empty();
        report.findings.push(testing::one_secret());
        report.findings[0].locations[0].path = Some(RepoPath::new(*b"a/\xff.txt"));
        let value = write(&report, &Options::default());
        let place = &value["findings"][0]["locations"][0];
        assert_eq!((&place["path"], &place["path_bytes"]), (&json!("a/%FF.txt"), &json!("YS//LnR4dA==")));
    }

    #[test]
    fn a_report_on_a_screen_sends_nothing_to_it() {
        let mut report = testing::full();
        let nasty = "a\u{9b}2J\u{1b}]0;x\u{7}\u{202e}\u{e0041}\"\\\u{7f}z";
        report.findings[0].locations[0].path = Some(RepoPath::from(nasty));
        report.notices = vec![nasty.to_owned()];
        let mut out = Vec::new();
        Json.write(&report, &Options::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.replace('\n', "").contains(is_unsafe));
        assert!(text.contains(r"\u202e\udb40\udc41"));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["notices"][0], nasty);
        assert_eq!(value["findings"][0]["locations"][0]["path"], nasty);
    }

    #[test]
    fn the_schema_refuses_what_is_no_report() {
        let good = write(&testing::full(), &Options::default());
        assert_valid(&good);
        type Break = (&'static str, fn(&mut Value));
        let breaks: [Break; 16] = [
            ("a wrong version", |v| v["schema"] = json!("gatepost.report/2")),
            ("an unknown key", |v| v["extra"] = json!(1)),
            ("an unknown key in a finding", |v| v["findings"][0]["extra"] = json!(1)),
            ("an unknown key in a place", |v| v["findings"][0]["locations"][0]["extra"] = json!(1)),
            ("a missing key", |v| drop(v.as_object_mut().unwrap().remove("coverage"))),
            ("a missing digest", |v| drop(v["tool"].as_object_mut().unwrap().remove("policy_digest"))),
            ("an unknown result", |v| v["result"] = json!("ok")),
            ("a pass that is incomplete", |v| v["result"] = json!("pass")),
            ("an unknown level", |v| v["findings"][0]["level"] = json!("fatal")),
            ("line 0", |v| v["findings"][0]["locations"][0]["line"] = json!(0)),
            ("half a span", |v| v["findings"][0]["locations"][0]["end_byte"] = json!(null)),
            ("a secret that is shown and redacted", |v| v["findings"][0]["secret"] = json!("x")),
            ("a short commit id", |v| v["findings"][0]["locations"][0]["commit"] = json!("1234567")),
            ("a fingerprint of another kind", |v| v["findings"][0]["fingerprint"] = json!("sha256:00")),
            ("a suppression without its cause", |v| {
                drop(v["suppressed"][0].as_object_mut().unwrap().remove("by"));
            }),
            ("a missing object that is declared", |v| {
                for skip in v["coverage"]["skipped"].as_array_mut().unwrap() {
                    skip["declared"] = json!(true);
                }
            }),
        ];
        for (what, break_it) in breaks {
            let mut bad = good.clone();
            break_it(&mut bad);
            assert!(!VALIDATOR.is_valid(&bad), "the schema takes {what}");
        }
    }
}
