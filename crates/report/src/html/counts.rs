//! How many findings there are by rule, by who answers for them, and by age: bars that are filters.

use crate::foreign::{self, Row, line, rows};
use crate::mask::Mask;
use crate::xml;
use gatepost_core::{Report, Timestamp};
use std::collections::BTreeMap;
use std::io::{self, Write};

const DAY: i64 = 86_400;

/// Ages, in days at most, and what they are called.
const AGES: [(i64, &str); 5] =
    [(7, "a week"), (31, "a month"), (92, "three months"), (366, "a year"), (i64::MAX, "older")];

/// What is said where nobody knows.
const UNKNOWN: &str = "unknown";

/// Who answers for a finding: whoever owns the exception, or else the author of the commit, by name.
pub(super) fn owner(row: &Row<'_>, mask: &Mask) -> String {
    let author = || {
        let who = row.finding.locations.first()?.author.as_ref()?;
        Some(line(&String::from_utf8_lossy(&who.name), mask)).filter(|name| !name.trim().is_empty())
    };
    let owner = row.by.and_then(foreign::owner).map(|owner| line(owner, mask));
    owner.or_else(author).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// How old a finding is at the time of the run, in a word: by the first of its places.
pub(super) fn age(row: &Row<'_>, now: Option<Timestamp>) -> &'static str {
    let since = row.finding.locations.first().and_then(|at| at.author.as_ref()?.time);
    let Some((since, now)) = since.zip(now) else { return UNKNOWN };
    let days = now.seconds.saturating_sub(since.seconds) / DAY;
    AGES.iter().find(|(most, _)| days <= *most).map_or(UNKNOWN, |(_, word)| word)
}

/// The counts.
pub(super) struct Counts {
    rules: Vec<(String, u64)>,
    owners: Vec<(String, u64)>,
    ages: Vec<(String, u64)>,
}

impl Counts {
    pub(super) fn of(report: &Report, mask: &Mask) -> Self {
        let (mut rules, mut owners, mut ages) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::<&str, u64>::new());
        for row in rows(report) {
            *rules.entry(line(row.finding.code.as_str(), mask)).or_default() += 1;
            *owners.entry(owner(&row, mask)).or_default() += 1;
            *ages.entry(age(&row, report.about.started)).or_default() += 1;
        }
        let known = AGES.iter().map(|(_, word)| *word).chain([UNKNOWN]);
        let ages = known.filter_map(|word| Some((word.to_owned(), *ages.get(word)?))).collect();
        Self { rules: most_first(rules), owners: most_first(owners), ages }
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<div class=\"charts\">")?;
        chart("rule", "By rule", &self.rules, out)?;
        chart("owner", "By owner", &self.owners, out)?;
        chart("age", "By age: at most", &self.ages, out)?;
        writeln!(out, "</div>")
    }
}

fn most_first(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn chart(group: &str, title: &str, counts: &[(String, u64)], out: &mut dyn Write) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    writeln!(out, "<section class=\"card\"><h2>{title}</h2><ul class=\"bars\">")?;
    for (name, count) in counts {
        let (name, share) = (xml::text(name), count * 100 / most);
        writeln!(
            out,
            "<li><button type=\"button\" class=\"bar\" data-group=\"{group}\" data-value=\"{name}\" aria-pressed=\"false\" \
             style=\"--share:{share}%\"><span>{name}</span><span class=\"count\">{count}</span></button></li>"
        )?;
    }
    writeln!(out, "</ul></section>")
}
