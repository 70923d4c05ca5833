//! `gatepost exceptions add`: from flags to a record in the file where the others are.

use super::{edit, errors_of, flags, text_of, write};
use crate::args::{AddException, days};
use crate::commands::config::escaped;
use crate::exit::Failure;
use crate::output::print;
use crate::scan;
use crate::session::Session;
use crate::settings::exceptions::RecordFile;
use gatepost_core::exceptions::next_id;
use gatepost_core::policy::{Key, Kind, Value, exception_keys, nearest};
use gatepost_core::{Date, Exception, Fingerprint};
use gatepost_source::{Repository, files};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::ExitCode;

/// The values of a record by their keys.
type Values = BTreeMap<&'static str, Value>;

pub(super) fn run(
    session: &Session,
    repository: Option<&dyn Repository>,
    add: &AddException,
) -> Result<ExitCode, Failure> {
    let today = session.now.date();
    let file = target(session)?;
    let (mut values, mut notes) = (given(add, today)?, Vec::new());
    let rule = rule_of(session, repository, add)?;
    values.insert("rule", Value::String(rule));
    if !values.contains_key("owner") {
        let email = repository.map(|repository| repository.config("user.email")).transpose()?.flatten();
        let email = email.ok_or_else(|| {
            Failure::usage("nobody owns the exception", "name somebody who answers for it: --owner @team")
        })?;
        notes.push(format!("owner is {email}, the user.email of Git; --owner names somebody else"));
        values.insert("owner", Value::String(email));
    }
    notes.extend(twins(session, &values, today));
    values.entry("id").or_insert_with(|| Value::String(next_id(session.policy(), today)));
    values.entry("created").or_insert(today.into());
    let block = block(&values);
    let text = edit::append(text_of(file)?.as_deref(), &block);
    // The block is the end of the text.
    let first = (text.lines().count() + 1).saturating_sub(block.lines().count());
    let changed = [(file, text)];
    let wrong = errors_of(session, &changed);
    if !wrong.is_empty() {
        return Err(flags::refused(&wrong, file, first));
    }
    write(session, &changed)?;
    print(&words(file, &block, &notes))?;
    Ok(ExitCode::SUCCESS)
}

/// A note for each record that is for the same and still holds. It may be renewed, and two are easily made by mistake.
fn twins(session: &Session, values: &Values, today: Date) -> Vec<String> {
    let same = |exception: &&Exception| {
        let fields = exception.fields();
        let of = |key: &str| fields.iter().find(|(name, _)| *name == key).map(|(_, value)| value);
        ["rule", "fingerprint", "path", "commit"].iter().all(|key| of(key) == values.get(key))
    };
    let others = session.policy().exceptions().iter().filter(same);
    let holding = others.filter(|exception| !exception.is_expired(today));
    holding.map(|other| format!("{} is for the same, until {}", other.id, other.expires)).collect()
}

/// What was written, where, and what comes next.
fn words(file: &RecordFile, block: &str, notes: &[String]) -> String {
    let mut out = format!("wrote to {}:\n\n", escaped(&file.path.display().to_string()));
    for line in block.lines() {
        let _ = writeln!(out, "  {}", escaped(line));
    }
    out.push('\n');
    for note in notes {
        let _ = writeln!(out, "note: {}", escaped(note));
    }
    out.push_str(
        "next: commit it. On servers and in CI it counts once it is in the base revision: let it in by a change of its \
         own.\n",
    );
    out
}

/// The file that the record goes to: that of exceptions, unless the policy file has the others.
fn target(session: &Session) -> Result<&RecordFile, Failure> {
    let files = &session.settings.record_files;
    let has_records = |file: &&RecordFile| {
        let mut exceptions = session.policy().exceptions().iter();
        exceptions.any(|exception| session.policy().exception_origin(&exception.id) == Some(&file.origin))
    };
    let own = files.first().filter(|file| file.path.exists());
    own.or_else(|| files.iter().find(has_records)).or_else(|| files.first()).ok_or_else(|| {
        Failure::usage(
            "there is no work tree here, so the exception has no place",
            "run this in a work tree, or name the policy beside which it goes: --config FILE",
        )
    })
}

/// What the flags say.
fn given(add: &AddException, today: Date) -> Result<Values, Failure> {
    let mut values = Values::new();
    let texts = [
        ("id", add.id.as_ref()),
        ("rule", add.rule.as_ref()),
        ("fingerprint", add.fingerprint.as_ref()),
        ("path", add.path.as_ref()),
        ("commit", add.commit.as_ref()),
        ("reason", Some(&add.reason)),
        ("owner", add.owner.as_ref()),
        ("approver", add.approver.as_ref()),
        ("ticket", add.ticket.as_ref()),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            values.insert(key, Value::String(text.clone()));
        }
    }
    values.insert("status", Value::String(add.status.to_string()));
    values.insert("expires", last_day(&add.expires, today)?.into());
    for field in &add.fields {
        let Some((name, text)) = field.split_once('=') else {
            return Err(Failure::usage(
                format!("--field {field} has no ="),
                "write --field KEY=VALUE, such as --field risk='low: it opens nothing'",
            ));
        };
        set(&mut values, name.trim(), text.trim())?;
    }
    Ok(values)
}

/// `2027-03-31`, or `90d` from today.
fn last_day(text: &str, today: Date) -> Result<Date, Failure> {
    let later = || text.ends_with('d').then(|| today.checked_add_days(days(text).ok()?)).flatten();
    Date::parse(text).or_else(later).ok_or_else(|| {
        Failure::usage(
            format!("--expires {text} is no day"),
            "write a day, such as 2027-03-31, or days from today, such as 90d",
        )
    })
}

/// One `--field`. Items of a list add up; everything else is said once.
fn set(values: &mut Values, name: &str, text: &str) -> Result<(), Failure> {
    let Some(Key { name, kind, .. }) = exception_keys().iter().find(|key| key.name == name) else {
        let names = || exception_keys().iter().map(|key| key.name);
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("the keys are {}", names().collect::<Vec<_>>().join(", ")),
        };
        return Err(Failure::usage(format!("an exception has no key `{name}`"), help));
    };
    let text_value = Value::String(text.to_owned());
    let value = match kind {
        Kind::List(_) => {
            if let Some(Value::Array(items)) = values.get_mut(name) {
                items.push(text_value);
                return Ok(());
            }
            Value::Array(vec![text_value])
        }
        Kind::Bool if text == "true" || text == "false" => Value::Boolean(text == "true"),
        Kind::Date => Date::parse(text).map_or(text_value, Value::from),
        _ => text_value,
    };
    match values.insert(name, value) {
        None => Ok(()),
        Some(_) => Err(Failure::usage(format!("`{name}` is given twice"), "give it once")),
    }
}

/// The rule that the flags name, where it is that of the finding; else that of what has the fingerprint.
fn rule_of(
    session: &Session,
    repository: Option<&dyn Repository>,
    add: &AddException,
) -> Result<String, Failure> {
    let (Some(text), named) = (add.fingerprint.as_deref(), add.rule.as_deref()) else {
        return add.rule.clone().ok_or_else(|| {
            Failure::usage(
                "the rule is not known",
                "name it: --rule github-pat (`gatepost rules list` and `gatepost explain` have them all)",
            )
        });
    };
    let print = Fingerprint::parse(text).ok_or_else(|| {
        Failure::usage(
            format!("`{text}` is not a fingerprint"),
            "it is `gp1:` and 16 of a-z and 2-7: copy it from a report",
        )
    })?;
    let rules = rules_of(session, repository, &print)?;
    if let Some(named) = named {
        return match rules.first() {
            Some(rule) if !rules.contains(named) => Err(Failure::usage(
                format!("that fingerprint is of rule {rule}, and not of {named}"),
                format!("name its rule, or none: --rule {rule}"),
            )),
            _ => Ok(named.to_owned()),
        };
    }
    let mut rules = rules.into_iter();
    match (rules.next(), rules.next()) {
        (Some(rule), None) => Ok(rule),
        (Some(first), Some(second)) => Err(Failure::usage(
            format!("{print} is a finding of several rules: {first}, {second}"),
            format!("name the one that is meant: --rule {first}"),
        )),
        (None, _) => Err(Failure::usage(
            format!("nothing that is staged or in the work tree has the fingerprint {print}"),
            "name its rule as the report shows it: --rule github-pat",
        )),
    }
}

/// The rules of what has the fingerprint in the index or in the work tree.
fn rules_of(
    session: &Session,
    repository: Option<&dyn Repository>,
    print: &Fingerprint,
) -> Result<BTreeSet<String>, Failure> {
    let Some(repository) = repository else { return Ok(BTreeSet::new()) };
    let Some(root) = &repository.info().work_tree else { return Ok(BTreeSet::new()) };
    let gate = session.gate(|check| check.section == "secrets")?;
    let (roots, progress) = (std::slice::from_ref(root), files::Progress::default());
    let mut collected = scan::judge_files(&gate, roots, false, session.threads, &progress);
    collected.absorb(scan::collect_staged(session, repository)?);
    let suppressed = collected.suppressed.iter().map(|suppressed| &suppressed.finding);
    let found = collected.findings.iter().chain(suppressed);
    Ok(found.filter(|found| found.fingerprint == *print).map(|found| found.rule.clone()).collect())
}

/// The record as TOML, its keys in their usual order.
fn block(values: &Values) -> String {
    let mut out = "[[exception]]\n".to_owned();
    for key in exception_keys() {
        if let Some(value) = values.get(key.name) {
            let _ = writeln!(out, "{} = {value}", key.name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        Date::new(2026, 11, 22).unwrap()
    }

    #[test]
    fn what_was_written_is_shown_and_nothing_reaches_the_terminal() {
        let file = RecordFile {
            path: "gatepost-exceptions.toml".into(),
            origin: gatepost_core::policy::Origin::File("gatepost-exceptions.toml".to_owned()),
        };
        let notes = ["owner is \u{1b}[31m@a, the user.email of Git; --owner names somebody else".to_owned()];
        insta::assert_snapshot!(words(&file, "[[exception]]\nid = \"EX-\u{202e}1\"\n", &notes));
    }

    #[test]
    fn last_days() {
        let said = |text: &str| last_day(text, today()).ok().map(|day| day.to_string());
        assert_eq!(said("2027-03-31").as_deref(), Some("2027-03-31"));
        assert_eq!(said("30d").as_deref(), Some("2026-12-22"));
        for bad in ["30", "soon", "2027-02-30", "-3d", "99999999d", "d"] {
            assert_eq!(said(bad), None, "{bad}");
        }
    }

    #[test]
    fn fields_are_of_their_kind_and_said_once() {
        let mut values = Values::new();
        let fields = [
            ("links", "https://a"),
            ("links", "https://b"),
            ("review", "2027-01-31"),
            ("on-request", "true"),
            ("risk", "a = \"b\"\n[x]"),
        ];
        for (key, text) in fields {
            set(&mut values, key, text).unwrap();
        }
        insta::assert_snapshot!(block(&values));
        assert!(block(&values).parse::<toml::Table>().is_ok(), "a value cannot break out of its key");
        assert!(set(&mut values, "risk", "again").is_err());
        let Err(Failure::Usage { what, fix }) = set(&mut values, "riks", "low") else { panic!("taken") };
        assert_eq!((what.as_str(), fix.as_str()), ("an exception has no key `riks`", "did you mean risk?"));
    }
}
