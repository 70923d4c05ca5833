//! Texts and conditions of `MSBuild`, as far as they can be told from the files. What hangs on the machine, the command line or
//! the SDK is `None`.

use super::framework::Framework;
use crate::lockfile::tree::{Tree, folder, join};
use std::cell::Cell;
use std::collections::HashMap;

/// The root of the tree as a folder of `MSBuild`'s; no path of a project begins so.
pub(super) const ROOT: &str = "/\u{1}/";
/// Brackets in brackets, and properties in properties: more than this nobody writes.
const DEEPEST: usize = 40;
/// Longest text, its properties written out, in bytes: they may double from one to the next.
const LONGEST: usize = 64 << 10;
/// All that properties are written out to in one project, in bytes: each of many may be as long as the longest.
const MOST_WRITTEN: usize = 16 << 20;

/// Where a text stands and what it may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'s, 't> {
    pub tree: &'s Tree<'t>,
    /// By their names in lower case; `None`: set, nobody knows to what.
    pub properties: &'s HashMap<String, Option<String>>,
    /// The file that the text stands in, and the project.
    pub file: &'s str,
    pub project: &'s str,
    /// A property that is nothing where no file sets it: the one that is being set.
    pub own: Option<&'s str>,
    /// What properties were written out to so far, in bytes.
    pub written: &'s Cell<usize>,
}

impl Scope<'_, '_> {
    /// A text with its properties written out.
    pub(super) fn expand(&self, text: &str) -> Option<String> {
        self.expand_within(text, DEEPEST)
    }

    fn expand_within(&self, text: &str, depth: usize) -> Option<String> {
        if text.contains("@(") || text.contains("%(") {
            return None;
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("$(") {
            out.push_str(before);
            let end = closing(after)?;
            let (inner, tail) = after.split_at_checked(end)?;
            let value = self.property(inner.trim(), depth.checked_sub(1)?)?;
            out.push_str(&value);
            rest = tail.strip_prefix(')')?;
            self.written.set(self.written.get().saturating_add(value.len()));
            if out.len() > LONGEST || self.written.get() > MOST_WRITTEN {
                return None;
            }
        }
        out.push_str(rest);
        Some(out)
    }

    fn property(&self, inner: &str, depth: usize) -> Option<String> {
        if inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return self.named(inner);
        }
        let (call, arguments) = inner.strip_suffix(')')?.split_once('(')?;
        let arguments: Vec<String> = arguments
            .split(',')
            .map(|argument| self.expand_within(argument.trim().trim_matches(['\'', '"']), depth))
            .collect::<Option<_>>()?;
        let first = arguments.first()?;
        if let Some(function) = call.strip_prefix("[MSBuild]::") {
            return match function.to_ascii_lowercase().as_str() {
                "getpathoffileabove" => {
                    let from = arguments.get(1).cloned().unwrap_or_else(|| folder_of(self.file));
                    self.above(first, &from).map(|found| format!("{ROOT}{found}"))
                }
                "getdirectorynameoffileabove" => {
                    self.above(arguments.get(1)?, first).map(|found| folder_of(&found))
                }
                "gettargetframeworkidentifier" => Some(Framework::parse(first)?.family.to_owned()),
                "gettargetplatformidentifier" => Some(Framework::parse(first)?.platform.unwrap_or_default()),
                _ => None,
            };
        }
        let (name, method) = call.rsplit_once('.')?;
        let value = self.named(name)?;
        let is = match method.to_ascii_lowercase().as_str() {
            "startswith" => value.starts_with(first.as_str()),
            "endswith" => value.ends_with(first.as_str()),
            "contains" => value.contains(first.as_str()),
            _ => return None,
        };
        Some(if is { "True" } else { "False" }.to_owned())
    }

    fn named(&self, name: &str) -> Option<String> {
        let name = name.to_ascii_lowercase();
        let stem = |path: &str| {
            let name = crate::lockfile::tree::file_name(path).to_owned();
            name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
        };
        match name.as_str() {
            "msbuildthisfiledirectory" => return Some(folder_of(self.file)),
            "msbuildprojectdirectory" => {
                return Some(folder_of(self.project).trim_end_matches('/').to_owned());
            }
            "msbuildthisfilename" => return Some(stem(self.file)),
            "msbuildprojectname" => return Some(stem(self.project)),
            _ => {}
        }
        match self.properties.get(&name) {
            Some(value) => value.clone(),
            None => (self.own.is_some_and(|own| own.eq_ignore_ascii_case(&name))).then(String::new),
        }
    }

    /// The path in the tree that a text names, seen from the file that it stands in.
    pub(super) fn path(&self, text: &str) -> Option<String> {
        let text = self.expand(text)?.replace('\\', "/");
        match text.strip_prefix(ROOT) {
            Some(inner) => join("", inner),
            None => join(folder(self.file), &text),
        }
    }

    /// Whether something is there. What is written without a folder is looked for beside the project or beside the file,
    /// by what kind of element it stands in.
    fn exists(&self, text: &str) -> Option<bool> {
        let text = self.expand(text)?.replace('\\', "/");
        let is_there = |path: String| {
            let is_known = !self.tree.is_linked(&path);
            is_known.then(|| self.tree.has(&path) || !self.tree.under(&path).is_empty())
        };
        if let Some(inner) = text.strip_prefix(ROOT) {
            return is_there(join("", inner)?);
        }
        let of_file = is_there(join(folder(self.file), &text)?)?;
        (is_there(join(folder(self.project), &text)?)? == of_file).then_some(of_file)
    }

    fn above(&self, name: &str, from: &str) -> Option<String> {
        let from = from.replace('\\', "/");
        let from = join("", from.strip_prefix(ROOT)?)?;
        nearest(self.tree, &from, name)
    }

    /// Whether a condition is met.
    pub(super) fn is_met(&self, condition: &str) -> Option<bool> {
        let mut parser = Parser { scope: self, rest: condition };
        let value = parser.either(DEEPEST)?;
        parser.rest.trim().is_empty().then_some(value).flatten()
    }
}

/// A file of that name in a folder or the nearest one above it; `None`: there is none, or a link may lead to it.
pub(super) fn nearest(tree: &Tree<'_>, from: &str, name: &str) -> Option<String> {
    let mut at = from;
    loop {
        let path = join(at, name)?;
        if tree.has(&path) {
            return Some(path);
        }
        if at.is_empty() || tree.is_linked(&path) {
            return None;
        }
        at = folder(at);
    }
}

fn folder_of(path: &str) -> String {
    match folder(path) {
        "" => ROOT.to_owned(),
        folder => format!("{ROOT}{folder}/"),
    }
}

/// Where the bracket ends that is open at the beginning of a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The outer `None` of its answers: it is no condition that can be read. The inner one: nobody can tell.
struct Parser<'p, 's, 't> {
    scope: &'p Scope<'s, 't>,
    rest: &'p str,
}

impl<'p> Parser<'p, '_, '_> {
    fn takes(&mut self, sign: &str) -> bool {
        let rest = self.rest.trim_start();
        let head = rest.get(..sign.len()).filter(|head| head.eq_ignore_ascii_case(sign));
        let tail = head.and_then(|_| rest.get(sign.len()..));
        let is_word = sign.bytes().all(|byte| byte.is_ascii_alphabetic());
        let ends =
            |tail: &str| !is_word || !tail.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        match tail.filter(|tail| ends(tail)) {
            Some(tail) => {
                self.rest = tail;
                true
            }
            None => false,
        }
    }

    fn either(&mut self, depth: usize) -> Option<Option<bool>> {
        let mut value = self.both(depth)?;
        while self.takes("or") {
            let other = self.both(depth)?;
            value = match (value, other) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        Some(value)
    }

    fn both(&mut self, depth: usize) -> Option<Option<bool>> {
        let mut value = self.one(depth)?;
        while self.takes("and") {
            let other = self.one(depth)?;
            value = match (value, other) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        Some(value)
    }

    fn one(&mut self, depth: usize) -> Option<Option<bool>> {
        let depth = depth.checked_sub(1)?;
        if !self.rest.trim_start().starts_with("!=") && self.takes("!") {
            return Some(self.one(depth)?.map(|value| !value));
        }
        if self.takes("(") {
            let value = self.either(depth)?;
            return self.takes(")").then_some(value);
        }
        if self.takes("exists") {
            if !self.takes("(") {
                return None;
            }
            let text = self.operand()?;
            return self.takes(")").then(|| self.scope.exists(text));
        }
        let left = self.operand()?;
        let left = self.scope.expand(left);
        for (sign, is_equal) in [("==", true), ("!=", false)] {
            if self.takes(sign) {
                let right = self.operand()?;
                let right = self.scope.expand(right);
                return Some(left.zip(right).map(|(left, right)| is_same(&left, &right) == is_equal));
            }
        }
        for sign in ["<=", ">=", "<", ">"] {
            if self.takes(sign) {
                self.operand()?;
                return Some(None);
            }
        }
        Some(left.and_then(|left| match left.trim().to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" => Some(true),
            "false" | "off" | "no" => Some(false),
            _ => None,
        }))
    }

    /// A text in quotes, a property, a word.
    fn operand(&mut self) -> Option<&'p str> {
        let rest = self.rest.trim_start();
        let end = if rest.starts_with('\'') {
            let mut depth = 0_usize;
            let mut bytes = rest.bytes().enumerate().skip(1);
            let quote = bytes.find(|(_, byte)| match byte {
                b'(' => {
                    depth += 1;
                    false
                }
                b')' => {
                    depth = depth.saturating_sub(1);
                    false
                }
                byte => *byte == b'\'' && depth == 0,
            })?;
            let text = rest.get(1..quote.0)?;
            self.rest = rest.get(quote.0 + 1..)?;
            return Some(text);
        } else if let Some(inner) = rest.strip_prefix("$(") {
            closing(inner)? + 3
        } else {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))).unwrap_or(rest.len())
        };
        let (text, tail) = rest.split_at_checked(end)?;
        self.rest = tail;
        (!text.is_empty()).then_some(text)
    }
}

fn is_same(left: &str, right: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    left.eq_ignore_ascii_case(right)
        || number(left).zip(number(right)).is_some_and(|(left, right)| left.total_cmp(&right).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn met(condition: &str) -> Option<bool> {
        let read = |_: &str, _: u64| Ok(Some(Vec::new()));
        let tree = Tree::new(vec!["src/a/a.csproj", "Directory.Build.props", "src/x.props"], &read);
        let known = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        let properties = HashMap::from([
            known("targetframework", Some("net8.0")),
            known("empty", Some("")),
            known("open", None),
        ]);
        let scope = Scope {
            tree: &tree,
            properties: &properties,
            file: "src/a/a.csproj",
            project: "src/a/a.csproj",
            own: Some("Own"),
            written: &Cell::new(0),
        };
        scope.is_met(condition)
    }

    #[test]
    fn conditions_are_met_not_met_or_open() {
        for condition in [
            "'$(TargetFramework)' == 'net8.0'",
            " '$(TargetFramework)'=='NET8.0' ",
            "$(TargetFramework) != net9.0",
            "'$(Own)' == ''",
            "'$(Open)' == 'x' Or '$(Empty)' == ''",
            "!('$(TargetFramework)' == 'net9.0') and true",
            "$(TargetFramework.StartsWith('net8'))",
            "'$([MSBuild]::GetTargetFrameworkIdentifier('$(TargetFramework)'))' == '.NETCoreApp'",
            "Exists('..\\x.props')",
            "'$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '$(MSBuildThisFileDirectory)../'))' != ''",
            "'$(MSBuildProjectName)' == 'a'",
        ] {
            assert_eq!(met(condition), Some(true), "{condition}");
        }
        for condition in
            ["'$(Open)' == 'x' and false", "'$(TargetFramework)' == ''", "exists('y.props')", "!true"]
        {
            assert_eq!(met(condition), Some(false), "{condition}");
        }
        for condition in [
            "'$(CI)' == 'true'",
            "$(Open)",
            "'$(Open)' == 'x' or false",
            "'a' < 'b'",
            "'a' ==",
            "(true",
            "true x",
            "$([X]::Y())",
            "'@(Z)' == ''",
        ] {
            assert_eq!(met(condition), None, "{condition}");
        }
        assert_eq!(met(&"(".repeat(100_000)), None);
        assert_eq!(met(&"!".repeat(100_000)), None);
    }

    proptest! {
        #[test]
        fn any_condition_has_an_answer(text in "[$()'! =a-dorn.<>\\[\\]:,é]{0,40}", other in "\\PC{0,40}") {
            let _ = (met(&text), met(&other));
        }
    }
}
