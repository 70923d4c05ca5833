//! The policy's section `[secrets]`.

use super::inline::Trust;
use crate::check::Context;
use crate::fingerprint::{FingerprintKey, KeyError};
use crate::policy::{Key, Kind, Levels, Origin, PolicyError, SeverityLevels, Strictness};
use crate::text::{PathGlob, Size};
use crate::{Confidence, Level, Severity};
use serde::Deserialize;

/// The keys of the section.
pub(super) static KEYS: &[Key] = &[
    Key {
        name: "level",
        kind: Kind::Levels,
        default: "\"deny\"",
        strictness: Strictness::Levels,
        help: "What a secret that is sure enough does. At a stage that is `off` nothing is scanned.",
    },
    Key {
        name: "deny-confidence",
        kind: Kind::Choice(&["low", "medium", "high"]),
        default: "\"high\"",
        strictness: Strictness::Words(&[&["high"], &["medium"], &["low"]]),
        help: "How sure is sure enough: at this confidence and above a secret has the level; one step below it warns; \
               lower it is a note.",
    },
    Key {
        name: "exclude",
        kind: Kind::List(&Kind::Glob),
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Paths that are not scanned. They are counted as skipped. In a history, a blob is skipped only when every \
               path that it ever had is excluded.",
    },
    Key {
        name: "max-file-size",
        kind: Kind::Size,
        default: "\"50 MiB\"",
        strictness: Strictness::Greater,
        help: "Larger files are not scanned. They are counted as skipped.",
    },
    Key {
        name: "trust-inline",
        kind: Kind::Choice(&["none", "own", "all"]),
        default: "\"own\"",
        strictness: Strictness::Words(&[&["all"], &["own"], &["none"]]),
        help: "Whose comments in the text are obeyed: nobody's, gatepost's (`gatepost:allow RULE reason=\"…\"`), or also those \
               of gitleaks, betterleaks, kingfisher, trufflehog, detect-secrets and secretlint. On servers and in CI none is: a \
               change cannot exempt itself.",
    },
    Key {
        name: "baseline",
        kind: Kind::Text,
        default: "\"gatepost-baseline.txt\"",
        strictness: Strictness::Unordered,
        help: "The file with the fingerprints of secrets that were there before gatepost was; beside the policy.",
    },
    Key {
        name: "fingerprint-key",
        kind: Kind::Text,
        default: "",
        strictness: Strictness::Unordered,
        help: "The key that fingerprints of weak values are made with: `gpk1:` and what `gatepost baseline key` draws, or \
               `external`: the key comes from `git config gatepost.fingerprintKey`, else from the variable \
               GATEPOST_FINGERPRINT_KEY. Without a key a weak value's fingerprint is that of its place, and an exception \
               for one password covers every other one in that place.",
    },
];

/// The value of `fingerprint-key` of `[secrets]` that says that the key is not in the policy.
pub const EXTERNAL_KEY: &str = "external";

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Section {
    level: Levels,
    deny_confidence: String,
    exclude: Vec<String>,
    max_file_size: Size,
    trust_inline: String,
    baseline: String,
    fingerprint_key: String,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            level: Levels::all(Level::Deny),
            deny_confidence: "high".to_owned(),
            exclude: Vec::new(),
            max_file_size: Size(50 << 20),
            trust_inline: "own".to_owned(),
            baseline: "gatepost-baseline.txt".to_owned(),
            fingerprint_key: String::new(),
        }
    }
}

/// The section, read and checked, for one stage.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) levels: SeverityLevels,
    pub(super) deny_confidence: Confidence,
    pub(super) exclude: Vec<PathGlob>,
    pub(super) limit: u64,
    pub(super) trust: Trust,
    pub(super) baseline: String,
    pub(super) fingerprint_key: Option<FingerprintKey>,
}

impl Settings {
    pub(super) fn new(context: &Context<'_>) -> Result<Self, PolicyError> {
        let section: Section = context.policy.section("secrets")?;
        let deny_confidence = Confidence::from_word(&section.deny_confidence).ok_or_else(|| {
            wrong("deny-confidence", &format!("`{}` is not low, medium or high", section.deny_confidence))
        })?;
        let trust = match section.trust_inline.as_str() {
            "none" => Trust::None,
            "own" => Trust::Own,
            "all" => Trust::All,
            other => return Err(wrong("trust-inline", &format!("`{other}` is not none, own or all"))),
        };
        let globs = section.exclude.iter().map(|glob| PathGlob::new(glob));
        let exclude = globs.collect::<Result<_, _>>().map_err(|what| wrong("exclude", &what))?;
        let levels = section.level.by_severity(context.stage);
        Ok(Self {
            levels,
            deny_confidence,
            exclude,
            limit: section.max_file_size.0,
            trust,
            baseline: section.baseline,
            fingerprint_key: fingerprint_key(context, &section.fingerprint_key)?,
        })
    }

    /// The level of a secret of `severity` that is as sure as `confidence`.
    pub(super) fn level(&self, severity: Severity, confidence: Confidence) -> Level {
        let level = self.levels.of(severity);
        let steps = self.deny_confidence as u8 - (confidence.min(self.deny_confidence) as u8);
        match steps {
            0 => level,
            1 => level.min(Level::Warn),
            _ => level.min(Level::Note),
        }
    }
}

/// The key that the policy says: its own, the one from outside, or none.
fn fingerprint_key(context: &Context<'_>, text: &str) -> Result<Option<FingerprintKey>, PolicyError> {
    let error = |message: String, help: &str| {
        context.policy.error("secrets.fingerprint-key", message, Some(help.to_owned()))
    };
    match text {
        "" => Ok(None),
        EXTERNAL_KEY => match context.fingerprint_key {
            Some(key) => Ok(Some(key.clone())),
            None => Err(error(
                "`secrets.fingerprint-key` is \"external\", and no key was given".to_owned(),
                "ask for the key of this repository and set it: `git config gatepost.fingerprintKey KEY`, or in CI the \
                 secret variable GATEPOST_FINGERPRINT_KEY. For a new one: `gatepost baseline key`",
            )),
        },
        text => FingerprintKey::parse(text).map(Some).map_err(|wrong| {
            let help = format!("{}; \"{EXTERNAL_KEY}\" leaves it outside the policy", KeyError::HELP);
            error(format!("`secrets.fingerprint-key`: {wrong}"), &help)
        }),
    }
}

fn wrong(key: &str, message: &str) -> PolicyError {
    PolicyError {
        origin: Origin::BuiltIn,
        line: None,
        column: None,
        source_line: None,
        message: format!("[secrets] {key}: {message}"),
        help: None,
    }
}
