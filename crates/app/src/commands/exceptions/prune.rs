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
        let unused = counted.as_ref().is_some_and(|counted| counted.of(exception) == Uses::Count(0));
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
        let row = format!("{} for {} {why}", exception.id, exception.rule);
        let row = format!("{row}; owner {}, in {}", exception.owner, origin.unwrap_or_default());
        out.push_str(&format!("{}\n", escaped(&row)));
    }
    out.push_str(&last_words(over.len(), taken, prune.write));
    print(&out)?;
    Ok(ExitCode::SUCCESS)
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

fn last_words(over: usize, taken: usize, written: bool) -> String {
    let records = |count: usize| if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    let extended = over - taken;
    let elsewhere = match extended {
        0 => String::new(),
        count => format!("; {} in policies that this one extends: ask there", records(count)),
    };
    match (taken, written) {
        (0, _) if extended == 0 => "no record is over\n".to_owned(),
        (0, _) => format!("no record here is over{elsewhere}\n"),
        (_, true) => format!("took {} out and retired the ids{elsewhere}\n", records(taken)),
        (_, false) => {
            format!("{} could be taken out: gatepost exceptions prune --write{elsewhere}\n", records(taken))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::last_words;

    #[test]
    fn what_came_of_it_is_said() {
        let said = [
            last_words(0, 0, true),
            last_words(1, 1, false),
            last_words(3, 2, false),
            last_words(2, 2, true),
            last_words(2, 0, true),
        ];
        insta::assert_snapshot!(said.concat());
    }
}
