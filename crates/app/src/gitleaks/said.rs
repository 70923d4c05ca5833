//! What is said: gitleaks' words, with its levels, on standard error, and each leak on standard output for `-v`.

use gatepost_compat::gitleaks::Finding;
use gatepost_core::text::{display, escape};
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// How much it matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// Standard error, from a level on.
#[derive(Debug)]
pub(super) struct Log {
    least: Level,
}

impl Log {
    pub(super) fn new(level: &str) -> Self {
        let least = match level.to_lowercase().as_str() {
            "trace" | "debug" => Level::Debug,
            "info" => Level::Info,
            "warn" => Level::Warn,
            "err" | "error" => Level::Error,
            "fatal" => Level::Fatal,
            _ => {
                let log = Self { least: Level::Info };
                log.say(Level::Warn, &format!("unknown log level: {level}"));
                return log;
            }
        };
        Self { least }
    }

    pub(super) fn say(&self, level: Level, text: &str) {
        if level < self.least {
            return;
        }
        let mark = match level {
            Level::Debug => "DBG",
            Level::Info => "INF",
            Level::Warn => "WRN",
            Level::Error => "ERR",
            Level::Fatal => "FTL",
        };
        crate::output::say(&format!("{mark} {}", escape(text)));
    }

    pub(super) fn debug(&self, text: &str) {
        self.say(Level::Debug, text);
    }

    pub(super) fn info(&self, text: &str) {
        self.say(Level::Info, text);
    }

    pub(super) fn warn(&self, text: &str) {
        self.say(Level::Warn, text);
    }

    pub(super) fn error(&self, text: &str) {
        self.say(Level::Error, text);
    }

    /// Why there is no report. It is said whatever the level is.
    pub(super) fn fatal(&self, text: &str) {
        self.say(Level::Fatal, text);
    }
}

/// The most of a secret that is printed.
const LONGEST: usize = 100;

/// The most of a line that is printed before and behind a match.
const AROUND: usize = 20;

/// Prints a leak as `gitleaks -v` does, without colour.
///
/// # Errors
///
/// When standard output is closed.
pub(super) fn print(finding: &Finding) -> io::Result<()> {
    io::stdout().lock().write_all(printed(finding).as_bytes())
}

fn printed(finding: &Finding) -> String {
    let mut out = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(out, "{:<12} {value}", format!("{name}:"));
    };
    let (text, secret) = (finding.text.trim_ascii(), finding.secret.trim_ascii());
    row("Finding", &excerpt(finding.line.trim_ascii(), text));
    let shown = secret
        .get(..LONGEST)
        .map_or_else(|| display(secret), |start| format!("{}...", display(start)).into());
    row("Secret", &shown);
    row("RuleID", &escape(&finding.rule));
    row("Entropy", &format!("{:.6}", finding.entropy));
    if !finding.file.is_empty() {
        if !finding.tags.is_empty() {
            row("Tags", &escape(&format!("[{}]", finding.tags.join(" "))));
        }
        row("File", &display(&finding.file));
        row("Line", &finding.start_line.to_string());
        if !finding.commit.is_empty() {
            row("Commit", &escape(&finding.commit));
            row("Author", &display(&finding.author));
            row("Email", &display(&finding.email));
            row("Date", &escape(&finding.date));
        }
        row("Fingerprint", &escape(&finding.fingerprint));
        if !finding.link.is_empty() {
            row("Link", &escape(&finding.link));
        }
    }
    for (index, (rule, line, secret)) in finding.required.iter().enumerate() {
        let name = if index == 0 { "Required:" } else { "" };
        let _ = writeln!(out, "{name:<12} {}:{line}:{}", escape(rule), display(secret));
    }
    out.push('\n');
    out
}

/// A match with a little of its line.
fn excerpt(line: &[u8], text: &[u8]) -> String {
    let at = (0..line.len()).find(|&at| line.get(at..).is_some_and(|rest| rest.starts_with(text)));
    let Some(at) = at.filter(|_| !text.is_empty()) else { return display(text).into_owned() };
    let (before, behind) = (line.get(..at).unwrap_or(&[]), line.get(at + text.len()..).unwrap_or(&[]));
    let start = match before.len().checked_sub(AROUND) {
        Some(cut) if cut > 0 => format!("...{}", display(before.get(cut..).unwrap_or(&[]))),
        _ => display(before).into_owned(),
    };
    let end = match behind.get(..AROUND) {
        Some(kept) if behind.len() > AROUND => format!("{}...", display(kept)),
        _ => display(behind).into_owned(),
    };
    format!("{start}{}{end}", display(text))
}

/// So many bytes in words: `1.23 MB`.
#[allow(clippy::cast_precision_loss, reason = "it is rounded anyway")]
pub(super) fn size(bytes: u64) -> String {
    let (value, unit) = match bytes {
        0 => return "0".to_owned(),
        1..1_000 => (bytes as f64, "bytes"),
        1_000..1_000_000 => (bytes as f64 / 1e3, "KB"),
        1_000_000..1_000_000_000 => (bytes as f64 / 1e6, "MB"),
        _ => (bytes as f64 / 1e9, "GB"),
    };
    let value = format!("{value:.2}");
    format!("{} {unit}", value.strip_suffix(".00").unwrap_or(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_printed_with_a_little_of_its_line_and_nothing_that_moves_a_cursor() {
        let finding = Finding {
            rule: "r".to_owned(),
            line: b"\x1b[2J0123456789012345678901234key = abc; and this is the rest of it".to_vec(),
            text: b"key = abc".to_vec(),
            secret: b"abc".to_vec(),
            file: b"a\x1bb".to_vec(),
            start_line: 3,
            fingerprint: "x:r:3".to_owned(),
            ..Finding::default()
        };
        let text = printed(&finding);
        assert!(
            text.starts_with("Finding:     ...56789012345678901234key = abc; and this is the re...\n"),
            "{text}"
        );
        assert!(text.contains("File:        a\\u{1b}b\n") && !text.contains('\x1b'), "{text}");
    }

    #[test]
    fn sizes_are_read_as_in_gitleaks() {
        let sizes = [0, 12, 1_500, 2_000_000, 3_456_000_000].map(size);
        assert_eq!(sizes, ["0", "12 bytes", "1.50 KB", "2 MB", "3.46 GB"]);
    }
}
