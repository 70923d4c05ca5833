//! Rules as one text, so that a program with thousands of them starts at once: a text and a few tables of integers need nothing
//! done to them when a program is loaded, where a constant [`Rule`] has dozens of pointers that are put right one by one. A rule
//! is put together when it is first asked for, of parts of the text; most never are.
//!
//! Every field of a rule, in the order of [`Rule`], begins with a line feed, for those who read the text, and ends with [`FIELD`];
//! what a list has ends with [`ITEM`], item by item.

use super::demand::Demand;
use super::error::RuleError;
use super::rule::{Allow, Alone, Fails, List, Partner, Rule, Structure, Text, Window};
use crate::{Confidence, Severity};
use std::borrow::Cow;
use std::fmt;
use std::str::{FromStr, SplitTerminator};
use std::sync::OnceLock;

/// What ends a field: the record separator of ASCII.
const FIELD: char = '\u{1e}';
/// What ends an item of a list: the unit separator of ASCII.
const ITEM: char = '\u{1f}';
/// The window that is the whole text, and the confidence of what is not reported when it stands alone.
const WHOLE: &str = "whole";
const HIDDEN: &str = "hidden";
/// What [`Fails::Drop`] is written as.
const DROP: &str = "drop";

/// Rules as [`Packing::of`] packs them.
#[derive(Clone, Copy)]
pub struct Packed {
    /// The ids, in the order of the rules, each with a line feed behind it.
    pub ids: &'static str,
    /// All other fields of the rules.
    pub text: &'static str,
    /// By rule: where its id ends in `ids`, and where its fields end in `text`.
    pub ends: &'static [[u32; 2]],
    /// The rules' indices in the order of their ids.
    pub by_id: &'static [u32],
    /// By rule, the rule once it was asked for: as many empty places as there are rules.
    pub places: &'static [Place],
}

/// The place of a rule that is put together when it is first asked for.
#[derive(Debug, Default)]
pub struct Place(OnceLock<Option<Box<Rule>>>);

impl Place {
    /// An empty place.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} rules)", self.len())
    }
}

impl Packed {
    /// No rules.
    pub(super) const NONE: Self = Self { ids: "", text: "", ends: &[], by_id: &[], places: &[] };

    /// Packs rules and keeps them as long as the program runs.
    pub(super) fn keep(rules: &[Rule]) -> Result<Self, RuleError> {
        let Packing { ids, text, ends, by_id } = Packing::of(rules)?;
        let places = rules.iter().map(|_| Place::new()).collect::<Vec<_>>();
        Ok(Self {
            ids: ids.leak(),
            text: text.leak(),
            ends: ends.leak(),
            by_id: by_id.leak(),
            places: places.leak(),
        })
    }

    /// How many rules there are.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rule with this index; `None` also when it cannot be read.
    pub(super) fn get(&self, index: usize) -> Option<&'static Rule> {
        let rule = self.places.get(index)?.0.get_or_init(|| {
            let [_, from] = self.starts(index);
            let [_, to] = *self.ends.get(index)?;
            read(self.id(index)?, self.text.get(from as usize..to as usize)?).map(Box::new)
        });
        rule.as_deref()
    }

    /// The id of the rule with this index.
    pub(super) fn id(&self, index: usize) -> Option<&'static str> {
        // The line feed belongs to the id before it.
        let [from, _] = self.starts(index);
        let [to, _] = *self.ends.get(index)?;
        let from = if index == 0 { 0 } else { from as usize + 1 };
        self.ids.get(from..to as usize)
    }

    /// The index of the rule with this id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        let at = self.by_id.binary_search_by_key(&Some(id), |&index| self.id(index as usize)).ok()?;
        Some(*self.by_id.get(at)? as usize)
    }

    fn starts(&self, index: usize) -> [u32; 2] {
        index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default()
    }
}

/// What [`Packed`] is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packing {
    /// See [`Packed::ids`].
    pub ids: String,
    /// See [`Packed::text`].
    pub text: String,
    /// See [`Packed::ends`].
    pub ends: Vec<[u32; 2]>,
    /// See [`Packed::by_id`].
    pub by_id: Vec<u32>,
}

impl Packing {
    /// Packs rules.
    ///
    /// # Errors
    ///
    /// A rule that would not be the same when it is read: one of its texts has the control character U+001E or U+001F, its id a
    /// line feed, or one is empty that could as well not be there. Or all together have more than 4 GiB.
    pub fn of(rules: &[Rule]) -> Result<Self, RuleError> {
        let (mut ids, mut out, mut ends) = (String::new(), Writer::default(), Vec::new());
        for rule in rules {
            out.rule(rule);
            if out.is_wrong || rule.id.contains('\n') {
                let wrong = "it cannot be packed; a text of it has the control character U+001E or U+001F, or is empty";
                return Err(RuleError::of(&rule.id, wrong));
            }
            ids.push_str(&rule.id);
            let end =
                |len: usize| u32::try_from(len).map_err(|_| RuleError::of(&rule.id, "it lies beyond 4 GiB"));
            ends.push([end(ids.len())?, end(out.text.len())?]);
            ids.push('\n');
        }
        let mut by_id: Vec<u32> = (0..).take(rules.len()).collect();
        by_id.sort_by_key(|&index| rules.get(index as usize).map(|rule| &rule.id));
        Ok(Self { ids, text: out.text, ends, by_id })
    }
}

/// Writes rules.
#[derive(Default)]
struct Writer {
    text: String,
    /// Whether something was written that could not be read.
    is_wrong: bool,
}

impl Writer {
    /// The fields of a rule but its id.
    fn rule(&mut self, rule: &Rule) {
        self.field(&rule.name);
        self.field(&rule.provider);
        self.field(&rule.description);
        self.field(rule.severity.as_str());
        self.field(rule.confidence.as_str());
        self.field(&rule.regex);
        self.optional(rule.detector.as_ref());
        self.items(rule.keywords.iter());
        match rule.window {
            Window::Whole => self.field(WHOLE),
            Window::Bytes { before, after } => self.items([before, after]),
        }
        let demand = |Demand { bytes: [a, b, c, d], least }| [a, b, c, d, least.into()];
        self.items(rule.demand.into_iter().flat_map(demand));
        self.field(&rule.entropy.map(|bits| bits.to_string()).unwrap_or_default());
        self.field(&rule.secret_group.map(|group| group.to_string()).unwrap_or_default());
        self.field(if rule.strong { "strong" } else { "" });
        self.optional(rule.path.as_ref());
        self.optional(rule.except_path.as_ref());
        self.items(rule.structure.iter().flat_map(structure));
        self.items(rule.allow.iter().flat_map(|allow| [&allow.regex, &allow.reason]));
        self.items(rule.with.iter().flat_map(|partner| {
            let severity = partner.severity.map_or("", Severity::as_str);
            let confidence = partner.confidence.map_or("", Confidence::as_str);
            [&partner.rule, partner.lines.to_string().as_str(), severity, confidence].map(str::to_owned)
        }));
        self.field(match rule.alone {
            None => "",
            Some(Alone::Hidden) => HIDDEN,
            Some(Alone::Confidence(least)) => least.as_str(),
        });
        self.field(&rule.risk);
        self.items(rule.fix.iter());
        self.field(&rule.reference);
        self.items(rule.examples.iter());
        self.items(rule.counter_examples.iter());
    }

    fn field(&mut self, value: &str) {
        self.is_wrong |= value.contains(FIELD);
        self.text.push('\n');
        self.text.push_str(value);
        self.text.push(FIELD);
    }

    fn optional(&mut self, value: Option<&Text>) {
        self.is_wrong |= value.is_some_and(|value| value.is_empty());
        self.field(value.map_or("", |value| value));
    }

    fn items<T: fmt::Display>(&mut self, items: impl IntoIterator<Item = T>) {
        let mut list = String::new();
        for item in items {
            let item = item.to_string();
            self.is_wrong |= item.contains(ITEM);
            list.push_str(&item);
            list.push(ITEM);
        }
        self.field(&list);
    }
}

/// What a structure is written as: its kind, what becomes of a match without it, and its parameters.
fn structure(structure: &Structure) -> Vec<String> {
    let fails = match structure.fails {
        Fails::Lower => "lower",
        Fails::Drop => DROP,
    };
    let params = structure.params.iter().flat_map(|(name, value)| [name.to_string(), value.to_string()]);
    [structure.kind.to_string(), fails.to_owned()].into_iter().chain(params).collect()
}

/// The rule whose other fields are `fields`; `None` when they are not what a [`Writer`] writes.
fn read(id: &'static str, fields: &'static str) -> Option<Rule> {
    let mut fields = Parts { all: fields.split_terminator(FIELD), are_fields: true };
    let rule = Rule {
        id: id.into(),
        name: fields.text()?,
        provider: fields.text()?,
        description: fields.text()?,
        severity: Severity::from_word(fields.next()?)?,
        confidence: Confidence::from_word(fields.next()?)?,
        regex: fields.text()?,
        detector: fields.optional()?,
        keywords: fields.list(Parts::text)?,
        window: match fields.next()? {
            WHOLE => Window::Whole,
            bytes => {
                let mut bytes = Parts::items(bytes);
                Window::Bytes { before: bytes.number()?, after: bytes.number()? }
            }
        },
        demand: fields.part(|items| {
            let bytes = [items.number()?, items.number()?, items.number()?, items.number()?];
            Some(Demand { bytes, least: items.number()? })
        })?,
        entropy: fields.part(Parts::number)?,
        secret_group: fields.part(Parts::number)?,
        strong: !fields.next()?.is_empty(),
        path: fields.optional()?,
        except_path: fields.optional()?,
        structure: fields.part(|items| {
            let kind = items.text()?;
            let fails = if items.next()? == DROP { Fails::Drop } else { Fails::Lower };
            Some(Structure {
                kind,
                fails,
                params: items.rest(|items| Some((items.text()?, items.number()?)))?,
            })
        })?,
        allow: fields.list(|items| Some(Allow { regex: items.text()?, reason: items.text()? }))?,
        with: fields.list(|items| {
            let (rule, lines) = (items.text()?, items.number()?);
            let severity = items.word(Severity::from_word)?;
            let confidence = items.word(Confidence::from_word)?;
            Some(Partner { rule, lines, severity, confidence })
        })?,
        alone: fields.word(|word| match word {
            HIDDEN => Some(Alone::Hidden),
            least => Confidence::from_word(least).map(Alone::Confidence),
        })?,
        risk: fields.text()?,
        fix: fields.list(Parts::text)?,
        reference: fields.text()?,
        examples: fields.list(Parts::text)?,
        counter_examples: fields.list(Parts::text)?,
    };
    fields.all.next().is_none().then_some(rule)
}

/// Fields, or items of a list.
struct Parts {
    all: SplitTerminator<'static, char>,
    are_fields: bool,
}

impl Parts {
    fn items(list: &'static str) -> Self {
        Self { all: list.split_terminator(ITEM), are_fields: false }
    }

    fn next(&mut self) -> Option<&'static str> {
        let part = self.all.next()?;
        if self.are_fields { part.strip_prefix('\n') } else { Some(part) }
    }

    fn text(&mut self) -> Option<Text> {
        self.next().map(Cow::Borrowed)
    }

    /// A text that is not there when it is empty.
    fn optional(&mut self) -> Option<Option<Text>> {
        Some(Some(self.text()?).filter(|text| !text.is_empty()))
    }

    fn number<T: FromStr>(&mut self) -> Option<T> {
        self.next()?.parse().ok()
    }

    /// A word that is not there when it is empty.
    fn word<T>(&mut self, word: impl FnOnce(&'static str) -> Option<T>) -> Option<Option<T>> {
        match self.next()? {
            "" => Some(None),
            some => word(some).map(Some),
        }
    }

    /// A part that is not there when it is empty.
    fn part<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        self.word(|part| read(&mut Self::items(part)))
    }

    fn list<T: Clone>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<List<T>> {
        Self::items(self.next()?).rest(read)
    }

    /// All that is left.
    fn rest<T: Clone>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<List<T>> {
        let mut list = Vec::new();
        while self.all.clone().next().is_some() {
            list.push(read(self)?);
        }
        Some(list.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{Builtin, RuleFile, Ruleset, Scanner, Scratch};
    use std::sync::Arc;

    /// A rule with something in every field.
    fn full() -> Rule {
        let mut rule = RuleFile::parse(include_str!("tests.toml")).unwrap().into_iter().next().unwrap();
        rule.detector = Some("assignment".into());
        rule.window = Window::Whole;
        rule.demand = Some(Demand { bytes: [u64::MAX, 1, 0, 7], least: 3 });
        rule.entropy = Some(0.1 + 0.2);
        rule.secret_group = Some(0);
        rule.strong = true;
        rule.path = Some("a\n".into());
        rule.except_path = Some("é".into());
        let params = vec![("prefix".into(), 4), ("".into(), u32::MAX)].into();
        rule.structure = Some(Structure { kind: "k".into(), params, fails: Fails::Drop });
        rule.allow = vec![Allow { regex: "".into(), reason: "none".into() }].into();
        let other = |severity, confidence| Partner { rule: "other".into(), lines: 8, severity, confidence };
        rule.with = vec![other(None, Some(Confidence::Low)), other(Some(Severity::Critical), None)].into();
        rule.alone = Some(Alone::Hidden);
        rule.fix = vec!["".into()].into();
        rule
    }

    #[test]
    fn what_is_packed_is_read_again() {
        let mut rules = RuleFile::parse(include_str!("tests.toml")).unwrap();
        rules.push(Rule { id: "aaa".into(), ..full() });
        let alone = Some(Alone::Confidence(Confidence::Medium));
        rules.push(Rule { id: "zzz".into(), alone, with: List::default(), ..full() });
        let packed = Packed::keep(&rules).unwrap();
        for (index, rule) in rules.iter().enumerate() {
            assert_eq!(packed.get(index), Some(rule));
            assert_eq!(packed.id(index), Some(rule.id.as_ref()));
            assert_eq!(packed.find(&rule.id), Some(index));
        }
        assert_eq!(
            (packed.len(), packed.get(rules.len()), packed.id(rules.len())),
            (rules.len(), None, None)
        );
        assert_eq!((packed.find("aab"), packed.find(""), Packed::NONE.find("")), (None, None, None));
    }

    #[test]
    fn what_would_be_read_as_something_else_is_refused() {
        let text = |text: &'static str| Text::Borrowed(text);
        for rule in [
            Rule { id: text("two\nlines"), ..full() },
            Rule { regex: text("a\u{1e}"), ..full() },
            Rule { fix: vec![text("a\u{1f}b")].into(), ..full() },
            Rule { path: Some(text("")), ..full() },
        ] {
            let error = Packing::of(&[full(), rule]).unwrap_err().to_string();
            assert!(error.contains("cannot be packed"), "{error}");
        }
        assert!(Packing::of(&[full(), Rule { name: text("a\u{1f}b"), ..full() }]).is_ok());
    }

    #[test]
    fn a_scan_that_needs_a_rule_that_cannot_be_read_says_so() {
        let rules = RuleFile::parse(include_str!("tests.toml")).unwrap();
        let rule = rules.iter().find(|rule| !rule.keywords.is_empty()).unwrap();
        let keywords = Builtin::new(std::slice::from_ref(rule)).unwrap().keywords().clone();
        let packed = Packed::keep(std::slice::from_ref(rule)).unwrap();
        let damaged = Packed { text: "", places: Vec::leak(vec![Place::new()]), ..packed };
        let ruleset = Ruleset::new(&Builtin::packed(damaged, keywords), Vec::new()).unwrap();
        let scanner = Scanner::new(Arc::new(ruleset));
        assert_eq!(scanner.ruleset().failures(), []);
        let _ = scanner.scan(rule.keywords.first().unwrap().as_bytes(), &mut Scratch::default());
        let failures: Vec<String> = scanner.ruleset().failures().iter().map(ToString::to_string).collect();
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures.iter().all(|failure| failure.starts_with(&format!("rule `{}`: ", rule.id))));
    }
}
