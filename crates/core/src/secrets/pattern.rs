//! A rule's regex in two steps: whether a stretch of text holds a match, and where.
//!
//! A hook compiles the regexes of a few hundred rules and runs each over a handful of short windows, nearly all of which hold no
//! match. To compile a regex for every question (where a match begins, what its groups are) takes several times as long as
//! for this one: there is one automaton instead of three or four, no search for literals to skip ahead by, and no table of groups.
//! So that is all that is compiled at first, of a regex that is looser than the rule's and a fraction of its size. Where it says
//! yes, or cannot say, the whole regex is compiled and has the word: what is found is what it finds.

use super::rule::Window;
use super::starts::Starts;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, Match};
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The most memory one compiled regex may take, in bytes.
const SIZE_LIMIT: usize = 16 << 20;

/// After so many windows the whole regex is used alone: it skips ahead by literals, which pays for its making by then.
const MANY: u32 = 256;

/// So many places of a window are looked at one by one; the rest of it is looked at as a whole, so that a text with the beginning
/// of a match again and again takes no more time than others.
const PLACES: usize = 16;

/// About how much memory a state takes, in bytes.
const STATE: usize = 32;

/// Makes the buffers of a search.
type NewCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// A rule's regex.
pub(super) struct Pattern {
    /// `None` where nothing is gained by it, or where it cannot be made.
    quick: Option<Quick>,
    /// Made when it is needed, or the reason why it cannot be.
    whole: OnceLock<Result<Regex, String>>,
    text: Box<str>,
}

impl Pattern {
    /// Compiles what is needed first of a rule's regex.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub(super) fn new(regex: &str, window: Window) -> Result<Self, String> {
        // In a window that may be long it is worth while to skip ahead by literals.
        let quick = if window == Window::Whole { None } else { Quick::new(regex) };
        let pattern = Self { quick, whole: OnceLock::new(), text: regex.into() };
        if pattern.quick.is_none() {
            pattern.whole()?;
        }
        Ok(pattern)
    }

    /// The first match, and the regex that tells its groups.
    ///
    /// # Errors
    ///
    /// The reason why the regex does not compile, where that shows only now.
    pub(super) fn find(&self, input: &Input<'_>) -> Result<Option<(&Regex, Match)>, String> {
        if self.quick.as_ref().is_some_and(|quick| quick.excludes(input)) {
            return Ok(None);
        }
        let whole = self.whole()?;
        Ok(whole.search(input).map(|found| (whole, found)))
    }

    /// The whole regex.
    ///
    /// # Errors
    ///
    /// The reason why it does not compile, in words.
    pub(super) fn whole(&self) -> Result<&Regex, String> {
        self.whole.get_or_init(|| compile(&self.text)).as_ref().map_err(Clone::clone)
    }

    /// The reason why the whole regex was needed and could not be had.
    pub(super) fn failure(&self) -> Option<&str> {
        self.whole.get()?.as_ref().err().map(String::as_str)
    }
}

/// Says whether there is a match, and nothing else.
struct Quick {
    automaton: DFA,
    /// Where a match can begin, where that is known.
    starts: Option<Starts>,
    caches: Pool<Cache, NewCache>,
    /// How often it was asked.
    asked: AtomicU32,
}

impl Quick {
    /// `None` where the regex does not compile, or is so large that the whole one may not.
    fn new(regex: &str) -> Option<Self> {
        let hir = syntax::parse_with(regex, &written()).ok()?;
        let groups = hir.properties().explicit_captures_len();
        let limit = SIZE_LIMIT / 16 / groups.saturating_add(1);
        if states(&hir).saturating_mul(STATE) > limit {
            return None;
        }
        let config = thompson::Config::new()
            .utf8(false)
            .nfa_size_limit(Some(limit))
            .which_captures(WhichCaptures::None);
        let states = thompson::Compiler::new().configure(config).build_from_hir(&loose(&hir)).ok()?;
        // A text on which it makes states without end is left to the whole regex, as is a letter beyond ASCII where the
        // boundaries of such letters count.
        let config = Config::new()
            .unicode_word_boundary(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let automaton = DFA::builder().configure(config).build_from_nfa(states).ok()?;
        let of = automaton.clone();
        let create: NewCache = Box::new(move || of.create_cache());
        let starts = Starts::of(&hir);
        Some(Self { automaton, starts, caches: Pool::new(create), asked: AtomicU32::new(0) })
    }

    /// Whether it is certain that the input holds no match.
    fn excludes(&self, input: &Input<'_>) -> bool {
        if self.asked.load(Ordering::Relaxed) >= MANY {
            return false;
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut cache = self.caches.get();
        let mut is_out =
            |input: &Input<'_>| matches!(self.automaton.try_search_fwd(&mut cache, input), Ok(None));
        let input = input.clone().earliest(true);
        let Some(starts) = &self.starts else { return is_out(&input) };
        // To begin at one place takes fewer states of the automaton than to begin at any, and it is over after a few bytes.
        let (mut at, end) = (input.start(), input.end());
        for _ in 0..PLACES {
            let Some(place) = starts.next(input.haystack(), at..end) else { return true };
            if !is_out(&input.clone().range(place..end).anchored(Anchored::Yes)) {
                return false;
            }
            at = place + 1;
        }
        is_out(&input.range(at..end))
    }
}

/// A regex that matches whatever this one does, and more: what may stand between none and some dozens of times may stand any
/// number of times, which takes one state instead of dozens.
fn loose(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Capture(capture) => loose(&capture.sub),
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            let max = max.filter(|max| *max <= (*min).max(1));
            Hir::repetition(Repetition { min: *min, max, greedy: *greedy, sub: Box::new(loose(sub)) })
        }
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(loose).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(loose).collect()),
    }
}

/// Roughly how many states the automaton of a regex has.
fn states(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(states).fold(1, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Class(Class::Unicode(class)) if class.is_ascii() => 1,
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(4),
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let times = max.unwrap_or(min.saturating_add(1));
            states(sub).saturating_add(1).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

/// A whole regex.
///
/// # Errors
///
/// What is wrong with it, in words.
pub(super) fn compile(regex: &str) -> Result<Regex, String> {
    Regex::builder()
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)))
        .syntax(written())
        .build(regex)
        .map_err(|error| match error.size_limit() {
            Some(limit) => {
                format!("the regex takes more than {limit} bytes of memory; make its repetitions smaller")
            }
            None => format!("the regex does not compile: {error}"),
        })
}

/// How regexes are written.
fn written() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEAR: Window = Window::Bytes { before: 64, after: 64 };

    /// With and without a quick answer: looks to either side, groups, what matches nothing, classes, and letters of any script.
    const REGEXES: [&str; 11] = [
        r"\bkey_[a-c]{2,5}\b",
        r"(?:ab|key)[_a]{1,2}(b|c)",
        r"(?:(?:key){2}|aabb)b*$",
        r"[ak][be][by]_",
        r"(?i)key[ =]{0,3}([a-c]{3})(?:[^a-z]|$)",
        r"(?:^|[^a-c])([a-c]{2,4}?)=",
        r"a*",
        r"(?u:\b)k(?:ey|é)(?u:\b)",
        r"(?m)^key$|b{3,}",
        r"(?s-u)\xff.?c",
        r"[^\x00-\x7f]+(a)|(b)_",
    ];

    proptest! {
        /// In every window of a text.
        #[test]
        fn what_is_found_is_what_the_whole_regex_finds(
            pieces in prop::collection::vec(
                prop::sample::select(vec!["key", "_", "=", " ", "a", "b", "c", "ab", "é", "\n", "K", "x"]), 0..40,
            ),
            end in any::<bool>(),
        ) {
            let mut text = pieces.concat().into_bytes();
            text.extend(end.then_some(0xff));
            text.push(b'c');
            for regex in REGEXES {
                let (near, whole) = (Pattern::new(regex, NEAR).unwrap(), compile(regex).unwrap());
                prop_assert!(near.quick.is_some(), "{}", regex);
                for start in 0..=text.len() * 3 / 4 {
                    let input = Input::new(&text).range(start..text.len() - start / 3);
                    let found = near.find(&input).unwrap().map(|(_, found)| found);
                    prop_assert_eq!(found, whole.search(&input), "{}", regex);
                }
            }
        }
    }

    #[test]
    fn the_whole_regex_is_compiled_where_there_is_a_match() {
        let pattern = Pattern::new("key=([a-c]{3})", NEAR).unwrap();
        assert!(pattern.find(&Input::new("no key=abx")).unwrap().is_none());
        assert!(pattern.whole.get().is_none());
        let (whole, found) = pattern.find(&Input::new("a key=abc")).unwrap().unwrap();
        assert_eq!((whole.captures_len(), found.range()), (2, 2..9));
        assert!(Pattern::new("key", Window::Whole).unwrap().quick.is_none());
    }

    #[test]
    fn a_window_with_many_beginnings_is_looked_at_to_its_end() {
        let pattern = Pattern::new("(?i:key)_([a-c]{3})", NEAR).unwrap();
        assert!(pattern.quick.as_ref().is_some_and(|quick| quick.starts.is_some()));
        let text = "Key_ ".repeat(3 * PLACES) + "kEY_abc";
        let (_, found) = pattern.find(&Input::new(&text)).unwrap().unwrap();
        assert_eq!(found.range(), text.len() - 7..text.len());
        let before = Input::new(&text).range(..text.len() - 1);
        assert!(pattern.find(&before).unwrap().is_none());
    }

    #[test]
    fn a_regex_that_does_not_compile_is_refused_at_once() {
        let wrong = |regex: &str| Pattern::new(regex, NEAR).err().unwrap();
        assert!(wrong("a(").starts_with("the regex does not compile: "));
        assert!(wrong("(?:x{1000}){1000}").contains("bytes of memory"));
        // Large, and not too large: the whole regex has the word at once.
        let pattern = Pattern::new("(?:x{200}){200}y", NEAR).unwrap();
        assert!(pattern.quick.is_none() && pattern.whole().is_ok() && pattern.failure().is_none());
    }
}
