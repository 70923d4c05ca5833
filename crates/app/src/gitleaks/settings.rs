//! What a run goes by: the configuration, the findings that are known, the report.

use super::Fatal;
use super::args::{Flags, given};
use super::said::Log;
use gatepost_compat::gitleaks::{Base, Baseline, Config, Format, Found, Ignored, Options};
use gatepost_core::text::display;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

/// Names a copy of gitleaks' default configuration.
const DEFAULT: &str = "GATEPOST_GITLEAKS_DEFAULT";

/// The configuration of a folder, and its ignored findings.
const CONFIG: &str = ".gitleaks.toml";
const IGNORE: &str = ".gitleaksignore";

/// All of it.
#[derive(Debug)]
pub(super) struct Settings<'a> {
    pub(super) log: &'a Log,
    pub(super) config: Config,
    pub(super) options: Options,
    pub(super) ignored: Ignored,
    pub(super) baseline: Baseline,
    pub(super) report: Option<(PathBuf, Format)>,
    pub(super) exit_code: i32,
    pub(super) is_verbose: bool,
    pub(super) archive_depth: u32,
    pub(super) started: Instant,
    pub(super) deadline: Option<Instant>,
}

impl<'a> Settings<'a> {
    /// From the flags, the environment and what lies at the source.
    pub(super) fn new(flags: &Flags, source: &Path, is_stdin: bool, log: &'a Log) -> Result<Self, Fatal> {
        let started = Instant::now();
        if !flags.diagnostics.is_empty() || !flags.diagnostics_dir.is_empty() {
            log.warn("--diagnostics profiles the original gitleaks and does nothing here");
        }
        let report = report(flags)?;
        let config = config(flags, source, log)?;
        for warning in config.warnings() {
            log.warn(warning);
        }
        let mut skip = vec![match given(flags.config.as_ref()) {
            Some(path) => path.as_os_str().as_encoded_bytes().to_vec(),
            None => slashes(&clean(&source.join(CONFIG))),
        }];
        let baseline = match given(flags.baseline_path.as_ref()) {
            None => Baseline::default(),
            Some(path) => {
                skip.extend(relative(path, if is_stdin { Path::new("") } else { source }));
                let place = display(path.as_os_str().as_encoded_bytes()).into_owned();
                let text = text(path, "the baseline")?;
                Baseline::read(&text).map_err(|why| format!("the baseline {place}: {why}"))?
            }
        };
        let depth = |number: i32| u32::try_from(number).unwrap_or(0);
        Ok(Self {
            log,
            config,
            options: Options {
                max_decode_depth: usize::try_from(flags.max_decode_depth).unwrap_or(0),
                max_megabytes: flags.max_target_megabytes,
                ignore_allow: flags.ignore_gitleaks_allow,
                redact: flags.redact,
                only: flags.enable_rule.clone(),
                skip,
            },
            ignored: ignored(flags, (!is_stdin).then_some(source), log)?,
            baseline,
            report,
            exit_code: flags.exit_code,
            is_verbose: flags.verbose,
            archive_depth: depth(flags.max_archive_depth),
            started,
            deadline: (flags.timeout > 0).then(|| started + Duration::from_secs(flags.timeout)),
        })
    }
}

/// Where the report goes and of which form it is, tried before anything is scanned.
fn report(flags: &Flags) -> Result<Option<(PathBuf, Format)>, Fatal> {
    if given(flags.report_template.as_ref()).is_some()
        || flags.report_format.trim().eq_ignore_ascii_case("template")
    {
        return Err("templates of Go are not understood here: take -f json and a tool such as jq".to_owned());
    }
    let Some(path) = given(flags.report_path.as_ref()) else { return Ok(None) };
    let shown = display(path.as_os_str().as_encoded_bytes()).into_owned();
    let format = if flags.report_format.is_empty() {
        Format::from_ending(&path.to_string_lossy()).ok_or_else(|| {
            format!(
                "the form of the report {shown} is not known by its ending: say -f json, csv, junit or sarif"
            )
        })?
    } else {
        Format::from_name(&flags.report_format).ok_or_else(|| {
            format!("unknown report format {}: there are json, csv, junit and sarif", flags.report_format)
        })?
    };
    if path != Path::new("-") {
        crate::output::writable(path).map_err(|_| format!("the report cannot be written to {shown}"))?;
    }
    Ok(Some((path.to_owned(), format)))
}

/// The configuration: of the flag, of the environment, of the source, or none.
fn config(flags: &Flags, source: &Path, log: &Log) -> Result<Config, Fatal> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let mut base = |base: Base<'_>| found(base, log);
    if let Some(path) = given(flags.config.as_ref()) {
        return of_file(path, &mut base);
    }
    if let Some(path) = variable("GITLEAKS_CONFIG") {
        return of_file(Path::new(&path), &mut base);
    }
    if let Some(text) = variable("GITLEAKS_CONFIG_TOML") {
        let text = text.into_string().map_err(|_| "GITLEAKS_CONFIG_TOML is no text".to_owned())?;
        return Config::read("GITLEAKS_CONFIG_TOML", &text, &mut base);
    }
    let shown = display(source.as_os_str().as_encoded_bytes()).into_owned();
    let at = std::fs::metadata(source).map_err(|error| format!("{shown}: {error}"))?;
    let own = source.join(CONFIG);
    if at.is_dir() && exists(&own)? {
        log.debug(&format!("the configuration is {}", display(own.as_os_str().as_encoded_bytes())));
        return of_file(&own, &mut base);
    }
    match found(Base::Default, log)? {
        Found::Text(text) => Config::read("the default configuration", &text, &mut base),
        Found::Own => Ok(Config::own()),
    }
}

fn of_file(path: &Path, base: &mut dyn FnMut(Base<'_>) -> Result<Found, String>) -> Result<Config, Fatal> {
    let text = text(path, "the configuration")?;
    Config::read(&display(path.as_os_str().as_encoded_bytes()), &text, base)
}

/// What stands at what a configuration extends.
fn found(base: Base<'_>, log: &Log) -> Result<Found, String> {
    match base {
        Base::File(path) => text(Path::new(path), "the configuration").map(Found::Text),
        Base::Default => match std::env::var_os(DEFAULT).filter(|path| !path.is_empty()) {
            Some(path) => text(Path::new(&path), "the configuration that GATEPOST_GITLEAKS_DEFAULT names")
                .map(Found::Text),
            None => {
                log.info(&format!(
                    "gatepost's own rules stand in for the built-in ones of gitleaks; {DEFAULT}=FILE takes your copy of them"
                ));
                Ok(Found::Own)
            }
        },
    }
}

/// The findings that `.gitleaksignore` files let through.
fn ignored(flags: &Flags, source: Option<&Path>, log: &Log) -> Result<Ignored, Fatal> {
    let asked = given(flags.gitleaks_ignore_path.as_ref());
    let place = asked.unwrap_or(Path::new("."));
    let mut files = vec![place.to_owned(), place.join(IGNORE)];
    files.extend(source.map(|source| source.join(IGNORE)));
    let mut ignored = Ignored::default();
    let mut is_asked_there = asked.is_none();
    for (index, file) in files.iter().enumerate() {
        if !exists(file)? {
            continue;
        }
        is_asked_there |= index < 2;
        if file.is_dir() {
            // A folder without such a file is what -i is for, too.
            is_asked_there = true;
            continue;
        }
        for line in ignored.add(&text(file, "the ignore file")?) {
            log.warn(&format!(
                "{}: `{line}` is no fingerprint",
                display(file.as_os_str().as_encoded_bytes())
            ));
        }
    }
    match asked {
        Some(place) if !is_asked_there => {
            Err(format!("the ignore file {} is not there", display(place.as_os_str().as_encoded_bytes())))
        }
        _ => Ok(ignored),
    }
}

/// Whether something is there. What cannot be told is an error: a list that is there and not read would be no list.
fn exists(path: &Path) -> Result<bool, Fatal> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(format!("{}: {error}", display(path.as_os_str().as_encoded_bytes()))),
    }
}

fn text(path: &Path, what: &str) -> Result<String, Fatal> {
    std::fs::read_to_string(path).map_err(|error| {
        format!("{what} {} cannot be read: {error}", display(path.as_os_str().as_encoded_bytes()))
    })
}

/// A path from a folder to another, as findings would have it.
fn relative(path: &Path, from: &Path) -> Option<Vec<u8>> {
    let absolute = |path: &Path| std::path::absolute(path).ok().map(|path| clean(&path));
    let here = std::env::current_dir().ok()?;
    let from = if from.as_os_str().is_empty() { here } else { absolute(from)? };
    absolute(path)?.strip_prefix(&from).ok().map(slashes)
}

/// A path without `.`, and without what `..` takes back: Go writes paths so.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir if out.has_root() => {}
            part => out.push(part),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// A path as bytes, with `/` between its parts.
pub(super) fn slashes(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes.to_vec();
    }
    bytes.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_go_writes_them() {
        for (path, expected) in [
            ("./a//b/", "a/b"),
            ("a/../b", "b"),
            ("../a", "../a"),
            (".", "."),
            ("/a/./../..", "/"),
            ("a/..", "."),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
