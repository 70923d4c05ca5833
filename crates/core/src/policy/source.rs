//! From an offset in a layer's text to the line that a person looks at.

use super::{Origin, PolicyError};

/// A place in a layer; nothing in it for layers that people do not see as text (environment, flags).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Place {
    pub(super) line: Option<u32>,
    column: Option<u32>,
    source_line: Option<String>,
}

impl Place {
    /// What sorts places of one layer from its top to its end.
    pub(super) fn order(&self) -> (Option<u32>, Option<u32>) {
        (self.line, self.column)
    }

    /// An error about this place.
    pub(super) fn error(&self, origin: &Origin, message: String, help: Option<String>) -> PolicyError {
        PolicyError {
            origin: origin.clone(),
            line: self.line,
            column: self.column,
            source_line: self.source_line.clone(),
            message,
            help,
        }
    }
}

/// Longer lines are not kept with every place in them: nobody could be shown one, and thousands of places would fill the
/// memory.
const LONGEST_LINE: usize = 4096;

/// A layer's text with its origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) origin: &'a Origin,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// The place of a byte offset; the end of the text for offsets beyond it.
    pub(super) fn place(&self, offset: usize) -> Place {
        if matches!(self.origin, Origin::BuiltIn | Origin::Environment(_) | Origin::Flag(_)) {
            return Place::default();
        }
        let bytes = self.text.as_bytes();
        let before = bytes.get(..offset).unwrap_or(bytes);
        let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let end = memchr::memchr(b'\n', bytes.get(start..).unwrap_or(&[])).map_or(bytes.len(), |n| start + n);
        let line = bytes.get(start..end).unwrap_or(&[]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let number = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len().saturating_sub(start) + 1;
        Place {
            line: u32::try_from(number).ok(),
            column: u32::try_from(column).ok(),
            source_line: (line.len() <= LONGEST_LINE).then(|| String::from_utf8_lossy(line).into_owned()),
        }
    }

    /// The offset at which a place's line begins: enough to put errors in order.
    pub(super) fn offset(&self, place: &Place) -> usize {
        let line = place.line.map_or(0, |line| usize::try_from(line).unwrap_or(usize::MAX));
        let lines = self.text.split_inclusive('\n').take(line.saturating_sub(1));
        lines.map(str::len).sum()
    }

    /// An error about the byte at `offset`.
    pub(super) fn error(
        &self,
        offset: usize,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) -> PolicyError {
        self.place(offset).error(self.origin, message.into(), help.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let origin = Origin::File("gatepost.toml".to_owned());
        let source = Source { origin: &origin, text: "a = 1\r\nüb = 2\n\nlast" };
        let at = |offset| {
            let place = source.place(offset);
            (place.line.unwrap(), place.column.unwrap(), place.source_line.unwrap())
        };
        assert_eq!(at(0), (1, 1, "a = 1".to_owned()));
        assert_eq!(at(4), (1, 5, "a = 1".to_owned()));
        assert_eq!(at(7), (2, 1, "üb = 2".to_owned()));
        assert_eq!(at(9), (2, 3, "üb = 2".to_owned()));
        assert_eq!(at(15), (3, 1, String::new()));
        assert_eq!(at(16), (4, 1, "last".to_owned()));
        assert_eq!(at(9999), (4, 5, "last".to_owned()));
    }

    #[test]
    fn environment_and_flags_have_no_lines() {
        let origin = Origin::Environment("GATEPOST_ENFORCE".to_owned());
        assert_eq!(Source { origin: &origin, text: "enforce = 1" }.place(3), Place::default());
    }
}
