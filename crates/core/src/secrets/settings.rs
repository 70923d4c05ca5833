//! The policy's section `[secrets]`.

use super::allow::Allowed;
use super::decode::{DEPTH, Decoding, NAMES};
use super::inline::{DIALECT_NAMES, TRUSTED};
use crate::archive::{Limits, MAX_ENTRIES};
use crate::check::Context;
use crate::fingerprint::{FingerprintKey, KeyError};
use crate::policy::{
    ByStage, EXCUSED_PATHS, Excuse, Key, Kind, Levels, Policy, PolicyError, SeverityLevels, Strictness,
};
use crate::text::{PathGlob, Size};
use crate::{Confidence, Date, Exception, Level, Severity};
use serde::Deserialize;
use std::collections::BTreeSet;

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
        kind: Kind::ChoiceByStage(&["low", "medium", "high"]),
        default: "\"high\"",
        strictness: Strictness::WordsByStage(&[&["high"], &["medium"], &["low"]]),
        help: "How sure is sure enough: at this confidence and above a secret has the level; one step below it warns; \
               lower it is a note.",
    },
    Key {
        name: "exclude",
        kind: EXCUSED_PATHS,
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Paths that are not scanned, each entry with a reason. They are counted as skipped. In a history, a blob is \
               skipped only when every path that it ever had is excluded.",
    },
    Key {
        name: "allow",
        kind: Kind::Excuses {
            subjects: &[
                Key {
                    name: "path",
                    kind: Kind::Glob,
                    default: "",
                    strictness: Strictness::Unordered,
                    help: "The paths. In a history, every path that the secret has must be one of them.",
                },
                Key {
                    name: "value",
                    kind: Kind::Regex,
                    default: "",
                    strictness: Strictness::Unordered,
                    help: "What is found somewhere in the secret; `^` and `$` tie it to the ends. With `path`, both must hold.",
                },
            ],
            further: &[Key {
                name: "rules",
                kind: Kind::List(&Kind::Text),
                default: "",
                strictness: Strictness::Unordered,
                help: "The rules it is for; without it, all of them.",
            }],
        },
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Secrets that may stand, each entry with a reason. They are found and reported as suppressed, which what \
               `exclude` lists is not.",
    },
    Key {
        name: "rules",
        kind: Kind::Rules,
        default: "",
        strictness: Strictness::MoreRules,
        help: "Rules of your own. They add up over the layers, and hold wherever the policy does: on servers and in CI those of \
               the trusted revision, so that a change cannot alter the rules that judge it. `gatepost rules test` tries them.",
    },
    Key {
        name: "rule-files",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::MoreItems,
        help: "Files of rules of your own, relative to this policy: a file, a folder (`rules/`: every `*.toml` in it), or a file \
               name with `*` in it. They are read from where the policy is read from, and add up over the layers.",
    },
    Key {
        name: "disable-rules",
        kind: Kind::Excuses {
            subjects: &[Key {
                name: "rule",
                kind: Kind::Text,
                default: "",
                strictness: Strictness::Unordered,
                help: "The id of the rule. Required.",
            }],
            further: &[],
        },
        default: "[]",
        strictness: Strictness::FewerExcuses,
        help: "Rules that are not looked for, each entry with a reason, as if they were not there. To let the secrets of a rule \
               stand at some paths only, use `allow`.",
    },
    Key {
        name: "max-file-size",
        kind: Kind::Size,
        default: "\"50 MiB\"",
        strictness: Strictness::Greater,
        help: "Larger files are not scanned. They are counted as skipped.",
    },
    Key {
        name: "decode",
        kind: Kind::List(&Kind::Choice(NAMES)),
        default: "[\"hex\", \"base64\", \"percent\", \"escapes\", \"entities\", \"utf-16le\", \"utf-16be\", \"gzip\", \
                  \"zlib\", \"concatenation\", \"continuation\"]",
        strictness: Strictness::MoreItems,
        help: "What is decoded and scanned as well: encodings, compressed data in them, and values whose pieces are joined. \
               What is found points at the bytes that it was decoded from.",
    },
    Key {
        name: "decode-depth",
        kind: Kind::Integer { min: 0, max: 8 },
        default: "4",
        strictness: Strictness::Greater,
        help: "How many layers of encodings within each other are decoded; 0 decodes nothing.",
    },
    Key {
        name: "archive-depth",
        kind: Kind::Integer { min: 0, max: 8 },
        default: "3",
        strictness: Strictness::Greater,
        help: "How many archives may stand in one another to be looked into; a compressed tar is one. 0: none is opened. What \
               stands deeper is counted as skipped.",
    },
    Key {
        name: "archive-max-size",
        kind: Kind::Size,
        default: "\"64 MiB\"",
        strictness: Strictness::Greater,
        help: "The most that is unpacked of one archive and of those in it, together. What stands beyond is counted as skipped. \
               No single entry is unpacked further than `max-file-size`.",
    },
    Key {
        name: "archive-max-ratio",
        kind: Kind::Integer { min: 10, max: 10_000 },
        default: "200",
        strictness: Strictness::Greater,
        help: "An entry that becomes more than 1 MiB and more than so many times its packed size is a bomb: it is unpacked no \
               further, and counted as skipped.",
    },
    Key {
        name: "trust-inline",
        kind: Kind::ChoiceOrList { words: &["none", "own", "all"], items: DIALECT_NAMES },
        default: "\"own\"",
        strictness: Strictness::FewerNamed(TRUSTED),
        help: "Whose comments in the text are obeyed: nobody's, gatepost's own (`gatepost:allow RULE reason=\"…\"`), those of \
               all tools, or those of the tools in a list. On servers and in CI a comment is obeyed only where the trusted \
               revision has the same secret with the same comment at the same path: a change cannot exempt itself.",
    },
    Key {
        name: "trust-added-inline",
        kind: Kind::List(&Kind::Text),
        default: "[]",
        strictness: Strictness::FewerItems,
        help: "Rules whose secrets a change may allow by a comment of its own on servers and in CI too.",
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
        strictness: Strictness::Present,
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
    deny_confidence: ByStage,
    exclude: Vec<Excuse>,
    allow: Vec<Excuse>,
    disable_rules: Vec<Excuse>,
    max_file_size: Size,
    decode: Vec<String>,
    decode_depth: u8,
    archive_depth: u32,
    archive_max_size: Size,
    archive_max_ratio: u64,
    trust_inline: WordOrList,
    trust_added_inline: Vec<String>,
    baseline: String,
    fingerprint_key: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WordOrList {
    Word(String),
    List(Vec<String>),
}

impl Default for Section {
    fn default() -> Self {
        Self {
            level: Levels::all(Level::Deny),
            deny_confidence: ByStage::One("high".to_owned()),
            exclude: Vec::new(),
            allow: Vec::new(),
            disable_rules: Vec::new(),
            max_file_size: Size(50 << 20),
            decode: NAMES.iter().map(|name| (*name).to_owned()).collect(),
            decode_depth: DEPTH,
            archive_depth: 3,
            archive_max_size: Size(64 << 20),
            archive_max_ratio: 200,
            trust_inline: WordOrList::Word("own".to_owned()),
            trust_added_inline: Vec::new(),
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
    pub(super) allow: Vec<Allowed>,
    /// The rules that are switched off.
    pub(super) disabled: BTreeSet<String>,
    pub(super) limit: u64,
    pub(super) decoding: Decoding,
    /// How far archives are unpacked.
    pub(super) archives: Limits,
    /// The dialects whose comments are obeyed.
    pub(super) trust: Vec<String>,
    /// The rules for which comments of the judged change are obeyed everywhere.
    pub(super) trust_added: Vec<String>,
    /// The exceptions that comments can point at.
    pub(super) exceptions: Vec<Exception>,
    pub(super) baseline: String,
    pub(super) fingerprint_key: Option<FingerprintKey>,
}

impl Settings {
    pub(super) fn new(context: &Context<'_>) -> Result<Self, PolicyError> {
        let policy = context.policy;
        let today = context.now.date();
        let section: Section = policy.section("secrets")?;
        let least = section.deny_confidence.at(context.stage).unwrap_or_default();
        let deny_confidence = Confidence::from_word(least).ok_or_else(|| {
            let message = format!("`{least}` is not low, medium or high");
            wrong(policy, "deny-confidence", &message)
        })?;
        let trust = match section.trust_inline {
            WordOrList::List(list) => list,
            WordOrList::Word(word) => {
                let list = TRUSTED.iter().find(|(name, _)| *name == word).map(|(_, dialects)| dialects);
                let list = list.ok_or_else(|| {
                    wrong(policy, "trust-inline", &format!("`{word}` is not none, own or all"))
                })?;
                list.iter().map(|dialect| (*dialect).to_owned()).collect()
            }
        };
        let excluded = section.exclude.iter().filter(|excuse| excuse.holds(today));
        let globs: Result<Vec<Option<PathGlob>>, String> = excluded.map(Excuse::glob).collect();
        let exclude = globs.map_err(|what| wrong(policy, "exclude", &what))?.into_iter().flatten().collect();
        let allow = section.allow.iter().filter(|excuse| excuse.holds(today)).map(Allowed::new);
        let allow = allow.collect::<Result<_, _>>().map_err(|what| wrong(policy, "allow", &what))?;
        let levels = section.level.by_severity(context.stage);
        Ok(Self {
            levels,
            deny_confidence,
            exclude,
            allow,
            disabled: disabled(section.disable_rules, today),
            limit: section.max_file_size.0,
            decoding: Decoding::new(&section.decode, section.decode_depth),
            archives: Limits {
                depth: section.archive_depth,
                total: section.archive_max_size.0,
                entry: section.max_file_size.0,
                ratio: section.archive_max_ratio,
                entries: MAX_ENTRIES,
            },
            trust,
            trust_added: section.trust_added_inline,
            exceptions: policy.exceptions().to_vec(),
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

/// The rules that entries of `disable-rules` switch off today.
pub(super) fn disabled(entries: Vec<Excuse>, today: Date) -> BTreeSet<String> {
    entries.into_iter().filter(|entry| entry.holds(today)).filter_map(|entry| entry.rule).collect()
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

fn wrong(policy: &Policy, key: &str, message: &str) -> PolicyError {
    policy.error(&format!("secrets.{key}"), format!("[secrets] {key}: {message}"), None)
}
