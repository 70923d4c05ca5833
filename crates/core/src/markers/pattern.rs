//! Patterns of the tables, compiled when a file of their language first comes: a commit of two Python files does not pay
//! for those of thirty other languages.

use regex::bytes::Regex;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

type Compiled = HashMap<&'static str, Option<Arc<Regex>>>;

static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);

/// The regular expression of a table's text; `^` and `$` are those of a line. `None` for one that does not compile,
/// which a test rules out.
pub(super) fn compiled(text: &'static str) -> Option<Arc<Regex>> {
    // A thread that failed has left nothing half done in the map.
    let mut known = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let new = || regex::bytes::RegexBuilder::new(text).multi_line(true).build().ok().map(Arc::new);
    known.entry(text).or_insert_with(new).clone()
}
