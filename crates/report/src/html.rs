//! A page for people: one file, no network, no secret.
//!
//! Everything that a run says is in the markup; the script only hides rows, and without it all of them are there. The page
//! forbids itself to load anything, and every script but its own (`Content-Security-Policy`): would untrusted text ever become
//! markup, it could do nothing. There is no address of an author in it, only names: pages are passed on.

mod counts;
mod finding;

use crate::foreign::{line, not_judged, rows, worst_first};
use crate::mask::Mask;
use crate::style::Paint;
use crate::{Options, Reporter, summary, xml};
use counts::Counts;
use gatepost_core::{Level, Outcome, Report};
use std::io::{self, BufWriter, Write};

const STYLE: &str = include_str!("html/page.css");

const SCRIPT: &str = include_str!("html/page.js");

/// The SHA-256 of [`SCRIPT`], in base64, as the policy of the page names it. A test tells the new one after a change.
const SCRIPT_DIGEST: &str = "CgHKi762XiXhwOyrwfwdKI3hYEyfjCCEad07Lvvo9OA=";

/// The format `html`.
#[derive(Clone, Copy, Debug)]
pub struct Html;

impl Reporter for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn summary(&self) -> &'static str {
        "one page for people, with filters and counts by rule, owner and age"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mask = Mask::new(report, options.show_secrets);
        let mut out = BufWriter::new(out);
        let counts = Counts::of(report, &mask);
        head(report, &mask, &mut out)?;
        tiles(report, &mut out)?;
        problems(report, &mask, &mut out)?;
        counts.write(&mut out)?;
        filters(&mut out)?;
        writeln!(out, "<ol class=\"findings\" aria-label=\"Findings\">")?;
        let (rows, _) = worst_first(rows(report), 0);
        for row in &rows {
            finding::write(row, report, &mask, &mut out)?;
        }
        writeln!(out, "</ol>")?;
        let nothing = if rows.is_empty() { "Nothing was found." } else { "Nothing fits these filters." };
        let hidden = if rows.is_empty() { "" } else { " hidden" };
        writeln!(out, "<p class=\"card empty\" id=\"empty\"{hidden}>{nothing}</p>")?;
        foot(report, &mask, &mut out)?;
        out.flush()
    }
}

fn head(report: &Report, mask: &Mask, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome();
    let verdict = match outcome {
        Outcome::Pass => "Passed",
        Outcome::Violations => "Found what must not pass",
        Outcome::Incomplete => "Could not judge everything",
        Outcome::Error => "Failed",
    };
    let title = format!("{verdict}: {}", line(&report.scope, mask));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{SCRIPT_DIGEST}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>gatepost: {}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<div class=\"page\">",
        xml::text(&title)
    )?;
    let enforced = if report.enforced { "" } else { " \u{b7} not enforced: nothing was refused" };
    let started = report
        .about
        .started
        .map_or_else(String::new, |at| format!(" \u{b7} <time>{}</time>", xml::text(&at.to_string())));
    writeln!(
        out,
        "<header>\n<div class=\"top\"><h1>gatepost</h1><span class=\"verdict {outcome}\">{verdict}</span>\
         <button type=\"button\" class=\"plain js-only\" id=\"theme\">Light or dark</button></div>\n\
         <p>Judged <strong>{}</strong> at <code>{}</code>{started}{enforced}</p>\n<p class=\"soft\">{}</p>\n</header>",
        xml::text(&line(&report.scope, mask)),
        report.stage,
        xml::text(&summary::line(report, mask, Paint { color: false })),
    )
}

fn tiles(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section class=\"tiles\" aria-label=\"What was found, by level\">")?;
    let suppressed = report.suppressed.len();
    let tiles = [
        ("deny", "deny", report.count(Level::Deny), "errors", true),
        ("warn", "warn", report.count(Level::Warn), "warnings", true),
        ("note", "note", report.count(Level::Note), "notes", true),
        ("quiet", "suppressed", suppressed, "suppressed", false),
    ];
    for (class, state, count, word, pressed) in tiles {
        writeln!(
            out,
            "<button type=\"button\" class=\"tile {class}\" data-state=\"{state}\" aria-pressed=\"{pressed}\">\
             <b>{count}</b><span>{word}</span></button>"
        )?;
    }
    let coverage = &report.coverage;
    for (count, word) in [(coverage.files.max(coverage.blobs), "files"), (coverage.commits, "commits")] {
        if count > 0 {
            let count = summary::grouped(count);
            writeln!(out, "<div class=\"tile\"><b>{count}</b><span>{word} judged</span></div>")?;
        }
    }
    writeln!(out, "</section>")
}

fn problems(report: &Report, mask: &Mask, out: &mut dyn Write) -> io::Result<()> {
    let problems = not_judged(report, mask);
    if problems.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section class=\"card alarm\"><h2>Not judged: this report is not complete</h2><ul>")?;
    for problem in problems {
        writeln!(out, "<li>{}</li>", xml::text(&problem))?;
    }
    writeln!(out, "</ul></section>")
}

fn filters(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"filters js-only\" aria-label=\"Filters\">\n\
         <input type=\"search\" id=\"search\" placeholder=\"Search paths, rules, authors, words\" aria-label=\"Search\">\n\
         <label>Severity <select id=\"severity\"><option value=\"\">any</option><option>critical</option><option>high</option>\
         <option>medium</option><option>low</option><option>info</option></select></label>\n\
         <label><input type=\"checkbox\" id=\"tip\"> not those that are gone from HEAD</label>\n\
         <button type=\"button\" class=\"plain\" id=\"clear\">Clear</button>\n\
         <span class=\"soft\" id=\"shown\" role=\"status\" aria-live=\"polite\"></span>\n\
         <span class=\"soft\"><kbd>/</kbd> search <kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>Enter</kbd> open \
         <kbd>Esc</kbd> clear</span>\n</section>"
    )
}

fn foot(report: &Report, mask: &Mask, out: &mut dyn Write) -> io::Result<()> {
    if !report.notices.is_empty() {
        writeln!(out, "<section class=\"card\"><h2>Notices</h2><ul>")?;
        for notice in &report.notices {
            writeln!(out, "<li>{}</li>", xml::text(&line(notice, mask)))?;
        }
        writeln!(out, "</ul></section>")?;
    }
    writeln!(
        out,
        "<footer>gatepost {} \u{b7} rules <code>{}</code> \u{b7} policy <code>{}</code></footer>\n</div>",
        xml::text(report.version),
        xml::text(&report.ruleset_digest),
        xml::text(&report.policy_digest)
    )?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

#[cfg(test)]
mod tests;
