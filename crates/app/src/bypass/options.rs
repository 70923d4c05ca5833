//! Push options: what `git push -o` says to the gate of a server.
//!
//! Git hands them to `pre-receive` as `GIT_PUSH_OPTION_COUNT` and `GIT_PUSH_OPTION_<n>` (githooks(5)), and sets or
//! unsets the count itself, so that a pusher's own environment cannot stand for it. Options of others are not looked
//! at; one of ours that is not known is refused, since whoever wrote it believes that it did something.

use crate::exit::Failure;
use gatepost_core::break_glass::Field;
use gatepost_core::policy::nearest;
use std::ffi::OsString;

/// What our options begin with.
const PREFIX: &str = "gatepost.";
const EXCEPTION: &str = "gatepost.exception";
const BREAK_GLASS: &str = "gatepost.break-glass";

/// What a push asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The ids of exceptions, each once.
    pub(crate) exceptions: Vec<String>,
    /// The fields of a request for break-glass; `None` when nobody asks for it.
    pub(crate) break_glass: Option<Vec<(Field, String)>>,
}

/// The push options of this process's environment.
///
/// # Errors
///
/// Options that Git did not write, and options of ours that are not known.
pub(crate) fn from_environment() -> Result<Asked, Failure> {
    parse(&read(|name| std::env::var_os(name))?)
}

fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Vec<Vec<u8>>, Failure> {
    let Some(count) = variable("GIT_PUSH_OPTION_COUNT") else { return Ok(Vec::new()) };
    let broken =
        |what: String| Failure::usage(what, "run the hook as Git does, or unset GIT_PUSH_OPTION_COUNT");
    let number: Option<u32> = count.to_str().and_then(|text| text.parse().ok());
    let Some(number) = number else {
        return Err(broken(format!("GIT_PUSH_OPTION_COUNT is no number: `{}`", count.display())));
    };
    (0..number)
        .map(|index| {
            let name = format!("GIT_PUSH_OPTION_{index}");
            let value = variable(&name).ok_or_else(|| {
                broken(format!("GIT_PUSH_OPTION_COUNT is {number}, and there is no {name}"))
            })?;
            Ok(value.into_encoded_bytes())
        })
        .collect()
}

fn parse(options: &[Vec<u8>]) -> Result<Asked, Failure> {
    let mut asked = Asked::default();
    for option in options.iter().filter(|option| option.starts_with(PREFIX.as_bytes())) {
        let text = std::str::from_utf8(option).map_err(|_| {
            let shown = String::from_utf8_lossy(option);
            Failure::usage(format!("the push option `{shown}` is not UTF-8 text"), "write it in UTF-8")
        })?;
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        match (name, name.strip_prefix(BREAK_GLASS)) {
            (EXCEPTION, _) => add_id(&mut asked.exceptions, value)?,
            // The bare word asks for it, too, and is told what it must say.
            (BREAK_GLASS, _) => _ = asked.break_glass.get_or_insert_default(),
            (_, Some(field)) => {
                let field =
                    field.strip_prefix('.').and_then(Field::from_word).ok_or_else(|| unknown(name))?;
                asked.break_glass.get_or_insert_default().push((field, value.to_owned()));
            }
            (_, None) => return Err(unknown(name)),
        }
    }
    Ok(asked)
}

fn add_id(ids: &mut Vec<String>, id: &str) -> Result<(), Failure> {
    if id.is_empty() {
        return Err(Failure::usage(
            format!("the push option `{EXCEPTION}` names no exception"),
            format!("git push -o {EXCEPTION}=EX-2026-0007 REMOTE REFS"),
        ));
    }
    if !ids.iter().any(|other| other == id) {
        ids.push(id.to_owned());
    }
    Ok(())
}

fn unknown(name: &str) -> Failure {
    let known: Vec<String> = std::iter::once(EXCEPTION.to_owned())
        .chain(Field::ALL.iter().map(|field| format!("{BREAK_GLASS}.{}", field.as_str())))
        .collect();
    let fix = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the push options of gatepost are {}", known.join(", ")),
    };
    Failure::usage(format!("the push option `{name}` is not known"), fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Color, Output};
    use crate::failure::render;

    fn asked(options: &[&str]) -> Result<Asked, String> {
        let options: Vec<Vec<u8>> = options.iter().map(|option| option.as_bytes().to_vec()).collect();
        parse(&options).map_err(|failure| words(&failure))
    }

    fn words(failure: &Failure) -> String {
        let output = Output {
            formats: Vec::new(),
            outputs: Vec::new(),
            pairs: None,
            show_secrets: false,
            color: Color::Never,
            quiet: 0,
            verbose: 0,
        };
        assert_eq!(failure.exit_code(), 2);
        render(failure, &output)
    }

    #[test]
    fn options_of_others_are_theirs() {
        assert_eq!(asked(&["ci.skip", "", "merge_request.create", "gatepost"]), Ok(Asked::default()));
        assert_eq!(parse(&[b"other=\xff".to_vec()]).unwrap(), Asked::default());
    }

    #[test]
    fn exceptions_and_fields_are_collected() {
        let options = [
            "gatepost.exception=EX-1",
            "gatepost.exception=EX-2",
            "gatepost.exception=EX-1",
            "gatepost.break-glass.reason=a=b",
        ];
        let asked = asked(&options).unwrap();
        assert_eq!(asked.exceptions, ["EX-1", "EX-2"]);
        assert_eq!(asked.break_glass, Some(vec![(Field::Reason, "a=b".to_owned())]));
        assert_eq!(super::tests::asked(&["gatepost.break-glass"]).unwrap().break_glass, Some(Vec::new()));
    }

    #[test]
    fn an_option_of_ours_that_does_nothing_is_refused() {
        let said = |option: &str| asked(&[option]).unwrap_err();
        insta::assert_snapshot!(
            [
                "gatepost.exeption=EX-1",
                "gatepost.skip",
                "gatepost.break-glass.resaon=x",
                "gatepost.exception",
                "gatepost.a\u{1b}[2J"
            ]
            .map(said)
            .join("\n\n")
        );
        assert!(parse(&[b"gatepost.exception=\xff".to_vec()]).is_err());
    }

    #[test]
    fn what_git_would_not_write_is_no_push() {
        let options = |pairs: &[(&str, &str)]| {
            read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
                .map_err(|failure| words(&failure))
        };
        assert_eq!(options(&[("GIT_PUSH_OPTION_0", "gatepost.exception=EX-1")]), Ok(Vec::new()));
        assert_eq!(options(&[("GIT_PUSH_OPTION_COUNT", "0"), ("GIT_PUSH_OPTION_0", "x")]), Ok(Vec::new()));
        let one = options(&[
            ("GIT_PUSH_OPTION_COUNT", "1"),
            ("GIT_PUSH_OPTION_0", "x"),
            ("GIT_PUSH_OPTION_1", "y"),
        ]);
        assert_eq!(one, Ok(vec![b"x".to_vec()]));
        let broken = [
            options(&[("GIT_PUSH_OPTION_COUNT", "two")]),
            options(&[("GIT_PUSH_OPTION_COUNT", "")]),
            options(&[("GIT_PUSH_OPTION_COUNT", "-1")]),
            options(&[("GIT_PUSH_OPTION_COUNT", "2"), ("GIT_PUSH_OPTION_0", "x")]),
        ];
        insta::assert_snapshot!(broken.map(Result::unwrap_err).join("\n\n"));
    }
}
