//! `.gitleaksignore` and baselines: findings that are known.

use super::finding::{Finding, go_text};
use serde_json::Value;
use std::collections::BTreeSet;

/// Fingerprints that are let through.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ignored {
    fingerprints: BTreeSet<String>,
}

impl Ignored {
    /// Reads a `.gitleaksignore`; gives back its lines that are no fingerprints.
    pub fn add(&mut self, text: &str) -> Vec<String> {
        let mut odd = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut parts: Vec<String> = line.split(':').map(str::to_owned).collect();
            // The file, with the slashes that findings have.
            let file = match parts.len() {
                3 => Some(0),
                4 => Some(1),
                _ => None,
            };
            match file.and_then(|file| parts.get_mut(file)) {
                Some(file) => *file = file.replace('\\', "/"),
                None => odd.push(line.to_owned()),
            }
            self.fingerprints.insert(parts.join(":"));
        }
        odd
    }

    /// Whether a finding is let through.
    #[must_use]
    pub fn has(&self, finding: &Finding) -> bool {
        if self.fingerprints.is_empty() {
            return false;
        }
        self.fingerprints.contains(&finding.global_fingerprint())
            || (!finding.commit.is_empty() && self.fingerprints.contains(&finding.fingerprint))
    }

    /// The fingerprints, for who carries them over.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = &str> {
        self.fingerprints.iter().map(String::as_str)
    }
}

/// The findings of an earlier report.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Baseline {
    known: Vec<Known>,
}

/// What two findings have in common when they are the same.
#[derive(Clone, PartialEq, Debug)]
struct Known {
    texts: [String; 8],
    places: [i64; 4],
    entropy: f32,
    /// The match and the secret: they do not count where secrets are hidden.
    values: [String; 2],
}

impl Baseline {
    /// Reads a JSON report of gitleaks.
    ///
    /// # Errors
    ///
    /// What is none.
    pub fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        let rows = match &value {
            Value::Null => &[][..],
            Value::Array(rows) => rows,
            _ => return Err("it is no list of findings: a baseline is a report in JSON (-f json)".to_owned()),
        };
        let known = rows.iter().map(Known::of_row).collect::<Option<Vec<_>>>();
        let known = known.ok_or("one of its rows is no finding: a baseline is a report in JSON (-f json)")?;
        Ok(Self { known })
    }

    /// Whether a finding was there already. `is_redacted` says that secrets are hidden, and do not count.
    #[must_use]
    pub fn has(&self, finding: &Finding, is_redacted: bool) -> bool {
        if self.known.is_empty() {
            return false;
        }
        let own = Known::of(finding);
        self.known.iter().any(|known| {
            known.texts == own.texts
                && known.places == own.places
                && known.entropy.to_bits() == own.entropy.to_bits()
                && (is_redacted || known.values == own.values)
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl Known {
    fn of_row(row: &Value) -> Option<Self> {
        let row = row.as_object()?;
        // Go reads keys in any case.
        let get =
            |key: &str| row.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value);
        let text = |key: &str| match get(key) {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => None,
        };
        let number = |key: &str| get(key).map_or(Some(0), Value::as_i64);
        let keys = ["RuleID", "Description", "File", "Commit", "Author", "Email", "Date", "Message"];
        let texts: Vec<String> = keys.into_iter().map(text).collect::<Option<_>>()?;
        let places: Vec<i64> = ["StartLine", "EndLine", "StartColumn", "EndColumn"]
            .into_iter()
            .map(number)
            .collect::<Option<_>>()?;
        let entropy = get("Entropy").map_or(Some(0.0), Value::as_f64)?;
        #[allow(clippy::cast_possible_truncation, reason = "it is a number in single precision")]
        Some(Self {
            texts: texts.try_into().ok()?,
            places: places.try_into().ok()?,
            entropy: entropy as f32,
            values: [text("Match")?, text("Secret")?],
        })
    }

    fn of(finding: &Finding) -> Self {
        Self {
            texts: [
                finding.rule.clone(),
                finding.description.clone(),
                go_text(&finding.file),
                finding.commit.clone(),
                go_text(&finding.author),
                go_text(&finding.email),
                finding.date.clone(),
                go_text(&finding.message),
            ],
            places: [finding.start_line, finding.end_line, finding.start_column, finding.end_column],
            entropy: finding.entropy,
            values: [go_text(&finding.text), go_text(&finding.secret)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        Finding {
            rule: "r".to_owned(),
            file: b"a/b.txt".to_vec(),
            start_line: 3,
            start_column: 4,
            commit: "c0ffee".to_owned(),
            fingerprint: "c0ffee:a/b.txt:r:3".to_owned(),
            secret: b"s".to_vec(),
            entropy: 3.25,
            ..Finding::default()
        }
    }

    #[test]
    fn a_fingerprint_holds_for_one_commit_or_for_all() {
        for (line, expected) in [
            ("a/b.txt:r:3", true),
            (r"a\b.txt:r:3", true),
            ("  c0ffee:a/b.txt:r:3  ", true),
            ("# a/b.txt:r:3", false),
            ("c0ffef:a/b.txt:r:3", false),
            ("a/b.txt:r:4", false),
        ] {
            let mut ignored = Ignored::default();
            assert_eq!(ignored.add(&format!("\n{line}\n")), [] as [&str; 0]);
            assert_eq!(ignored.has(&finding()), expected, "{line}");
        }
        assert_eq!(Ignored::default().add("a:b\nx:y:1\n"), ["a:b"]);
    }

    #[test]
    fn a_finding_of_a_baseline_is_the_same_in_every_field() {
        let row = r#"[{"RuleID": "r", "File": "a/b.txt", "StartLine": 3, "StartColumn": 4, "Commit": "c0ffee",
            "Secret": "s", "Entropy": 3.25, "Tags": null}]"#;
        let baseline = Baseline::read(row).unwrap();
        assert!(baseline.has(&finding(), false));
        assert!(!baseline.has(&Finding { start_column: 5, ..finding() }, false));
        assert!(!baseline.has(&Finding { secret: b"t".to_vec(), ..finding() }, false));
        assert!(baseline.has(&Finding { secret: b"t".to_vec(), ..finding() }, true));
        for text in ["{", "{}", "[1]", r#"[{"RuleID": 1}]"#] {
            assert!(Baseline::read(text).is_err(), "{text}");
        }
        assert!(Baseline::read("null").unwrap().is_empty());
    }
}
