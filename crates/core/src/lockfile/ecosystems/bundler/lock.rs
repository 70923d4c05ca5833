//! The text of a `Gemfile.lock`, and the versions and requirements of RubyGems.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

/// What stands in a lock.
#[derive(Debug, Default)]
pub(super) struct Lock<'a> {
    pub(super) sources: Vec<LockSource<'a>>,
    pub(super) dependencies: Vec<Dependency<'a>>,
    pub(super) checksums: HashMap<&'a str, (&'a str, Range<usize>)>,
    pub(super) has_checksums: bool,
    pub(super) ruby: Option<(&'a str, Range<usize>)>,
    pub(super) bundled_with: Option<(&'a str, Range<usize>)>,
    pub(super) unknown: Vec<(&'a str, Range<usize>)>,
}

#[derive(Debug)]
pub(super) struct LockSource<'a> {
    /// `GEM`, `GIT`, `PATH`, `PLUGIN SOURCE`.
    pub(super) kind: &'a str,
    pub(super) options: Vec<(&'a str, &'a str)>,
    pub(super) specs: Vec<Spec<'a>>,
    pub(super) span: Range<usize>,
}

#[derive(Debug)]
pub(super) struct Spec<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) platform: Option<&'a str>,
    pub(super) needs: Vec<Dependency<'a>>,
    pub(super) span: Range<usize>,
}

#[derive(Debug)]
pub(super) struct Dependency<'a> {
    pub(super) name: &'a str,
    pub(super) requirement: &'a str,
    pub(super) is_pinned: bool,
    pub(super) span: Range<usize>,
}

impl<'a> LockSource<'a> {
    pub(super) fn option(&self, key: &str) -> Option<&'a str> {
        self.options.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    pub(super) fn remotes(&self) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(|(key, _)| *key == "remote").map(|(_, value)| *value)
    }
}

/// Reads a lock. Bundler passes over lines that it does not know, and so does this.
pub(super) fn read(text: &str) -> Lock<'_> {
    let mut lock = Lock::default();
    let mut section = "";
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end();
        let span = start..start + line.len();
        start += whole.len();
        if line.is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            section = line;
            match line {
                "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE" => {
                    lock.sources.push(LockSource {
                        kind: line,
                        options: Vec::new(),
                        specs: Vec::new(),
                        span,
                    });
                }
                "CHECKSUMS" => lock.has_checksums = true,
                "DEPENDENCIES" | "PLATFORMS" | "RUBY VERSION" | "BUNDLED WITH" => {}
                _ => lock.unknown.push((line, span)),
            }
            continue;
        }
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let span = span.start + indent..span.end;
        match section {
            "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE" => {
                if let Some(source) = lock.sources.last_mut() {
                    source_line(source, indent, content, span);
                }
            }
            "DEPENDENCIES" if indent == 2 => lock.dependencies.push(dependency(content, span)),
            "CHECKSUMS" if indent == 2 => {
                let (spec, sum) = content.split_once(") ").map_or((content, ""), |(spec, sum)| (spec, sum));
                lock.checksums.insert(spec.trim_end_matches(')'), (sum, span));
            }
            "RUBY VERSION" => lock.ruby = Some((content, span)),
            "BUNDLED WITH" => lock.bundled_with = Some((content, span)),
            _ => {}
        }
    }
    lock
}

fn source_line<'a>(source: &mut LockSource<'a>, indent: usize, content: &'a str, span: Range<usize>) {
    match indent {
        2 => {
            if let Some((key, value)) = content.split_once(": ") {
                source.options.push((key, value));
            }
        }
        4 => {
            let Dependency { name, requirement: version, .. } = dependency(content, span.clone());
            let (version, platform) = version.split_once('-').map_or((version, None), |(v, p)| (v, Some(p)));
            source.specs.push(Spec { name, version, platform, needs: Vec::new(), span });
        }
        6 => {
            if let Some(spec) = source.specs.last_mut() {
                spec.needs.push(dependency(content, span));
            }
        }
        _ => {}
    }
}

fn dependency(content: &str, span: Range<usize>) -> Dependency<'_> {
    let (content, is_pinned) = content.strip_suffix('!').map_or((content, false), |content| (content, true));
    let (name, requirement) = content.split_once(" (").unwrap_or((content, ""));
    Dependency { name, requirement: requirement.trim_end_matches(')'), is_pinned, span }
}

/// What a requirement says: signs and versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Requirement(Vec<(&'static str, String)>);

const SIGNS: [&str; 7] = ["~>", ">=", "<=", "!=", ">", "<", "="];

impl Requirement {
    /// Of the parts that commas hold together; `None`: one is none. No parts: any version.
    pub(super) fn new<'p>(parts: impl IntoIterator<Item = &'p str>) -> Option<Self> {
        let mut found = Vec::new();
        for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
            let sign = SIGNS.iter().find(|sign| part.starts_with(**sign));
            let version = sign.map_or(part, |sign| part.trim_start_matches(sign)).trim();
            if !is_version(version) {
                return None;
            }
            found.push((*sign.unwrap_or(&"="), version.to_owned()));
        }
        if found.is_empty() {
            found.push((">=", "0".to_owned()));
        }
        found.sort();
        found.dedup();
        Some(Self(found))
    }

    pub(super) fn of_lock(text: &str) -> Option<Self> {
        Self::new(text.split(','))
    }

    pub(super) fn parts(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// Whether Bundler takes the two for one: of `~>` the number of digits counts, of the rest the version.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let key = |(sign, version): &(&'static str, String)| {
            let version =
                if *sign == "~>" { version.clone() } else { format!("{:?}", segments(version, true)) };
            (*sign, version)
        };
        let sorted = |of: &Self| {
            let mut keys: Vec<_> = of.0.iter().map(key).collect();
            keys.sort();
            keys
        };
        sorted(self) == sorted(other)
    }

    pub(super) fn allows(&self, version: &str) -> bool {
        self.0.iter().all(|(sign, asked)| {
            let order = compare(version, asked);
            match *sign {
                "=" => order.is_eq(),
                "!=" => order.is_ne(),
                ">" => order.is_gt(),
                "<" => order.is_lt(),
                ">=" => order.is_ge(),
                "<=" => order.is_le(),
                _ => order.is_ge() && compare(&release(version), &bump(asked)).is_lt(),
            }
        })
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (sign, version)) in self.0.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{sign} {version}")?;
        }
        Ok(())
    }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Segment {
    Text(String),
    Number(String),
}

/// The numbers and words of a version, without the zeros at the end where they do not count.
fn segments(version: &str, is_canonical: bool) -> Vec<Segment> {
    let version = version.replace('-', ".pre.");
    let mut found: Vec<Segment> = Vec::new();
    for part in version.split('.') {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let is_digit = first.is_ascii_digit();
            let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() == is_digit).count().max(1);
            let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            found.push(if is_digit {
                Segment::Number(token.trim_start_matches('0').to_owned())
            } else {
                Segment::Text(token.to_owned())
            });
            rest = after;
        }
    }
    if is_canonical {
        let is_zero = |segment: &Segment| *segment == Segment::Number(String::new());
        let text =
            found.iter().position(|segment| matches!(segment, Segment::Text(_))).unwrap_or(found.len());
        let mut words = found.split_off(text);
        for part in [&mut found, &mut words] {
            while part.last().is_some_and(is_zero) {
                part.pop();
            }
        }
        found.append(&mut words);
    }
    found
}

fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (segments(one, true), segments(two, true));
    let zero = Segment::Number(String::new());
    for at in 0..one.len().max(two.len()) {
        let order = match (one.get(at).unwrap_or(&zero), two.get(at).unwrap_or(&zero)) {
            (Segment::Number(one), Segment::Number(two)) => {
                one.len().cmp(&two.len()).then_with(|| one.cmp(two))
            }
            (Segment::Text(one), Segment::Text(two)) => one.cmp(two),
            (Segment::Text(_), Segment::Number(_)) => Ordering::Less,
            (Segment::Number(_), Segment::Text(_)) => Ordering::Greater,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn numbers(version: &str) -> Vec<String> {
    let found = segments(version, false).into_iter().map_while(|segment| match segment {
        Segment::Number(number) => Some(if number.is_empty() { "0".to_owned() } else { number }),
        Segment::Text(_) => None,
    });
    found.collect()
}

fn release(version: &str) -> String {
    let is_prerelease = segments(version, false).iter().any(|segment| matches!(segment, Segment::Text(_)));
    if is_prerelease { numbers(version).join(".") } else { version.to_owned() }
}

/// Where `~>` ends.
fn bump(version: &str) -> String {
    let mut found = numbers(version);
    if found.len() > 1 {
        found.pop();
    }
    if let Some(last) = found.last_mut() {
        *last =
            last.parse::<u64>().map_or_else(|_| last.clone(), |number| number.saturating_add(1).to_string());
    }
    found.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_those_of_rubygems() {
        let rows: [(&[&str], &[&str], &[&str]); 6] = [
            (&["~> 1.2"], &["1.2", "1.9.9"], &["2.0", "1.1", "2.0.pre"]),
            (&["~> 1.2.3"], &["1.2.3", "1.2.99"], &["1.3"]),
            (&["~> 1"], &["1.0", "1.9"], &["2"]),
            (&[">= 1", "< 3"], &["1.0.0", "2.9", "3.0.0.rc1"], &["3"]),
            (&["1.0"], &["1", "1.0.0"], &["1.0.1"]),
            (&["!= 1.5"], &["1.4"], &["1.5.0"]),
        ];
        for (parts, allowed, forbidden) in rows {
            let requirement = Requirement::new(parts.iter().copied()).unwrap();
            for version in allowed {
                assert!(requirement.allows(version), "{requirement} allows {version}");
            }
            for version in forbidden {
                assert!(!requirement.allows(version), "{requirement} forbids {version}");
            }
        }
        let same = |one: &str, two: &str| {
            Requirement::of_lock(one).unwrap().is_same(&Requirement::of_lock(two).unwrap())
        };
        assert!(same(">= 1.0, < 3", "< 3,>= 1"));
        assert!(!same("~> 1.0", "~> 1.0.0"));
        assert!(Requirement::new(["foo"]).is_none());
    }
}
