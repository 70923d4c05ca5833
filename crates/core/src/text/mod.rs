//! What every subject needs of text: globs, templates and versions, lines and columns, sizes, the word that was meant, YAML,
//! CODEOWNERS, and showing untrusted bytes.

mod codeowners;
mod commit_type;
mod display;
mod excerpt;
mod glob;
mod lines;
mod nearest;
mod shell;
mod size;
mod template;
mod version;
mod yaml;

pub use codeowners::{Codeowners, OwnersDialect, OwnersFault};
pub use commit_type::{CommitType, commit_type};
pub use display::{display, escape, is_unsafe, without_commands};
pub use excerpt::{excerpt, merge};
pub use glob::PathGlob;
pub use lines::LineIndex;
pub use nearest::nearest;
pub use shell::shell_word;
pub use size::Size;
pub use template::Template;
pub use version::{Tagged, Version};
pub use yaml::{Yaml, YamlError, YamlNode};
