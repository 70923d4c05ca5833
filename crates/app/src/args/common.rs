//! Flags that every command takes.

use super::Recording;
use clap::{ArgMatches, Args, ValueEnum};
use gatepost_core::{Confidence, Severity};
use std::path::PathBuf;

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Use this policy file instead of the repository's
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Use no policy file: the built-in defaults
    #[arg(long, global = true)]
    pub(crate) no_config: bool,
    /// Lay a ready-made policy over what is in force: strict, default, audit or any of `gatepost config presets`. At a
    /// gate it can only make the policy stricter
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub(crate) output: Output,
    /// Report only findings of this confidence and above; not at a gate (`run`, `check`)
    #[arg(long, value_name = "LEVEL", value_parser = confidence, global = true)]
    pub(crate) min_confidence: Option<Confidence>,
    /// Report only findings of this severity and above; not at a gate (`run`, `check`)
    #[arg(long, value_name = "LEVEL", value_parser = severity, global = true)]
    pub(crate) min_severity: Option<Severity>,
    /// Exit with 0 where violations would give 1; errors keep their code. Not at pre-receive
    #[arg(long, global = true)]
    pub(crate) exit_zero: bool,
    /// Say where the time went: on standard error, and in JSON reports
    #[arg(long, global = true)]
    pub(crate) stats: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub(crate) recording: Recording,
    /// Threads to use; as many as there are processors without this
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// Flags about output.
#[derive(Clone, Debug, Args)]
pub(crate) struct Output {
    /// Format of the report: human, json, jsonl, sarif, sarif-github, github, code-quality, gitlab-secrets, junit, csv,
    /// markdown or html. Repeatable, each with its own -o
    #[arg(short = 'f', long = "format", value_name = "FORMAT", global = true)]
    pub(crate) formats: Vec<String>,
    /// Where the report of the -f before it goes; - is standard output
    #[arg(short = 'o', long = "output", value_name = "FILE", global = true)]
    pub(crate) outputs: Vec<PathBuf>,
    /// For each -f the number of its -o; without it the n-th belongs to the n-th
    #[arg(skip)]
    pub(crate) pairs: Option<Vec<Option<usize>>>,
    /// Print secrets instead of masking them
    #[arg(long, global = true)]
    pub(crate) show_secrets: bool,
    /// Colour
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(crate) color: Color,
    /// Say nothing when clean
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) quiet: u8,
    /// Say more: every place, notes in full
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

impl Output {
    /// Sees which -o stands behind which -f: `-f github -f sarif -o FILE` has SARIF in the file. Where several stand
    /// behind several, they belong together in their order; one that comes first is for the next -f.
    pub(crate) fn pair(&mut self, matches: &ArgMatches) {
        let mut deepest = matches;
        while let Some((_, matches)) = deepest.subcommand() {
            deepest = matches;
        }
        let at = |name| deepest.indices_of(name).map_or_else(Vec::new, Iterator::collect);
        self.pairs = pairs(&at("formats"), &at("outputs"));
    }

    /// Where the report of the `index`-th -f goes, where an -o says so.
    pub(crate) fn place(&self, index: usize) -> Option<&PathBuf> {
        match &self.pairs {
            Some(pairs) => self.outputs.get((*pairs.get(index)?)?),
            None => self.outputs.get(index),
        }
    }
}

/// For each format the number of its output, from where they stand on the command line. `None`: there are more outputs than
/// formats, or no format at all.
fn pairs(formats: &[usize], outputs: &[usize]) -> Option<Vec<Option<usize>>> {
    let mut pairs = vec![None; formats.len()];
    // From behind, each output takes the last format that is free and stands before it.
    let mut homeless = Vec::new();
    for (number, at) in outputs.iter().enumerate().rev() {
        let before = formats.iter().take_while(|format| *format < at).count();
        let free = pairs.iter().take(before).rposition(Option::is_none);
        match free.and_then(|free| pairs.get_mut(free)) {
            Some(pair) => *pair = Some(number),
            None => homeless.push(number),
        }
    }
    for number in homeless.into_iter().rev() {
        *pairs.iter_mut().find(|pair| pair.is_none())? = Some(number);
    }
    Some(pairs).filter(|pairs| !pairs.is_empty())
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn confidence(word: &str) -> Result<Confidence, String> {
    Confidence::from_word(word).ok_or_else(|| "expected low, medium or high".to_owned())
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::from_word(word).ok_or_else(|| "expected info, low, medium, high or critical".to_owned())
}

#[cfg(test)]
mod tests {
    use super::pairs;
    use crate::args::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn every_format_is_in_the_help() {
        let help = Cli::command().render_long_help().to_string().replace(char::is_whitespace, " ");
        for format in gatepost_report::FORMATS {
            assert!(help.contains(&format!(" {}", format.name())), "{}: {help}", format.name());
        }
    }

    #[test]
    fn an_output_belongs_to_the_format_before_it() {
        // -f 1 -f 2 -o: the second.
        assert_eq!(pairs(&[1, 2], &[3]), Some(vec![None, Some(0)]));
        // -f -o -f
        assert_eq!(pairs(&[1, 3], &[2]), Some(vec![Some(0), None]));
        // -f -o -f -o
        assert_eq!(pairs(&[1, 3], &[2, 4]), Some(vec![Some(0), Some(1)]));
        // -f -f -o -o
        assert_eq!(pairs(&[1, 2], &[3, 4]), Some(vec![Some(0), Some(1)]));
        // -f -o -f -f -o
        assert_eq!(pairs(&[1, 3, 4], &[2, 5]), Some(vec![Some(0), None, Some(1)]));
        // -o -f
        assert_eq!(pairs(&[2], &[1]), Some(vec![Some(0)]));
        // -o -f -o: one too many.
        assert_eq!(pairs(&[2], &[1, 3]), None);
        assert_eq!(pairs(&[], &[1]), None);
        assert_eq!(pairs(&[], &[]), None);
    }
}
