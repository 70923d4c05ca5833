//! A piece of text while it is looked at, and what is found out about it only when that is asked for.

use super::config::Rule;
use super::detect::{Fragment, contains};
use super::finding::{Finding, entropy};
use super::location::{Place, line_feeds};
use std::cell::{OnceCell, RefCell};
use std::ops::Range;

/// The comment that lets a line through.
const ALLOW: &[u8] = b"gitleaks:allow";

/// How much of a line a finding keeps before and behind a match: more than anybody prints. A line may be a whole program.
const AROUND: usize = 64;

pub(super) struct Piece<'a> {
    pub(super) fragment: &'a Fragment<'a>,
    /// Of the commit.
    pub(super) id: &'a str,
    feeds: OnceCell<Vec<usize>>,
    /// The lines that were looked at last for a comment, and whether they have it: many matches share a long line.
    comment: RefCell<Option<(Range<usize>, bool)>>,
}

impl<'a> Piece<'a> {
    pub(super) const fn new(fragment: &'a Fragment<'a>, id: &'a str) -> Self {
        Self { fragment, id, feeds: OnceCell::new(), comment: RefCell::new(None) }
    }

    /// The places of its line feeds.
    pub(super) fn feeds(&self) -> &[usize] {
        self.feeds.get_or_init(|| line_feeds(self.fragment.text))
    }

    /// Whether a comment in some lines lets them through.
    pub(super) fn has_comment(&self, lines: &Range<usize>) -> bool {
        let mut last = self.comment.borrow_mut();
        match &*last {
            Some((range, has)) if range == lines => *has,
            _ => {
                let has = self.fragment.text.get(lines.clone()).is_some_and(|text| contains(text, ALLOW));
                *last = Some((lines.clone(), has));
                has
            }
        }
    }

    fn finding(&self, rule: &str, description: &str) -> Finding {
        Finding {
            rule: rule.to_owned(),
            description: description.to_owned(),
            file: self.fragment.path.to_vec(),
            symlink: self.fragment.symlink.to_vec(),
            ..Finding::default()
        }
    }

    /// The finding of a match that stands at `at`.
    pub(super) fn located(
        &self,
        rule: &str,
        description: &str,
        place: &Place,
        at: &Range<usize>,
        matched: &[u8],
        secret: &[u8],
    ) -> Finding {
        let near =
            at.start.saturating_sub(AROUND).max(place.lines.start)..(at.end + AROUND).min(place.lines.end);
        #[allow(clippy::cast_possible_truncation, reason = "reports have it in single precision")]
        let entropy = entropy(secret) as f32;
        Finding {
            start_line: self.fragment.start_line + place.start_line,
            end_line: self.fragment.start_line + place.end_line,
            start_column: place.start_column,
            end_column: place.end_column,
            line: self.fragment.text.get(near).unwrap_or(&[]).to_vec(),
            text: matched.to_vec(),
            secret: secret.to_vec(),
            entropy,
            ..self.finding(rule, description)
        }
        .of_commit(self.fragment.commit)
    }

    /// The finding that a file is by its name.
    pub(super) fn by_name(&self, rule: &Rule) -> Finding {
        let mut finding = self.finding(&rule.id, &rule.description);
        finding.text = [b"file detected: ", self.fragment.path].concat();
        finding.tags.clone_from(&rule.tags);
        finding.of_commit(self.fragment.commit)
    }
}
