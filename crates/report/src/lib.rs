//! How findings leave: one file per format behind one small trait, and a registry.

use gatepost_core::Report;
use std::io;

/// What a reporter may be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Colour, for formats that know it.
    pub color: bool,
    /// Show secrets instead of masking them.
    pub show_secrets: bool,
    /// Only findings and the summary's one line (1), or nothing when clean (2).
    pub quiet: u8,
    /// More: notes in full, skips by reason.
    pub verbose: u8,
    /// Width of the terminal in columns; `None`: not a terminal, nothing is shortened to fit.
    pub width: Option<u16>,
}

/// Writes a report in one format.
pub trait Reporter: Sync {
    /// The format's name, as `-f` takes it.
    fn name(&self) -> &'static str;

    /// What it is for, in a few words.
    fn summary(&self) -> &'static str;

    /// Writes the report.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written.
    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Every format there is.
pub static FORMATS: &[&dyn Reporter] = &[];
