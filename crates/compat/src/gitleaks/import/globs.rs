//! An expression over paths as globs. Only what means the same, or a little less, is written: an allow-list must not grow on
//! its way.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// The most globs that one expression may become.
const MOST: usize = 32;

/// A piece of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Start,
    End,
    /// As a glob has it, specials in brackets.
    Text(String),
    /// Anything within a folder.
    Name,
    /// Anything.
    Path,
}

/// The globs that an expression is; `None` where it is more than globs can say.
pub(super) fn globs(translated: &str) -> Option<Vec<String>> {
    let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(translated).ok()?;
    let mut all = Vec::new();
    for row in rows(&hir)? {
        for glob in glob(&row)? {
            if !all.contains(&glob) {
                all.push(glob);
            }
        }
    }
    (!all.is_empty() && all.len() <= MOST).then_some(all)
}

/// All the ways through an expression.
fn rows(hir: &Hir) -> Option<Vec<Vec<Part>>> {
    let one = |part| Some(vec![vec![part]]);
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => one(Part::Text(escaped(std::str::from_utf8(&literal.0).ok()?))),
        HirKind::Look(Look::Start) => one(Part::Start),
        HirKind::Look(Look::End) => one(Part::End),
        // A word's border: without it more would be let through.
        HirKind::Look(_) => None,
        HirKind::Capture(capture) => rows(&capture.sub),
        HirKind::Class(Class::Unicode(class)) => one(Part::Text(letters(class)?)),
        HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(rows(part)?);
            }
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let next = rows(part)?;
                if all.len() * next.len() > MOST {
                    return None;
                }
                all = all
                    .iter()
                    .flat_map(|row| next.iter().map(move |more| [row.as_slice(), more].concat()))
                    .collect();
            }
            Some(all)
        }
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (0, Some(1)) => Some([vec![Vec::new()], rows(&repetition.sub)?].concat()),
            (0 | 1, None) => match repetition.sub.kind() {
                HirKind::Class(Class::Unicode(class)) if is_all_but(class, '\n') => one(Part::Path),
                HirKind::Class(Class::Unicode(class)) if is_all_but(class, '/') => one(Part::Name),
                _ => None,
            },
            _ => None,
        },
    }
}

fn is_all_but(class: &regex_syntax::hir::ClassUnicode, c: char) -> bool {
    let mut rest = class.clone();
    rest.negate();
    rest.iter().all(|range| range.start() == c && range.end() == c)
}

/// One letter of a few, or any of a name.
fn letters(class: &regex_syntax::hir::ClassUnicode) -> Option<String> {
    if is_all_but(class, '\n') || is_all_but(class, '/') {
        return Some("?".to_owned());
    }
    let mut out = String::from("[");
    for range in class.iter() {
        // The sign of Kelvin and the long s are there by the case alone.
        if !range.start().is_ascii() {
            continue;
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        if !is_plain(range.start()) || !is_plain(range.end()) {
            return None;
        }
        out.push(range.start());
        if range.end() != range.start() {
            out.push('-');
            out.push(range.end());
        }
    }
    out.push(']');
    (out.len() > 2).then_some(out)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => {
                out.push('[');
                out.push(c);
                out.push(']');
            }
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    out
}

/// The globs of one way through.
fn glob(row: &[Part]) -> Option<Vec<String>> {
    let mut parts: Vec<Part> = Vec::new();
    let is_tied = row.first() == Some(&Part::Start);
    let ends = row.last() == Some(&Part::End);
    if !is_tied {
        parts.push(Part::Path);
    }
    let inner = row.get(usize::from(is_tied)..row.len() - usize::from(ends)).unwrap_or(&[]);
    for part in inner {
        match (parts.last_mut(), part) {
            (_, Part::Start | Part::End) => return None,
            (Some(Part::Path), Part::Path) => {}
            (Some(Part::Text(old)), Part::Text(new)) => old.push_str(new),
            _ => parts.push(part.clone()),
        }
    }
    if !ends && parts.last() != Some(&Part::Path) {
        parts.push(Part::Path);
    }
    if !parts.iter().any(|part| matches!(part, Part::Text(text) if text != "/")) {
        // It would cover everything, or every folder.
        return None;
    }
    let mut globs = vec![String::new()];
    let last = parts.len() - 1;
    for (index, part) in parts.iter().enumerate() {
        let is_last = index == last;
        let mut next = Vec::new();
        for glob in globs {
            match part {
                Part::Text(text) => next.push(format!("{glob}{text}")),
                Part::Name => next.push(format!("{glob}*")),
                Part::Path if is_last && glob.ends_with('/') => next.push(format!("{glob}**")),
                Part::Path if is_last => next.extend([format!("{glob}*"), format!("{glob}*/**")]),
                Part::Path if glob.is_empty() || glob.ends_with('/') => next.push(format!("{glob}**/*")),
                Part::Path => next.extend([format!("{glob}*"), format!("{glob}*/**/*")]),
                Part::Start | Part::End => return None,
            }
        }
        globs = next;
        if globs.len() > MOST {
            return None;
        }
    }
    let tied = |glob: String| if is_tied && !glob.starts_with('/') { format!("/{glob}") } else { glob };
    // What stands alone behind a slash is a whole name.
    Some(globs.into_iter().map(|glob| tied(glob.replace("**/*/", "**/"))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatepost_core::RepoPath;
    use gatepost_core::text::PathGlob;

    const PATHS: [&str; 16] = [
        "package-lock.json",
        "a/package-lock.json",
        "node_modules/x/y.js",
        "a/node_modules/b",
        "docs/a.md",
        "docs/b/c.md",
        "x/docs/a.md",
        "tests/unit/test_redactor.py",
        ".gitleaks.toml",
        "src/.gitleaks.toml",
        "supabase/migrations/1/2.sql",
        "go.mod",
        "a/img.JPG",
        "a.jpg",
        "vendor/x",
        "src/main.rs",
    ];

    #[test]
    fn the_globs_of_an_expression_take_what_it_takes() {
        for pattern in [
            r"(?:^|/)package-lock\.json$",
            r"node_modules",
            r"^docs/",
            r"^docs/.*\.md$",
            r"tests/unit/test_redactor\.py",
            r"\.gitleaks\.toml$",
            r"supabase/migrations/.*\.sql$",
            r"(go.mod|go.sum)$",
            r"(.*?)(jpg|gif)$",
            r"(?i)\.jpe?g$",
            r"(^|/)vendor/.*",
            r"^src/[^/]+\.rs$",
            r"(?:^|/)(?:a|b)\.jpg$",
        ] {
            let globs = globs(pattern).unwrap_or_else(|| panic!("{pattern}"));
            let regex = regex_automata::meta::Regex::new(pattern).unwrap();
            let compiled: Vec<PathGlob> = globs.iter().map(|glob| PathGlob::new(glob).unwrap()).collect();
            for path in PATHS {
                let is_there = compiled.iter().any(|glob| glob.is_match(&RepoPath::from(path)));
                assert_eq!(is_there, regex.is_match(path), "{pattern} as {globs:?} on {path}");
            }
        }
    }

    #[test]
    fn what_would_let_more_through_is_not_written() {
        for pattern in [r".*", r"/", r"\bfoo\b", r"[a-z]+\.txt$", r"a{3}", r"x[0-9]{2,}"] {
            assert_eq!(globs(pattern), None, "{pattern}");
        }
    }
}
