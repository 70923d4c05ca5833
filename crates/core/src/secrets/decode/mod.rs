//! Secrets that do not stand in a text as they are: in base64, in escapes, in two literals that a `+` joins.
//!
//! A decoder makes [`View`]s: decoded text that knows which bytes each of its bytes came from. Every view is scanned by
//! the same rules and decoded again, up to the policy's depth; what is found points at the original bytes.
//!
//! What makes it cheap enough to be always on:
//!
//! - One pass ([`token`]) looks for runs of 24 bytes or more that an encoding can consist of, and reads about a third
//!   of the bytes for that. Everything else is left alone.
//! - A run is decoded only when its first 24 characters give text, or the header of a compressed stream. Identifiers,
//!   paths, hashes and images are refused after three bytes on average, and nothing is allocated for them.
//! - Literals that are joined are looked for only behind a hit of the literal pass ([`join`]).
//!
//! What that leaves out: a value of which less than 24 encoded characters stand together; a prefix that is itself cut
//! in two (`"gh" + "p_…"`) with no name before it that a rule knows; text that begins in the middle of encoded binary
//! data; bytes written as a list of numbers (`0x67, 0x68`).

mod base64;
mod concatenation;
mod continuation;
mod entities;
mod escapes;
mod hex;
mod inflate;
mod join;
mod layers;
mod numeric;
mod percent;
mod text;
mod token;
mod utf16;
mod view;

pub(super) use layers::Layers;

use super::scanner::Match;
use crate::Span;
use token::Run;
use view::View;

/// A way in which text can be written so that no rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    /// Its name, in the policy and in [`crate::Location::decoded_by`]: `base64`.
    pub name: &'static str,
    /// What it reads, in a few words.
    pub about: &'static str,
    form: Form,
}

/// Where a decoder looks.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// At a run of base64's characters, which it takes or refuses by its first bytes.
    Run(fn(&[u8], &Run) -> Option<View>),
    /// At a run of visible characters with something escaped in it.
    Token(fn(&[u8], std::ops::Range<usize>) -> Option<View>),
    /// At a whole text.
    Whole(fn(&[u8]) -> Option<View>),
    /// At what another decoder made; with the most bytes to make of it.
    Stream(fn(&[u8], usize) -> Option<View>),
    /// Behind a literal's hit; see [`join`].
    Join(join::Joint),
}

/// Every decoder. Where two take the same run, the first has it.
pub static DECODERS: &[Decoder] = &[
    Decoder {
        name: "hex",
        about: "two hexadecimal digits a byte, 24 digits and more",
        form: Form::Run(hex::view),
    },
    Decoder {
        name: "base64",
        about: "base64 and base64url, padded or not, also over several lines",
        form: Form::Run(base64::view),
    },
    Decoder { name: "percent", about: "`%67%68` as in URLs", form: Form::Token(percent::view) },
    Decoder {
        name: "escapes",
        about: "`\\u0067`, `\\u{67}`, `\\x67`, `\\147`, and `\\n` beside them",
        form: Form::Token(escapes::view),
    },
    Decoder { name: "entities", about: "`&#103;`, `&#x67;`, `&quot;`", form: Form::Token(entities::view) },
    Decoder {
        name: "utf-16le",
        about: "a whole file in UTF-16, low byte first, with or without a byte order mark",
        form: Form::Whole(utf16::little),
    },
    Decoder {
        name: "utf-16be",
        about: "a whole file in UTF-16, high byte first, with or without a byte order mark",
        form: Form::Whole(utf16::big),
    },
    Decoder { name: "gzip", about: "gzip, inside another encoding", form: Form::Stream(inflate::gzip) },
    Decoder { name: "zlib", about: "zlib, inside another encoding", form: Form::Stream(inflate::zlib) },
    Decoder {
        name: "concatenation",
        about: "literals joined by `+`, `.`, `&`, `||`, `..`, `<>`, `~` or `++`, or following each other over lines",
        form: Form::Join(concatenation::joint),
    },
    Decoder {
        name: "continuation",
        about: "lines joined by a backslash, a backtick or a caret at their end",
        form: Form::Join(continuation::joint),
    },
];

/// The names of all decoders, as the policy writes them.
pub(super) static NAMES: &[&str] = &[
    "hex",
    "base64",
    "percent",
    "escapes",
    "entities",
    "utf-16le",
    "utf-16be",
    "gzip",
    "zlib",
    "concatenation",
    "continuation",
];

/// How deep encodings are followed into each other unless the policy says otherwise.
pub(super) const DEPTH: u8 = 4;

/// Which decoders are used, and how deep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decoding {
    /// A bit for each of [`DECODERS`].
    chosen: u16,
    depth: u8,
}

impl Default for Decoding {
    /// All decoders, four layers.
    fn default() -> Self {
        Self::new(NAMES, DEPTH)
    }
}

impl Decoding {
    /// The decoders with these names (others are ignored), followed into each other `depth` times; 0 decodes nothing.
    #[must_use]
    pub fn new<T: AsRef<str>>(names: &[T], depth: u8) -> Self {
        let bits = names.iter().filter_map(|name| position(name.as_ref()));
        Self { chosen: bits.fold(0, |chosen, at| chosen | 1 << at), depth }
    }

    /// What either of two decodes.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { chosen: self.chosen | other.chosen, depth: self.depth.max(other.depth) }
    }

    /// Whether it would have led through these layers.
    #[must_use]
    pub fn covers(self, decoders: &[&str]) -> bool {
        let is_chosen = |name: &&str| position(name).is_some_and(|at| self.chosen & 1 << at != 0);
        decoders.len() <= usize::from(self.depth) && decoders.iter().all(is_chosen)
    }

    /// One layer less.
    fn inner(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..self }
    }

    /// Whether there is nothing to decode.
    const fn is_off(self) -> bool {
        self.depth == 0 || self.chosen == 0
    }

    /// The chosen decoders.
    fn decoders(self) -> impl Iterator<Item = &'static Decoder> {
        DECODERS.iter().enumerate().filter(move |(at, _)| self.chosen & 1 << at != 0).map(|(_, each)| each)
    }
}

/// The text of bytes that are a text in UTF-16.
pub(super) fn whole(bytes: &[u8]) -> Option<View> {
    utf16::view(bytes)
}

/// The matches that stand in a whole text, as matches in it; and all others.
pub(super) fn inside(matches: &[Match], whole: &View) -> (Vec<Match>, Vec<Match>) {
    let is_inside = |found: &Match| found.decoded.as_ref().is_some_and(|d| d.by.first() == Some(&whole.by));
    let (mut inside, outside): (Vec<Match>, Vec<Match>) = matches.iter().cloned().partition(is_inside);
    for found in &mut inside {
        if let Some(decoded) = &found.decoded {
            (found.secret, found.mask) = (decoded.inside.clone(), decoded.inside_mask.clone());
        }
    }
    (inside, outside)
}

/// Makes a span in a whole text point at the bytes that it was decoded from. Line and columns stay those of the text.
pub(super) fn place(whole: &View, span: &mut Span) {
    let offset = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    let origin = whole.origin(&(offset(span.start_byte)..offset(span.end_byte)));
    (span.start_byte, span.end_byte) = (origin.start as u64, origin.end as u64);
}

fn position(name: &str) -> Option<usize> {
    DECODERS.iter().position(|decoder| decoder.name == name)
}

#[cfg(test)]
mod tests;
