//! A place that runs a gate, or guards one, with what bears on it; and what is weaker of two versions.

use super::codes::SETTING_CHANGED;
use crate::{CodeInfo, ObjectId, RepoPath};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Most gates of a file that are looked at: more are nobody's pipeline, and each is compared with each.
pub(super) const MOST_GATES: usize = 500;

/// Longest value shown, in characters.
const LONGEST_SHOWN: usize = 120;

/// Something that weakens a gate.
#[derive(Clone, Debug)]
pub(super) struct Weakening {
    pub(super) code: &'static CodeInfo,
    pub(super) path: RepoPath,
    /// The line of the new file.
    pub(super) line: Option<u32>,
    pub(super) commit: Option<ObjectId>,
    /// What became of it, with the old and the new value; the path goes before it.
    pub(super) message: String,
    /// What brings it back.
    pub(super) restore: String,
}

/// Something in a file that stands guard: a hook, a step that runs one, the protection of a branch.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    /// What it is; two of the same are one gate in two places.
    pub(super) what: String,
    /// Where in the file it is, for people; a gate may move.
    pub(super) place: String,
    pub(super) line: u32,
    /// The code when it is gone.
    pub(super) removed: &'static CodeInfo,
    pub(super) settings: Vec<Setting>,
}

/// One thing that bears on a gate.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    /// What to say when it is not there.
    pub(super) none: &'static str,
    pub(super) line: Option<u32>,
    /// The code when it is weaker.
    pub(super) code: &'static CodeInfo,
    pub(super) measure: Measure,
}

/// How two values of a setting compare.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Measure {
    /// Each one more lets more through; `true` for what switches the gate off altogether.
    Softened(BTreeSet<(String, bool)>),
    /// Each one less lets more through. `None`: all there are.
    Demanded(Option<BTreeSet<String>>),
    /// As `Demanded`, and where it is not set there is none.
    Required(BTreeSet<String>),
    /// The less the weaker, how it is written, and how much it is where it is not set.
    Rank(u64, String, u64),
    /// Nobody can tell.
    Opaque(Option<String>),
    /// Every value but the one that it had lets more through; where it is not set any more, nobody can tell.
    Fixed(Option<String>),
    /// A value, how strict it is, and how strict it is not to have one. Of two that weigh the same nobody can tell.
    Weighed(Option<String>, u64, u64),
}

enum Verdict {
    Same,
    Weaker,
    Unknown,
}

impl Setting {
    pub(super) fn softened(name: &str, value: &str, total: bool, code: &'static CodeInfo) -> Self {
        let measure = Measure::Softened(BTreeSet::from([(value.to_owned(), total)]));
        Self { name: name.to_owned(), none: "not set", line: None, code, measure }
    }

    pub(super) fn softened_by(name: &str, items: BTreeSet<(String, bool)>, code: &'static CodeInfo) -> Self {
        Self { name: name.to_owned(), none: "not set", line: None, code, measure: Measure::Softened(items) }
    }

    pub(super) fn required(name: &str, items: BTreeSet<String>, code: &'static CodeInfo) -> Self {
        Self { name: name.to_owned(), none: "none", line: None, code, measure: Measure::Required(items) }
    }

    pub(super) fn opaque(name: &str, value: Option<String>) -> Self {
        let measure = Measure::Opaque(value);
        Self { name: name.to_owned(), none: "not set", line: None, code: &SETTING_CHANGED, measure }
    }

    pub(super) fn fixed(name: &str, value: String, code: &'static CodeInfo) -> Self {
        Self {
            name: name.to_owned(),
            none: "not set",
            line: None,
            code,
            measure: Measure::Fixed(Some(value)),
        }
    }

    /// `unset` is the weight where it is not set.
    pub(super) fn weighed(
        name: &str,
        value: String,
        weight: u64,
        unset: u64,
        code: &'static CodeInfo,
    ) -> Self {
        let measure = Measure::Weighed(Some(value), weight, unset);
        Self { name: name.to_owned(), none: "not set", line: None, code, measure }
    }

    pub(super) fn demanded(name: &str, items: Option<BTreeSet<String>>, code: &'static CodeInfo) -> Self {
        Self { name: name.to_owned(), none: "not set", line: None, code, measure: Measure::Demanded(items) }
    }

    /// `unset` is the rank where it is not set.
    pub(super) fn rank(name: &str, rank: u64, shown: &str, unset: u64, code: &'static CodeInfo) -> Self {
        let measure = Measure::Rank(rank, shown.to_owned(), unset);
        Self { name: name.to_owned(), none: "not set", line: None, code, measure }
    }

    pub(super) fn at(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Its value, for people.
    pub(super) fn shown(&self) -> String {
        self.measure.shown(self.none)
    }
}

impl Measure {
    fn shown(&self, none: &str) -> String {
        let joined = |items: Vec<&str>| if items.is_empty() { none.to_owned() } else { items.join(", ") };
        let text = match self {
            Self::Softened(items) => joined(items.iter().map(|(text, _)| text.as_str()).collect()),
            Self::Demanded(Some(items)) | Self::Required(items) => {
                joined(items.iter().map(String::as_str).collect())
            }
            Self::Demanded(None) => none.to_owned(),
            Self::Rank(_, text, _) => text.clone(),
            Self::Opaque(text) | Self::Fixed(text) | Self::Weighed(text, ..) => {
                text.clone().unwrap_or_else(|| none.to_owned())
            }
        };
        shortened(&text)
    }

    /// What holds when it is not set.
    fn absent(&self, none: &str) -> Self {
        match self {
            Self::Softened(_) => Self::Softened(BTreeSet::new()),
            Self::Demanded(_) => Self::Demanded(None),
            Self::Required(_) => Self::Required(BTreeSet::new()),
            Self::Opaque(_) => Self::Opaque(None),
            Self::Fixed(_) => Self::Fixed(None),
            Self::Weighed(_, _, unset) => Self::Weighed(None, *unset, *unset),
            Self::Rank(_, _, unset) => Self::Rank(*unset, none.to_owned(), *unset),
        }
    }

    fn compare(&self, new: &Self) -> Verdict {
        if self == new {
            return Verdict::Same;
        }
        match (self, new) {
            (Self::Softened(old), Self::Softened(new)) => {
                let more: Vec<_> = new.difference(old).collect();
                match () {
                    () if more.is_empty() => Verdict::Same,
                    () if old.is_subset(new) || more.iter().any(|(_, total)| *total) => Verdict::Weaker,
                    () => Verdict::Unknown,
                }
            }
            (Self::Demanded(None), Self::Demanded(Some(_))) => Verdict::Weaker,
            (Self::Demanded(Some(old)), Self::Demanded(Some(new))) if !old.is_subset(new) => Verdict::Weaker,
            (Self::Demanded(_), Self::Demanded(_)) => Verdict::Same,
            (Self::Required(old), Self::Required(new)) if !old.is_subset(new) => Verdict::Weaker,
            (Self::Required(_), Self::Required(_)) => Verdict::Same,
            (Self::Rank(old, ..), Self::Rank(new, ..)) if new < old => Verdict::Weaker,
            (Self::Rank(..), Self::Rank(..)) => Verdict::Same,
            (Self::Fixed(_), Self::Fixed(Some(_))) => Verdict::Weaker,
            (Self::Weighed(_, old, _), Self::Weighed(_, new, _)) if new < old => Verdict::Weaker,
            (Self::Weighed(_, old, _), Self::Weighed(_, new, _)) if new > old => Verdict::Same,
            _ => Verdict::Unknown,
        }
    }
}

/// Text that fits into a message.
pub(super) fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A file and a gate in it.
pub(super) struct Placed<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) commit: Option<ObjectId>,
    pub(super) gate: Gate,
}

/// Compares the gates of some files before and after. A gate that moves, within its file or to another, is followed.
pub(super) fn compare(old: Vec<Placed<'_>>, new: Vec<Placed<'_>>, out: &mut Vec<Weakening>) {
    let mut new: Vec<Option<Placed<'_>>> = new.into_iter().map(Some).collect();
    let mut rest = old;
    // The nearest first: else two jobs that run the same gate could swap partners and settings.
    for (same_file, same_place) in [(true, true), (false, true), (true, false), (false, false)] {
        let mut left = Vec::new();
        for gate in rest {
            let is_near = |other: &Placed<'_>| {
                other.gate.what == gate.gate.what
                    && (!same_file || other.path == gate.path)
                    && (!same_place || other.gate.place == gate.gate.place)
            };
            let found = new.iter_mut().find(|other| other.as_ref().is_some_and(is_near));
            match found.and_then(Option::take) {
                Some(other) => settings(&gate.gate, &other, out),
                None => left.push(gate),
            }
        }
        rest = left;
    }
    for Placed { path, commit, gate } in rest {
        let place = placed(&gate.place);
        out.push(Weakening {
            code: gate.removed,
            path: path.clone(),
            line: None,
            commit,
            message: format!("{}{place} was removed (had: {}, now: nothing)", gate.what, had(&gate)),
            restore: format!("put {} back{place}", gate.what),
        });
    }
}

/// What a gate was, as far as there is anything to say of it.
fn had(gate: &Gate) -> String {
    let settings = gate.settings.iter().filter(|setting| setting.shown() != setting.none);
    let settings: Vec<String> =
        settings.map(|setting| format!("{} = {}", setting.name, setting.shown())).collect();
    match settings.is_empty() {
        true => format!("line {}", gate.line),
        false => shortened(&format!("line {}, {}", gate.line, settings.join(", "))),
    }
}

fn placed(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" in {place}") }
}

fn settings(old: &Gate, new: &Placed<'_>, out: &mut Vec<Weakening>) {
    let named = |settings| {
        let settings: &[Setting] = settings;
        settings.iter().map(|setting| (setting.name.as_str(), setting)).collect::<HashMap<_, _>>()
    };
    let (before, after) = (named(&old.settings), named(&new.gate.settings));
    let mut told = HashSet::new();
    let names = old.settings.iter().chain(&new.gate.settings).map(|setting| setting.name.as_str());
    for name in names.filter(|name| told.insert(*name)) {
        let (was, now) = (before.get(name).copied(), after.get(name).copied());
        let Some(known) = now.or(was) else { continue };
        let measure = |setting: Option<&Setting>| match setting {
            Some(setting) => setting.measure.clone(),
            None => known.measure.absent(known.none),
        };
        let (before, after) = (measure(was), measure(now));
        let code = match before.compare(&after) {
            Verdict::Same => continue,
            Verdict::Weaker => known.code,
            Verdict::Unknown => &SETTING_CHANGED,
        };
        let (old_value, new_value) = (before.shown(known.none), after.shown(known.none));
        let (what, place) = (&new.gate.what, placed(&new.gate.place));
        out.push(Weakening {
            code,
            path: new.path.clone(),
            line: now.and_then(|setting| setting.line).or(Some(new.gate.line)),
            commit: new.commit,
            message: format!("{what}{place}: `{name}` was: {old_value}, is now: {new_value}"),
            restore: format!("set `{name}` of {what} back to: {old_value}"),
        });
    }
}
