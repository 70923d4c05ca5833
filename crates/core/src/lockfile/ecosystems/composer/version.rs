//! Versions and constraints as Composer understands them (composer/semver): normal forms of four numbers and a stability,
//! branches, aliases, and PHP's `version_compare`.

use std::cmp::Ordering;

/// What of a version matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Constraint {
    /// Everything.
    Any,
    /// One comparison with a version in normal form.
    One(Op, String),
    /// All of them.
    All(Vec<Constraint>),
    /// One of them at least.
    Either(Vec<Constraint>),
}

/// How a version is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    NotEqual,
}

const STABILITIES: [&str; 5] = ["stable", "RC", "beta", "alpha", "dev"];

/// What stands behind the numbers of a version.
#[derive(Clone, Copy, Default)]
struct Modifier<'a> {
    stability: Option<&'a str>,
    number: &'a str,
    is_dev: bool,
}

/// Reads `-beta.2-dev` and the like; the whole text has to be one.
fn modifier(text: &str) -> Option<Modifier<'_>> {
    let bytes = text.as_bytes();
    let is = |at: usize, set: &[u8]| bytes.get(at).is_some_and(|byte| set.contains(byte));
    let starts: &[usize] = if is(0, b"._-") { &[1, 0] } else { &[0] };
    for start in starts {
        let rest = text.get(*start..)?;
        let found = ["stable", "beta", "b", "rc", "alpha", "a", "patch", "pl", "p"];
        let named = found.iter().filter_map(|name| {
            let head = rest.get(..name.len())?;
            head.eq_ignore_ascii_case(name).then_some(head)
        });
        for name in named.map(Some).chain([None]) {
            let mut at = start + name.map_or(0, str::len);
            let numbers = at;
            if name.is_some() {
                loop {
                    let digits = at + usize::from(is(at, b".-"));
                    let end = digits + bytes.iter().skip(digits).take_while(|b| b.is_ascii_digit()).count();
                    if end == digits {
                        break;
                    }
                    at = end;
                }
            }
            let number = text.get(numbers..at)?;
            let rest = text.get(at..)?;
            let rest = if is(at, b".-") { text.get(at + 1..)? } else { rest };
            let is_dev = rest.eq_ignore_ascii_case("dev");
            if is_dev || at == text.len() {
                return Some(Modifier { stability: name, number, is_dev });
            }
        }
    }
    None
}

impl Modifier<'_> {
    fn append(&self, version: &mut String) {
        if let Some(name) = self.stability {
            if name == "stable" {
                return;
            }
            let lower = name.to_ascii_lowercase();
            version.push('-');
            version.push_str(match lower.as_str() {
                "a" => "alpha",
                "b" => "beta",
                "p" | "pl" => "patch",
                "rc" => "RC",
                other => other,
            });
            version.push_str(self.number.trim_start_matches(['.', '-']));
        }
        if self.is_dev {
            version.push_str("-dev");
        }
    }
}

/// Up to `most` numbers parted by points, and the rest.
fn numbers(text: &str, most: usize) -> (Vec<&str>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    while found.len() < most {
        let part = if found.is_empty() { Some(rest) } else { rest.strip_prefix('.') };
        let Some(part) = part else { break };
        let end = part.bytes().take_while(u8::is_ascii_digit).count();
        let (Some(digits), Some(after)) = (part.get(..end), part.get(end..)) else { break };
        if digits.is_empty() {
            break;
        }
        found.push(digits);
        rest = after;
    }
    (found, rest)
}

fn without_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}

/// What stands before ` as `: an alias is the affair of whoever asks.
fn without_alias(text: &str) -> &str {
    let is_word = |word: &str| !word.is_empty() && !word.contains([',', ' ', '\t']);
    match text.split_once(" as ") {
        Some((version, alias)) if is_word(version.trim_end()) && is_word(alias.trim_start()) => {
            version.trim_end()
        }
        _ => text,
    }
}

/// What stands before `@beta`, and that.
fn without_stability(text: &str) -> (&str, Option<&'static str>) {
    let Some((version, flag)) = text.rsplit_once('@') else { return (text, None) };
    let flag = STABILITIES.iter().find(|known| known.eq_ignore_ascii_case(flag));
    flag.map_or((text, None), |flag| (version, Some(*flag)))
}

/// The normal form of a version; `None`: it is none.
pub(super) fn normalize(version: &str) -> Option<String> {
    let (version, _) = without_stability(without_alias(version.trim()));
    if matches!(version, "master" | "trunk" | "default") {
        return Some(format!("dev-{version}"));
    }
    if version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("dev-")) {
        return Some(format!("dev-{}", version.get(4..)?));
    }
    let version = match version.split_once('+') {
        Some((version, build)) if !version.is_empty() && is_build(build) => version,
        _ => version,
    };
    if let Some(normal) = classical(without_v(version)).or_else(|| dated(without_v(version))) {
        return Some(normal);
    }
    let lower = version.to_ascii_lowercase();
    let branch = version.get(..lower.strip_suffix("dev")?.len())?;
    let branch = branch.strip_suffix(['.', '-']).unwrap_or(branch);
    let normal = normalize_branch(branch);
    (!normal.starts_with("dev-")).then_some(normal)
}

fn is_build(build: &str) -> bool {
    !build.is_empty() && !build.contains(char::is_whitespace)
}

fn classical(version: &str) -> Option<String> {
    let (found, rest) = numbers(version, 4);
    if found.is_empty() || found.first()?.len() > 5 {
        return None;
    }
    let modifier = modifier(rest)?;
    let parts = (0..4).map(|at| found.get(at).copied().unwrap_or("0"));
    let mut normal = parts.collect::<Vec<_>>().join(".");
    modifier.append(&mut normal);
    Some(normal)
}

/// Versions made of a date: `2010-01-02`, `20100102-203040`.
fn dated(version: &str) -> Option<String> {
    let bytes = version.as_bytes();
    let digits = |at: usize| bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
    let mark = |at: usize| at + usize::from(bytes.get(at).is_some_and(|byte| b".:-".contains(byte)));
    if digits(0) < 4 {
        return None;
    }
    let mut ends = vec![];
    let mut at = 4;
    while ends.len() < 6 && digits(mark(at)) >= 2 {
        at = mark(at) + 2;
        ends.push(at);
    }
    for end in ends.into_iter().rev() {
        let tail = mark(end);
        let lengths = (1..=digits(tail).min(3)).rev().map(|length| tail + length).chain([end]);
        for end in lengths {
            let (Some(date), Some(rest)) = (version.get(..end), version.get(end..)) else { continue };
            if let Some(modifier) = modifier(rest) {
                let mut normal: String =
                    date.chars().map(|c| if c.is_ascii_digit() { c } else { '.' }).collect();
                modifier.append(&mut normal);
                return Some(normal);
            }
        }
    }
    None
}

/// The normal form of a branch's name: that of `2.x` is `2.9999999.9999999.9999999-dev`.
pub(super) fn normalize_branch(name: &str) -> String {
    let parts: Vec<&str> = without_v(name.trim()).split('.').collect();
    let is_wild = |part: &&str| matches!(*part, "x" | "X" | "*");
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_numeric = parts.len() <= 4
        && parts.first().is_some_and(is_number)
        && parts.iter().skip(1).all(|part| is_number(part) || is_wild(part));
    if !is_numeric {
        return format!("dev-{}", name.trim());
    }
    let part = |at: usize| parts.get(at).filter(|part| !is_wild(part)).copied().unwrap_or("9999999");
    format!("{}.{}.{}.{}-dev", part(0), part(1), part(2), part(3))
}

/// How far from stable a version in normal form is: 0 stable, 5 RC, 10 beta, 15 alpha, 20 dev.
pub(super) fn stability(version: &str) -> u32 {
    let version = version.split('#').next().unwrap_or_default();
    if version.starts_with("dev-") || version.ends_with("-dev") {
        return 20;
    }
    let lower = version.to_ascii_lowercase();
    let named = |names: &[&str]| names.iter().any(|name| lower.contains(&format!("-{name}")));
    match () {
        () if named(&["alpha"]) => 15,
        () if named(&["beta"]) => 10,
        () if named(&["rc"]) => 5,
        () => 0,
    }
}

/// Reads a constraint; `None`: it is none.
pub(super) fn constraint(text: &str) -> Option<Constraint> {
    let mut groups = Vec::new();
    for group in text.trim().split('|').map(str::trim) {
        // Of `||` the part between is empty.
        if group.is_empty() && text.contains("||") {
            continue;
        }
        let mut all = Vec::new();
        for part in conjuncts(group) {
            all.extend(single(part)?);
        }
        groups.push(if all.len() == 1 { all.pop()? } else { Constraint::All(all) });
    }
    match groups.len() {
        0 => None,
        1 => groups.pop(),
        _ => Some(Constraint::Either(groups)),
    }
}

/// The parts that commas and spaces hold together: neither an operator and its version, nor `1.0 - 2.0`, nor `x as y`.
fn conjuncts(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes.iter().skip(at).take_while(|byte| matches!(byte, b' ' | b',')).count();
        if run == 0 {
            at += 1;
            continue;
        }
        let (before, after) =
            (text.get(start..at).unwrap_or_default(), text.get(at + run..).unwrap_or_default());
        let is_bound = before.is_empty()
            || after.is_empty()
            || before.ends_with(['=', '<', '>', '-'])
            || before.ends_with("as")
            || after.starts_with('-')
            || after.starts_with("as");
        if !is_bound {
            parts.push(before);
            start = at + run;
        }
        at += run;
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Numbers with whatever stands behind them, as tilde, caret and hyphen take them.
struct Partial<'a> {
    numbers: Vec<&'a str>,
    has_suffix: bool,
    is_branch: bool,
}

fn partial(text: &str) -> Option<Partial<'_>> {
    let text = without_v(text);
    let text = match text.split_once('+') {
        Some((version, build)) if is_build(build) => version,
        _ => text,
    };
    let (numbers, rest) = numbers(text, 4);
    if numbers.is_empty() {
        return None;
    }
    let branch = rest.strip_prefix('.').and_then(|rest| rest.strip_prefix(['x', 'X', '*']));
    let branch = branch.map(|rest| rest.strip_prefix(['.', '-']).unwrap_or(rest));
    if branch.is_some_and(|rest| rest.eq_ignore_ascii_case("dev")) {
        return Some(Partial { numbers, has_suffix: true, is_branch: true });
    }
    let modifier = modifier(rest)?;
    let has_suffix = modifier.stability.is_some() || modifier.is_dev;
    Some(Partial { numbers, has_suffix, is_branch: false })
}

/// The numbers up to a position, that one raised, the rest zero.
fn raised(numbers: &[&str], position: usize, by: u64) -> Option<String> {
    let mut parts = Vec::with_capacity(4);
    for at in 1..=4 {
        let part = match at.cmp(&position) {
            Ordering::Less => (*numbers.get(at - 1)?).to_owned(),
            Ordering::Equal if by == 0 => (*numbers.get(at - 1)?).to_owned(),
            Ordering::Equal => {
                let number: u64 = numbers.get(at - 1)?.parse().ok()?;
                number.checked_add(by)?.to_string()
            }
            Ordering::Greater => "0".to_owned(),
        };
        parts.push(part);
    }
    Some(parts.join("."))
}

fn between(low: String, high: &str) -> Vec<Constraint> {
    vec![Constraint::One(Op::GreaterOrEqual, low), Constraint::One(Op::Less, format!("{high}-dev"))]
}

fn single(text: &str) -> Option<Vec<Constraint>> {
    let text = without_alias(text.trim());
    let (text, flag) = match without_stability(text) {
        ("", flag @ Some(_)) => ("*", flag),
        (rest, flag) if !rest.contains([',', ' ']) => (rest, flag),
        _ => (text, None),
    };
    let text = match text.split_once('#') {
        Some((branch, _))
            if branch.starts_with("dev-") || branch.to_ascii_lowercase().ends_with(".x-dev") =>
        {
            branch
        }
        _ => text,
    };
    if is_wild(without_v(text)) {
        let is_all = text.len() == 1;
        let least = Constraint::One(Op::GreaterOrEqual, "0.0.0.0-dev".to_owned());
        return Some(vec![if is_all { Constraint::Any } else { least }]);
    }
    if let Some(rest) = text.strip_prefix('~') {
        return tilde(rest);
    }
    if let Some(rest) = text.strip_prefix('^') {
        return caret(rest);
    }
    wildcard(text).or_else(|| hyphen(text)).or_else(|| comparison(text, flag))
}

fn is_wild(text: &str) -> bool {
    text.split('.').all(|part| matches!(part, "x" | "X" | "*"))
}

fn low(rest: &str, partial: &Partial<'_>) -> Option<String> {
    let suffix = if partial.has_suffix { "" } else { "-dev" };
    normalize(&format!("{rest}{suffix}"))
}

fn tilde(rest: &str) -> Option<Vec<Constraint>> {
    let partial = partial(rest)?;
    let position = partial.numbers.len() + usize::from(partial.is_branch);
    let high = raised(&partial.numbers, position.saturating_sub(1).max(1), 1)?;
    Some(between(low(rest, &partial)?, &high))
}

fn caret(rest: &str) -> Option<Vec<Constraint>> {
    let partial = partial(rest)?;
    let position = match partial.numbers.as_slice() {
        ["0", "0", _, ..] => 3,
        ["0", _, ..] => 2,
        _ => 1,
    };
    let high = raised(&partial.numbers, position, 1)?;
    Some(between(low(rest, &partial)?, &high))
}

/// `1.2.*`.
fn wildcard(text: &str) -> Option<Vec<Constraint>> {
    let (found, rest) = numbers(without_v(text), 3);
    let rest = rest.strip_prefix('.')?;
    if found.is_empty() || !is_wild(rest) {
        return None;
    }
    let (low, high) = (raised(&found, found.len(), 0)?, raised(&found, found.len(), 1)?);
    if low == "0.0.0.0" {
        return Some(vec![Constraint::One(Op::Less, format!("{high}-dev"))]);
    }
    Some(between(format!("{low}-dev"), &high))
}

/// `1.0 - 2.0`.
fn hyphen(text: &str) -> Option<Vec<Constraint>> {
    let (from, to) = text.split_once(" - ")?;
    let (from, to) = (from.trim(), to.trim());
    let (low, high) = (partial(from)?, partial(to)?);
    let suffix = if low.has_suffix { "" } else { "-dev" };
    let low = Constraint::One(Op::GreaterOrEqual, format!("{}{suffix}", normalize(from)?));
    if high.numbers.len() >= 3 || high.has_suffix {
        return Some(vec![low, Constraint::One(Op::LessOrEqual, normalize(to)?)]);
    }
    let raised = raised(&high.numbers, high.numbers.len(), 1)?;
    Some(vec![low, Constraint::One(Op::Less, format!("{raised}-dev"))])
}

fn comparison(text: &str, flag: Option<&str>) -> Option<Vec<Constraint>> {
    const OPS: [(&str, Op); 8] = [
        ("<>", Op::NotEqual),
        ("!=", Op::NotEqual),
        (">=", Op::GreaterOrEqual),
        ("<=", Op::LessOrEqual),
        ("==", Op::Equal),
        (">", Op::Greater),
        ("<", Op::Less),
        ("=", Op::Equal),
    ];
    let found = OPS.iter().find_map(|(sign, op)| Some((*op, text.strip_prefix(sign)?)));
    let (op, rest) = found.unwrap_or((Op::Equal, text));
    let written = rest.trim_start();
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./".contains(&b));
    // `foobar-dev` means the branch.
    let mut version = normalize(written).or_else(|| {
        let branch = written.strip_suffix("-dev").filter(|_| is_name(written))?;
        Some(format!("dev-{branch}"))
    })?;
    match (op, flag.filter(|flag| *flag != "stable")) {
        (Op::Equal, _) => {}
        (_, Some(flag)) if stability(&version) == 0 => version = format!("{version}-{flag}"),
        (Op::Less | Op::GreaterOrEqual, _) if !has_modifier(written) && !written.starts_with("dev-") => {
            version.push_str("-dev");
        }
        _ => {}
    }
    Some(vec![Constraint::One(op, version)])
}

fn has_modifier(version: &str) -> bool {
    version
        .match_indices('-')
        .any(|(at, _)| version.get(at + 1..).is_some_and(|rest| modifier(rest).is_some()))
}

impl Constraint {
    /// That of exactly one version in normal form.
    pub(super) fn exactly(version: &str) -> Self {
        Self::One(Op::Equal, version.to_owned())
    }

    /// Whether a version in normal form is one of these.
    pub(super) fn allows(&self, version: &str) -> bool {
        self.meets(&Self::exactly(version))
    }

    /// Whether there may be a version that both take.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Either(some), other) | (other, Self::Either(some)) => {
                some.iter().any(|one| one.meets(other))
            }
            (Self::All(all), other) | (other, Self::All(all)) => all.iter().all(|one| one.meets(other)),
            (Self::One(op, version), Self::One(other_op, other)) => meet((*op, version), (*other_op, other)),
        }
    }
}

fn meet((op, version): (Op, &str), (other_op, other): (Op, &str)) -> bool {
    let is_branch = |version: &str| version.starts_with("dev-");
    if op == Op::NotEqual || other_op == Op::NotEqual {
        if op == Op::NotEqual && !matches!(other_op, Op::NotEqual | Op::Equal) && is_branch(other) {
            return false;
        }
        if other_op == Op::NotEqual && !matches!(op, Op::NotEqual | Op::Equal) && is_branch(version) {
            return false;
        }
        if op != Op::Equal && other_op != Op::Equal {
            return true;
        }
        return compares(other, version, Op::NotEqual);
    }
    let is_up = |op: Op| matches!(op, Op::Greater | Op::GreaterOrEqual);
    if op != Op::Equal && other_op != Op::Equal && is_up(op) == is_up(other_op) {
        return !is_branch(version) && !is_branch(other);
    }
    let (one, two, by) = if op == Op::Equal { (version, other, other_op) } else { (other, version, op) };
    let touches_open_end =
        matches!(other_op, Op::Less | Op::Greater) && matches!(op, Op::LessOrEqual | Op::GreaterOrEqual);
    compares(one, two, by) && !(touches_open_end && compare(other, version) == Ordering::Equal)
}

fn compares(one: &str, two: &str, op: Op) -> bool {
    let branches = (one.starts_with("dev-"), two.starts_with("dev-"));
    if op == Op::NotEqual && branches != (false, false) {
        return one != two;
    }
    match branches {
        (true, true) => op == Op::Equal && one == two,
        (false, false) => {
            let order = compare(one, two);
            match op {
                Op::Equal => order.is_eq(),
                Op::NotEqual => order.is_ne(),
                Op::Less => order.is_lt(),
                Op::LessOrEqual => order.is_le(),
                Op::Greater => order.is_gt(),
                Op::GreaterOrEqual => order.is_ge(),
            }
        }
        _ => false,
    }
}

/// PHP's `version_compare`.
pub(super) fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (tokens(one), tokens(two));
    for (one, two) in one.iter().zip(&two) {
        let order = match (number(one), number(two)) {
            (Some(one), Some(two)) => one.len().cmp(&two.len()).then_with(|| one.cmp(two)),
            _ => form(one).cmp(&form(two)),
        };
        if order.is_ne() {
            return order;
        }
    }
    let longer = |rest: &str| match number(rest) {
        Some(_) => Ordering::Greater,
        None => form(rest).cmp(&form("0")),
    };
    match (one.get(two.len()), two.get(one.len())) {
        (Some(rest), _) => longer(rest),
        (_, Some(rest)) => longer(rest).reverse(),
        _ => Ordering::Equal,
    }
}

/// A number without zeros in front.
fn number(token: &str) -> Option<&str> {
    token.starts_with(|c: char| c.is_ascii_digit()).then(|| token.trim_start_matches('0'))
}

/// Where a token stands among those that are no numbers.
fn form(token: &str) -> i8 {
    if number(token).is_some() {
        return 4;
    }
    let forms = [
        ("dev", 0),
        ("alpha", 1),
        ("a", 1),
        ("beta", 2),
        ("b", 2),
        ("RC", 3),
        ("rc", 3),
        ("pl", 5),
        ("p", 5),
    ];
    forms.iter().find(|(name, _)| token.starts_with(name)).map_or(-1, |(_, place)| *place)
}

fn tokens(version: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for part in version.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let mut start = 0;
        for at in 1..part.len() {
            let is_digit = |at: usize| part.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
            if is_digit(at) != is_digit(at - 1) {
                found.extend(part.get(start..at));
                start = at;
            }
        }
        found.extend(part.get(start..));
    }
    found
}

/// The number in front of a branch of numbers, with its point: `2.1.` of `2.1.x-dev`.
pub(super) fn numeric_prefix(branch: &str) -> Option<String> {
    let lower = branch.to_ascii_lowercase();
    let rest = lower.strip_suffix("-dev")?;
    let rest = rest.strip_suffix(".x").unwrap_or(rest);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    rest.split('.').all(is_number).then(|| format!("{rest}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn versions_have_a_normal_form() {
        let normal = [
            ("1.0.0", "1.0.0.0"),
            ("v1.2", "1.2.0.0"),
            ("1.0.0-beta.2", "1.0.0.0-beta2"),
            ("1.0.0RC1dev", "1.0.0.0-RC1-dev"),
            ("1.0-stable", "1.0.0.0"),
            ("1.0.0+build.3", "1.0.0.0"),
            ("20100102", "20100102"),
            ("2010-01-02.5", "2010.01.02.5"),
            ("dev-main", "dev-main"),
            ("master", "dev-master"),
            ("2.1.x-dev", "2.1.9999999.9999999-dev"),
            ("1.0.0@dev", "1.0.0.0"),
            ("dev-main as 1.0.0", "dev-main"),
            ("1.0.0-p1", "1.0.0.0-patch1"),
        ];
        for (version, expected) in normal {
            assert_eq!(normalize(version).as_deref(), Some(expected), "{version}");
        }
        for none in ["", "a", "1.0.0-meh", "1.0.0.0.0", "feature-dev"] {
            assert_eq!(normalize(none), None, "{none}");
        }
    }

    #[test]
    fn constraints_allow_what_composer_allows() {
        let rows: [(&str, &[&str], &[&str]); 17] = [
            ("^1.2", &["1.2.0", "1.9", "1.2.0-beta1"], &["2.0.0", "2.0.0-beta1", "1.1.9", "dev-main"]),
            ("^0.3", &["0.3.9"], &["0.4.0", "0.2"]),
            ("^0.0.3", &["0.0.3"], &["0.0.4"]),
            ("~1.2", &["1.2", "1.9"], &["2.0"]),
            ("~1.2.3", &["1.2.3", "1.2.9"], &["1.3.0"]),
            ("1.2.*", &["1.2.0", "1.2.99"], &["1.3.0", "1.1.9"]),
            (">=1.0 <2.0", &["1.0", "1.99"], &["2.0", "0.9"]),
            (">=1.0,<2.0", &["1.0"], &["2.0"]),
            ("1.0 - 2.0", &["1.0", "2.0.9"], &["2.1.0"]),
            ("1.0.0 - 2.0.0", &["2.0.0"], &["2.0.1"]),
            ("^1.0 || ^3.0", &["1.5", "3.1"], &["2.0"]),
            ("^1.0|^3.0", &["3.1"], &["2.0"]),
            ("!=1.5", &["1.4", "dev-main"], &["1.5"]),
            ("*", &["dev-main", "9.9"], &[]),
            ("dev-main#abcdef as 1.0.x-dev", &["dev-main"], &["1.0.0"]),
            ("@dev", &["dev-main", "1.0"], &[]),
            (">1.0@beta", &["1.0.0", "1.0.0-RC1"], &["1.0.0-alpha1"]),
        ];
        for (text, allowed, forbidden) in rows {
            let constraint = constraint(text).unwrap();
            for version in allowed {
                assert!(constraint.allows(&normalize(version).unwrap()), "{text} allows {version}");
            }
            for version in forbidden {
                assert!(!constraint.allows(&normalize(version).unwrap()), "{text} forbids {version}");
            }
        }
        for none in ["~>1.0", "^", "1.0 meh", ">=", ""] {
            assert_eq!(constraint(none), None, "{none}");
        }
    }

    #[test]
    fn versions_are_ordered_as_php_orders_them() {
        let rising =
            ["1.0.0.0-dev", "1.0.0.0-alpha1", "1.0.0.0-beta2", "1.0.0.0-RC1", "1.0.0.0", "1.0.0.0-patch1"];
        for pair in rising.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(compare("1.10.0.0", "1.9.0.0"), Ordering::Greater);
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_a_constraint_or_none(text in "\\PC{0,40}", version in "\\PC{0,20}") {
            if let Some(constraint) = constraint(&text) {
                let _ = constraint.allows(&normalize(&version).unwrap_or_default());
            }
        }

        #[test]
        fn what_looks_like_one_does_not_panic(text in "[v0-9.xX*~^<>=!@#| ,a-z-]{0,24}") {
            let _ = (constraint(&text), normalize(&text));
        }
    }
}
