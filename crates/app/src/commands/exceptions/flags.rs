//! What the policy would not take of a record that was asked for by flags. It stands in no file, so that a line would lead
//! nowhere: the mend is the flag to give.

use crate::commands::config::{escaped, render_errors};
use crate::exit::Failure;
use crate::settings::exceptions::RecordFile;
use gatepost_core::policy::{PolicyError, exception_keys};
use std::fmt::Write as _;

/// The keys that have a flag of their own, as it is typed; every other key is a `--field`.
const FLAGS: &[(&str, &str)] = &[
    ("id", "--id EX-2026-0007"),
    ("rule", "--rule github-pat"),
    ("fingerprint", "the fingerprint, as reports show it"),
    ("path", "--path 'docs/**'"),
    ("commit", "--commit ID"),
    ("status", "--status false-positive"),
    ("reason", "--reason 'why, in a sentence'"),
    ("owner", "--owner @team"),
    ("approver", "--approver @NAME"),
    ("ticket", "--ticket SEC-1"),
    ("created", "--field created=2026-11-20"),
    ("expires", "--expires 2027-03-31"),
    ("on-request", "--field on-request=true"),
    ("ref", "--field 'ref=refs/heads/import/**'"),
    ("review", "--field review=2027-01-31"),
    ("links", "--field links=https://example.com/1"),
    ("rotated-on", "--field rotated-on=2026-11-20"),
    ("rotated-by", "--field rotated-by=@team"),
];

/// The failure of a record that was never written. `first` is the line at which it would begin.
pub(super) fn refused(errors: &[PolicyError], file: &RecordFile, first: usize) -> Failure {
    let mut out = String::new();
    for error in errors {
        let line = error.line.and_then(|line| usize::try_from(line).ok());
        if error.origin != file.origin || line.is_none_or(|line| line < first) {
            let _ = writeln!(out, "{}", render_errors(std::slice::from_ref(error)));
            continue;
        }
        let _ = writeln!(out, "error: {}", escaped(&error.message));
        let _ = writeln!(out, "   = help: {}\n", escaped(&help(error)));
    }
    Failure::Rendered(format!("{out}nothing was written: the policy would not take it"))
}

/// The mend: the flag, and what the policy says of its value where that is no TOML.
fn help(error: &PolicyError) -> String {
    let key = key_of(error);
    let flag = key.map(|key| {
        let own = FLAGS.iter().find(|(name, _)| *name == key).map(|(_, flag)| (*flag).to_owned());
        own.unwrap_or_else(|| format!("--field {key}='in a sentence'"))
    });
    // `such as rotated-on = 2026-11-20` is for whoever edits the file.
    let advice = error.help.as_deref().map(|help| match (help.split_once(", such as "), key) {
        (Some((before, _)), Some(key)) if help.contains(&format!("{key} = ")) => before.to_owned(),
        _ => help.to_owned(),
    });
    match (flag, advice) {
        (Some(flag), Some(advice)) => format!("{}; give {flag}", advice.trim_end_matches('.')),
        (Some(flag), None) => format!("give {flag}"),
        (None, advice) => advice.unwrap_or_default(),
    }
}

/// The key that an error is about: the one that it misses, else the one whose line it shows.
fn key_of(error: &PolicyError) -> Option<&'static str> {
    let names = || exception_keys().iter().map(|key| key.name);
    let missing = names().find(|name| error.message.contains(&format!("has no `{name}`")));
    missing.or_else(|| {
        let (name, _) = error.source_line.as_deref()?.split_once(" = ")?;
        names().find(|known| *known == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy_source::record_errors;
    use gatepost_core::policy::{Layer, Origin, Policy, Schema};

    fn said(policy: &str, record: &str) -> String {
        let origin = Origin::File("gatepost-exceptions.toml".to_owned());
        let file = RecordFile { path: "gatepost-exceptions.toml".into(), origin: origin.clone() };
        let layers = [
            Layer { origin: Origin::File("gatepost.toml".to_owned()), text: policy.to_owned() },
            Layer { origin, text: format!("schema = 1\n\n[[exception]]\n{record}") },
        ];
        let errors = match Policy::load_for(Schema::built_in(), gatepost_core::policy::Purpose::Scan, &layers)
        {
            Ok(policy) => record_errors(&policy),
            Err(errors) => errors,
        };
        let Failure::Rendered(text) = refused(&errors, &file, 3) else { panic!("no text") };
        text
    }

    const SOUND: &str = "id = \"EX-2026-0001\"\nrule = \"github-pat\"\nowner = \"@a\"\nexpires = 2026-12-01\ncreated = 2026-11-20\n";

    #[test]
    fn the_mend_is_a_flag() {
        let strict = "[exceptions]\nrequire = [\"ticket\", \"risk\"]\n[exceptions.approvers]\ndefault = [\"@alice\", \"@bob\"]\n";
        insta::assert_snapshot!([
            said("", &format!("{SOUND}status = \"revoked\"\nreason = \"replaced in March\"\npath = \"a\"\n")),
            said(strict, &format!("{SOUND}status = \"false-positive\"\nreason = \"short\"\npath = \"a\"\n")),
            said(strict, &format!("{SOUND}status = \"false-positive\"\nreason = \"an example\"\npath = \"**\"\nreview = \"soon\"\n")),
            said("", &format!("{SOUND}status = \"false-positive\"\nreason = \"an example\"\n")),
        ]
        .join("\n----\n"));
    }

    #[test]
    fn what_is_wrong_elsewhere_keeps_its_line() {
        let text = said(
            "[exceptions.approvers]\ndefault = [\"nobody\"]\n",
            &format!(
                "{SOUND}status = \"false-positive\"\nreason = \"an example\"\npath = \"a\"\napprover = \"@b\"\n"
            ),
        );
        assert!(text.contains("--> gatepost.toml:2"), "{text}");
    }

    #[test]
    fn every_key_that_is_not_plain_text_has_an_example() {
        use gatepost_core::policy::Kind;
        for key in exception_keys().iter().filter(|key| !matches!(key.kind, Kind::Text)) {
            assert!(FLAGS.iter().any(|(name, _)| *name == key.name), "{}", key.name);
        }
        for (name, _) in FLAGS {
            assert!(exception_keys().iter().any(|key| key.name == *name), "{name}");
        }
    }
}
