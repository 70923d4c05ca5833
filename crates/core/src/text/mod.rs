//! What every subject needs of text: globs, lines and columns, and showing untrusted bytes.

mod glob;

pub use glob::PathGlob;
