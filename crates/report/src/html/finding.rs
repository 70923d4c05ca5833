//! One finding of the page: a line that opens.

use super::counts::{age, owner};
use crate::foreign::{Row, first_place, inner, line, place, reason, shown};
use crate::mask::Mask;
use crate::xml;
use gatepost_core::{Level, Location, Report};
use std::io::{self, Write};

/// So many places are listed; more are counted.
const PLACES: usize = 100;

pub(super) fn write(row: &Row<'_>, report: &Report, mask: &Mask, out: &mut dyn Write) -> io::Result<()> {
    let Row { finding, by } = *row;
    let text = |raw: &str| xml::text(&line(raw, mask));
    let (state, class, word) = match (by, finding.level) {
        (Some(_), _) => ("suppressed", "quiet", "suppressed"),
        (None, Level::Deny) => ("deny", "deny", "error"),
        (None, Level::Warn) => ("warn", "warn", "warning"),
        (None, Level::Note | Level::Off) => ("note", "note", "note"),
    };
    let first = finding.locations.first();
    let tip = first.and_then(|at| at.in_tip).map_or("unknown", |there| if there { "yes" } else { "no" });
    let (owner, age) = (xml::text(&owner(row, mask)), age(row, report.about.started));
    let gone = if tip == "no" { " \u{b7} gone from HEAD" } else { "" };
    let date = first
        .and_then(|at| at.author.as_ref()?.time)
        .map_or_else(String::new, |time| time.date().to_string());
    writeln!(
        out,
        "<li class=\"finding {class}\" data-state=\"{state}\" data-severity=\"{}\" data-rule=\"{}\" data-owner=\"{owner}\" \
         data-age=\"{age}\" data-tip=\"{tip}\"><details><summary><span class=\"tag level\">{word}</span>\
         <span class=\"name\">{}</span><span class=\"place\">{}</span><span class=\"age soft\">{date}{gone}</span></summary>\n\
         <div class=\"body\">",
        finding.severity.as_str(),
        text(finding.code.as_str()),
        text(&finding.name),
        xml::text(&first_place(finding, mask)),
    )?;
    writeln!(out, "<p>{}</p>", text(&finding.message))?;
    if let Some(excerpt) = first.and_then(|at| at.excerpt.as_ref()) {
        writeln!(out, "<code class=\"excerpt\">{}</code>", text(&excerpt.text))?;
    }
    writeln!(out, "<dl>")?;
    if let Some(by) = by {
        item("Suppressed by", &xml::text(&reason(by, mask)), out)?;
    }
    list("Why", &finding.why, mask, out)?;
    list("What to do", &finding.fix, mask, out)?;
    places(&finding.locations, mask, out)?;
    if let Some(secret) = &finding.secret {
        item("Secret", &format!("<code>{}</code>", xml::text(&shown(secret, mask))), out)?;
    }
    item("Owner", &owner, out)?;
    let rule = if finding.rule == finding.code.as_str() { String::new() } else { text(&finding.rule) };
    item("Rule", &format!("<code>{}</code> {rule}", text(finding.code.as_str())), out)?;
    item("Severity", &format!("{}, {} confidence", finding.severity, finding.confidence), out)?;
    item("Fingerprint", &format!("<code>{}</code>", xml::text(finding.fingerprint.as_str())), out)?;
    writeln!(out, "</dl></div></details></li>")
}

/// A line of the list. `value` is markup.
fn item(name: &str, value: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dt>{name}</dt><dd>{value}</dd>")
}

fn list(name: &str, lines: &[String], mask: &Mask, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let items: String =
        lines.iter().map(|text| format!("<li>{}</li>", xml::text(&line(text, mask)))).collect();
    item(name, &format!("<ul>{items}</ul>"), out)
}

fn places(locations: &[Location], mask: &Mask, out: &mut dyn Write) -> io::Result<()> {
    let mut items: String = locations.iter().take(PLACES).map(|at| one(at, mask)).collect();
    let more = locations.len().saturating_sub(PLACES);
    if more > 0 {
        items.push_str(&format!("<li>and {more} more, which the report in JSON has</li>"));
    }
    if items.is_empty() {
        return Ok(());
    }
    item("Where", &format!("<ol>{items}</ol>"), out)
}

fn one(at: &Location, mask: &Mask) -> String {
    let mut facts = Vec::new();
    if let Some(commit) = at.commit {
        facts.push(format!("commit <code>{}</code>", commit.short()));
    }
    if let Some(who) = &at.author {
        facts.push(xml::text(&line(&String::from_utf8_lossy(&who.name), mask)));
        facts.extend(who.time.map(|time| time.date().to_string()));
    }
    match at.in_tip {
        Some(true) => facts.push("still in HEAD".to_owned()),
        Some(false) => facts.push("gone from HEAD".to_owned()),
        None => {}
    }
    if !at.decoded_by.is_empty() {
        facts.push(format!("decoded from {}", at.decoded_by.join(", ")));
    }
    if !inner(at, mask).is_empty() {
        facts.push("inside an archive".to_owned());
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" \u{b7} {}", facts.join(" \u{b7} ")) };
    format!(
        "<li><span class=\"place\">{}</span><span class=\"soft\">{facts}</span></li>",
        xml::text(&place(at, mask))
    )
}
