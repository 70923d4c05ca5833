//! `gatepost exceptions prune`: takes out the records that are over, and keeps their ids from being used again.

use super::{edit, text_of, uses, write};
use crate::args::PruneExceptions;
use crate::commands::config::escaped;
use crate::exit::Failure;
use crate::output::print;
use crate::session::Session;
use crate::settings::exceptions::RecordFile;
use gatepost_core::{Exception, Outcome};
use gatepost_report::exceptions::Uses;
use gatepost_source::Repository;
use std::process::ExitCode;

/// Columns that every terminal has.
const WIDTH: usize = 80;

pub(super) fn run(
    session: &Session,
    repository: Option<&dyn Repository>,
    prune: PruneExceptions,
) -> Result<ExitCode, Failure> {
    let today = session.now.date();
    let counted = match (prune.unused, repository) {
        (true, Some(repository)) => match uses::count(session, repository)? {
            Some(counted) => Some(counted),
            None => return Ok(ExitCode::from(Outcome::Incomplete.exit_code())),
        },
        (true, None) => {
            return Err(Failure::usage(
                "there is no repository here whose history could say which exceptions are for nothing",
                "run it in the repository, or leave --unused away",
            ));
        }
        (false, _) => None,
    };
    let why = |exception: &Exception| {
        if exception.is_expired(today) {
            return Some(format!("ended on {}", exception.expires));
        }
        let unused =
            counted.as_ref().is_some_and(|counted| counted.of(session.policy(), exception) == Uses::Count(0));
        unused.then(|| "is for nothing in the history".to_owned())
    };
    let over: Vec<(&Exception, String)> = session
        .policy()
        .exceptions()
        .iter()
        .filter_map(|exception| Some((exception, why(exception)?)))
        .collect();
    let (mut out, mut taken, mut changed) = (String::new(), 0, Vec::new());
    for file in &session.settings.record_files {
        let ids: Vec<&str> = over
            .iter()
            .filter(|(exception, _)| session.policy().exception_origin(&exception.id) == Some(&file.origin))
            .map(|(exception, _)| exception.id.as_str())
            .collect();
        if !ids.is_empty() && prune.write {
            changed.push((file, without(file, &ids)?));
        }
        taken += ids.len();
    }
    write(session, &changed)?;
    for (exception, why) in &over {
        let origin = session.policy().exception_origin(&exception.id).map(ToString::to_string);
        out.push_str(&row(exception, why, &origin.unwrap_or_default()));
    }
    out.push_str(&last_words(over.len(), taken, prune));
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// What is said of a record: a line for what it is, and one for whom to ask. The id is never cut: it is what to look for.
fn row(exception: &Exception, why: &str, origin: &str) -> String {
    let Exception { id, rule, owner, .. } = exception;
    let room = WIDTH.saturating_sub(id.chars().count() + why.chars().count() + " for  ".len());
    let (rule, owner) = (shortened(rule, room), shortened(owner, WIDTH / 3));
    let origin = shortened(origin, WIDTH / 2);
    format!("{} for {rule} {why}\n  owner {owner}, in {origin}\n", escaped(id))
}

fn shortened(text: &str, room: usize) -> String {
    let room = room.max(12);
    if text.chars().count() <= room {
        return escaped(text);
    }
    let kept: String = text.chars().take(room - 1).collect();
    escaped(&format!("{kept}…"))
}

/// The text of a file without these records and with their ids retired.
fn without(file: &RecordFile, ids: &[&str]) -> Result<String, Failure> {
    let text = text_of(file)?.unwrap_or_default();
    let place = file.path.display();
    let without = edit::remove(&text, ids).ok_or_else(|| {
        Failure::usage(
            format!("the records in {place} do not each stand under a [[exception]] of their own"),
            format!("take these out by hand, and add them to [exceptions] retired: {}", ids.join(", ")),
        )
    })?;
    edit::retire(&without, ids).ok_or_else(|| {
        Failure::usage(
            format!("{place} has keys of `exceptions` and no [exceptions] that ids could be added to"),
            "write those keys below one [exceptions]",
        )
    })
}

fn last_words(over: usize, taken: usize, prune: PruneExceptions) -> String {
    let records = |count: usize| if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    let extended = over - taken;
    let elsewhere = match extended {
        0 => String::new(),
        count => format!("{} in policies that this one extends: ask there\n", records(count)),
    };
    let here = match (taken, prune.write) {
        (0, _) if extended == 0 => "no record is over\n".to_owned(),
        (0, _) => "no record here is over\n".to_owned(),
        (_, true) => format!("took {} out and retired the ids\n", records(taken)),
        (_, false) => {
            let unused = if prune.unused { " --unused" } else { "" };
            format!("{} could be taken out:\n  gatepost exceptions prune{unused} --write\n", records(taken))
        }
    };
    format!("{elsewhere}{here}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_it_is_said() {
        let prune = |unused, write| PruneExceptions { unused, write };
        let said = [
            last_words(0, 0, prune(false, true)),
            last_words(1, 1, prune(false, false)),
            last_words(3, 2, prune(true, false)),
            last_words(2, 2, prune(true, true)),
            last_words(2, 0, prune(false, true)),
        ];
        insta::assert_snapshot!(said.concat());
    }

    #[test]
    fn a_row_fits_into_eighty_columns() {
        let text = "[[exception]]\nid = \"EX-2026-0007-billing\"\nrule = \"github-fine-grained-personal-access-token\"\n\
                    path = \"a\"\nstatus = \"fix-later\"\nreason = \"mended in March\"\nowner = \"the-team-of-the-old-billing-system@example.com\"\n\
                    expires = 2026-12-01\n";
        let layer = gatepost_core::policy::Layer {
            origin: gatepost_core::policy::Origin::File("gatepost-exceptions.toml".to_owned()),
            text: text.to_owned(),
        };
        let exceptions =
            gatepost_core::policy::exceptions_of(&gatepost_core::policy::Schema::built_in(), &layer);
        let text = row(&exceptions[0], "is for nothing in the history", "gatepost-exceptions.toml");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text);
    }
}
