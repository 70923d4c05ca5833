//! The keywords of a set of rules, and which rules each of them announces: plain tables, so that those of the built-in
//! rules are constants and a program that starts has nothing to sort.

use super::error::RuleError;
use super::literal;
use super::rule::{Rule, Window};
use std::borrow::Cow;
use std::ops::Range;

/// Rules by how far they reach, in bytes to either side of a hit; the last class has all others. What has changed in a text
/// concerns only the hits within reach, and few rules reach far.
const MOST: [u32; 3] = [1024, 4096, u32::MAX];
/// How many classes there are.
pub(super) const CLASSES: Range<usize> = 0..MOST.len();
/// The most keywords of a set: two sets are counted with 16 bits together.
const MOST_KEYWORDS: usize = 32_000;
/// The most bytes of a keyword.
const LONGEST: usize = u16::MAX as usize;

/// Keywords and what they announce; made by [`Keywords::new`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keywords {
    /// All of them, sorted, each with a line feed behind it: run together they would look like secrets.
    pub text: Cow<'static, str>,
    /// Where each of them ends in `text`.
    pub ends: Cow<'static, [u32]>,
    /// Where in each of them its rarest four bytes stand (see [`super::Literals`]).
    pub rarest: Cow<'static, [u16]>,
    /// By keyword and class of its rules: where its part of `announced` begins; one more at the end.
    pub starts: Cow<'static, [u32]>,
    /// A rule's index, and how many bytes its window has before a hit and after it; `u32::MAX` in both: the whole text.
    pub announced: Cow<'static, [[u32; 3]]>,
    /// The rules that no keyword announces.
    pub unannounced: Cow<'static, [u32]>,
    /// By class: how far its rules' windows reach.
    pub reach: [u32; MOST.len()],
}

/// A rule that a keyword announces, with its window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announced {
    pub(super) rule: u32,
    before: u32,
    after: u32,
}

impl Announced {
    /// The window of a hit, in a text of `len` bytes.
    pub(super) fn window(self, hit: &Range<usize>, len: usize) -> Range<usize> {
        match self {
            Self { before: u32::MAX, after: u32::MAX, .. } => 0..len,
            Self { before, after, .. } => {
                hit.start.saturating_sub(before as usize)..hit.end.saturating_add(after as usize).min(len)
            }
        }
    }
}

impl Keywords {
    /// The keywords of rules, each with its index. `commonness` tells how common four bytes of text are, letters taken
    /// without case: of every keyword the rarest four are looked for.
    ///
    /// # Errors
    ///
    /// What is wrong: a keyword is shorter than three bytes, longer than 65,535, or not ASCII; or there are more than 32,000.
    pub fn new<'r>(
        rules: impl Iterator<Item = (&'r Rule, u32)>,
        commonness: impl Fn([u8; 4]) -> f64,
    ) -> Result<Self, RuleError> {
        let mut pairs: Vec<(String, usize, [u32; 3])> = Vec::new();
        let (mut unannounced, mut reach) = (Vec::new(), [0; MOST.len()]);
        for (rule, index) in rules {
            if rule.keywords.is_empty() {
                unannounced.push(index);
            }
            let (before, after) = match rule.window {
                Window::Bytes { before, after } => (before, after),
                Window::Whole => (u32::MAX, u32::MAX),
            };
            let class = class(rule.window);
            if let Some(reach) = reach.get_mut(class) {
                *reach = before.max(after).max(*reach);
            }
            for keyword in rule.keywords.iter() {
                if !(3..=LONGEST).contains(&keyword.len()) || !keyword.is_ascii() {
                    let wrong = format!(
                        "a keyword has {} bytes; it must have 3 to {LONGEST}, all of them ASCII: `{keyword:.80}`",
                        keyword.len()
                    );
                    return Err(RuleError::of(&rule.id, wrong));
                }
                pairs.push((keyword.to_ascii_lowercase(), class, [index, before, after]));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut all = Self {
            text: Cow::default(),
            ends: Cow::default(),
            rarest: Cow::default(),
            starts: vec![0].into(),
            announced: Cow::default(),
            unannounced: unannounced.into(),
            reach,
        };
        for (keyword, class, announced) in &pairs {
            if all.last() != Some(keyword.as_bytes()) {
                all.push(keyword, &commonness);
            }
            all.announced.to_mut().push(*announced);
            // The starts of the classes behind this one move on.
            let end = u32::try_from(all.announced.len()).unwrap_or(u32::MAX);
            let behind = MOST.len() - class;
            all.starts.to_mut().iter_mut().rev().take(behind).for_each(|start| *start = end);
        }
        if all.len() > MOST_KEYWORDS {
            let message = format!("there are {} keywords; {MOST_KEYWORDS} can be looked for", all.len());
            return Err(RuleError { rule: None, line: None, message });
        }
        Ok(all)
    }

    fn push(&mut self, keyword: &str, commonness: &impl Fn([u8; 4]) -> f64) {
        self.text.to_mut().push_str(keyword);
        self.ends.to_mut().push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.text.to_mut().push('\n');
        self.rarest.to_mut().push(literal::rarest(keyword.as_bytes(), commonness));
        let last = self.starts.last().copied().unwrap_or(0);
        self.starts.to_mut().extend([last; MOST.len()]);
    }

    fn last(&self) -> Option<&[u8]> {
        Some(self.get(self.len().checked_sub(1)?))
    }

    /// How many keywords there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A keyword, in lower case; empty when there is none with this index.
    #[must_use]
    pub fn get(&self, index: usize) -> &[u8] {
        let before = index.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |end| end.saturating_add(1));
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.as_bytes().get(start as usize..end as usize).unwrap_or(&[])
    }

    /// The rules of some classes that a keyword announces.
    pub(super) fn announced(&self, index: usize, classes: &Range<usize>) -> impl Iterator<Item = Announced> {
        let at = |class: usize| self.starts.get(index * MOST.len() + class).copied().unwrap_or(0);
        let list = self.announced.get(at(classes.start) as usize..at(classes.end) as usize).unwrap_or(&[]);
        list.iter().map(|&[rule, before, after]| Announced { rule, before, after })
    }
}

/// The class of rules with such a window.
pub(super) fn class(window: Window) -> usize {
    let far = match window {
        Window::Bytes { before, after } => before.max(after),
        Window::Whole => u32::MAX,
    };
    MOST.iter().position(|most| far <= *most).unwrap_or(0)
}
