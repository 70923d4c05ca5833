//! Examples for a rule that comes without any: templates drawn from its expression, and only those that it finds.

use gatepost_core::secrets::{RuleFile, selftest};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};
use toml::{Table, Value};

/// The letters of a class that repeats without an end.
const MANY: u32 = 24;

/// The alphabets that templates have, the richest first.
const ALPHABETS: [(&str, &[(char, char)]); 8] = [
    ("base62", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alnum", &[('0', '9'), ('a', 'z')]),
    ("ALNUM", &[('0', '9'), ('A', 'Z')]),
    ("hex", &[('0', '9'), ('a', 'f')]),
    ("HEX", &[('0', '9'), ('A', 'F')]),
    ("lower", &[('a', 'z')]),
    ("upper", &[('A', 'Z')]),
    ("digits", &[('0', '9')]),
];

/// Gives a rule examples; `None` where none were found that it finds, and that a policy could carry.
pub(super) fn with_examples(rule: &Table, translated: &str) -> Option<Table> {
    let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(translated).ok()?;
    let mut value = String::new();
    draw(&hir, &mut value)?;
    // Where keywords are asked for, one of them stands by.
    let word = rule
        .get("keywords")
        .and_then(Value::as_array)
        .and_then(|words| words.first()?.as_str())
        .unwrap_or("key");
    let wrapped = ["X", "KEY: X", "KEY \"X\"", "KEY = 'X';", "KEY\nX\n", "X\n", "<KEY>X</KEY>", " X "];
    let around =
        |text: &str| text.split('X').map(|part| part.replace("KEY", word)).collect::<Vec<_>>().join(&value);
    let candidates: Vec<String> = wrapped.iter().map(|text| around(text)).collect();
    let counter = ["nothing to see here", "key: "].map(str::to_owned);
    // A group that is a part of a name (`(test|live)`) is no secret: then all of it is.
    let ways = [(None, None), (Some("whole"), None), (None, Some(0)), (Some("whole"), Some(0))];
    ways.into_iter().find_map(|(window, group)| {
        let mut whole = rule.clone();
        if let Some(window) = window {
            whole.insert("window".to_owned(), Value::from(window));
        }
        if let Some(group) = group {
            whole.insert("secret-group".to_owned(), Value::Integer(group));
        }
        whole.insert("counter-examples".to_owned(), texts(&counter));
        whole.insert("examples".to_owned(), texts(&candidates));
        let failed = failures(&whole)?;
        let mut good: Vec<String> = candidates.iter().filter(|one| !failed.contains(one)).cloned().collect();
        good.truncate(2);
        if good.len() < 2 || failed.iter().any(|one| counter.contains(one)) {
            return None;
        }
        whole.insert("examples".to_owned(), texts(&good));
        Some(whole)
    })
}

fn texts(list: &[String]) -> Value {
    Value::Array(list.iter().map(|text| Value::from(text.as_str())).collect())
}

/// The templates that do not do what they should; `None` of a rule that is none.
fn failures(rule: &Table) -> Option<Vec<String>> {
    let file = Table::from_iter([
        ("provider".to_owned(), Value::from("gitleaks")),
        ("rules".to_owned(), Value::Array(vec![Value::Table(rule.clone())])),
    ]);
    let rules = RuleFile::parse(&toml::to_string(&file).ok()?).ok()?;
    let failures = selftest(rules.first()?);
    if failures.iter().any(|failure| failure.template.is_empty()) {
        return None;
    }
    Some(failures.into_iter().map(|failure| failure.template).collect())
}

/// Something that the expression matches, as a template.
fn draw(hir: &Hir, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            out.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Capture(capture) => draw(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| draw(part, out)),
        HirKind::Alternation(parts) => draw(parts.first()?, out),
        HirKind::Class(class) => drawn(class, 1, out),
        HirKind::Repetition(repetition) => match repetition.sub.kind() {
            HirKind::Class(class) => {
                let is_open = repetition.max.is_none() && repetition.min > 0 && alphabet(class).is_some();
                let count = if is_open { repetition.min.max(MANY) } else { repetition.min };
                drawn(class, count, out)
            }
            _ => (0..repetition.min).try_for_each(|_| draw(&repetition.sub, out)),
        },
    }
}

fn drawn(class: &Class, count: u32, out: &mut String) -> Option<()> {
    if count == 0 {
        return Some(());
    }
    match alphabet(class) {
        Some(name) => out.push_str(&format!("{{{name}:{count}}}")),
        None => {
            let Class::Unicode(class) = class else { return None };
            let mut letters = class.iter().map(ClassUnicodeRange::start);
            let letter = letters
                .find(|c| matches!(c, ' '..='~'))
                .or_else(|| class.iter().next().map(ClassUnicodeRange::start))?;
            (0..count).for_each(|_| out.push(letter));
        }
    }
    Some(())
}

fn alphabet(class: &Class) -> Option<&'static str> {
    let Class::Unicode(class) = class else { return None };
    let has = |low: char, high: char| covers(class, low, high);
    ALPHABETS
        .iter()
        .find(|(_, ranges)| ranges.iter().all(|(low, high)| has(*low, *high)))
        .map(|(name, _)| *name)
}

fn covers(class: &ClassUnicode, low: char, high: char) -> bool {
    class.iter().any(|range| range.start() <= low && high <= range.end())
}
