//! The report that people read.

use super::{Audit, Row};
use crate::run::RunResult;
use std::fmt::Write as _;

pub(super) fn write(audit: &Audit<'_>) -> String {
    let mut out = String::new();
    summary(&mut out, audit);
    controls(&mut out, audit);
    bypasses(&mut out, audit);
    exceptions(&mut out, audit);
    gaps(&mut out, audit);
    out.push_str("\n## What no record says\n\nGit does not hold it, and no record implies it:\n\n");
    for text in audit.not_decided {
        let _ = writeln!(out, "- {text}");
    }
    runs(&mut out, audit);
    out
}

fn summary(out: &mut String, audit: &Audit<'_>) {
    let _ = writeln!(out, "# Evidence of gates: {}\n", cell(&audit.title));
    let _ = writeln!(out, "Put together {} from {} records.", audit.made, audit.runs.len());
    match &audit.log_head {
        Some(head) => {
            let _ = writeln!(
                out,
                "Every line of the log fits the one before; the last one has the digest `{head}`."
            );
        }
        None => out.push_str("The log is empty.\n"),
    }
    match audit.signatures_verified {
        Some(count) => {
            let _ = writeln!(out, "All {count} records of the log are signed by a key that was given.");
        }
        None => out.push_str("Signatures were not looked at: no key was given.\n"),
    }
    out.push_str("\n## How runs ended\n\n| gate |");
    RunResult::ALL.iter().for_each(|result| {
        let _ = write!(out, " {} |", result.as_str());
    });
    out.push_str("\n|---|");
    out.push_str(&"--:|".repeat(RunResult::ALL.len()));
    for (gate, by_result) in &audit.results {
        let _ = write!(out, "\n| {} |", cell(gate));
        for result in RunResult::ALL {
            let _ = write!(out, " {} |", by_result.get(result.as_str()).copied().unwrap_or_default());
        }
    }
    out.push('\n');
}

fn controls(out: &mut String, audit: &Audit<'_>) {
    out.push_str(
        "\n## Controls\n\n| control | what records show of it | runs | passed |\n|---|---|--:|--:|\n",
    );
    for control in &audit.controls {
        let _ =
            writeln!(out, "| {} | {} | {} | {} |", control.id, control.shows, control.runs, control.passed);
    }
}

fn bypasses(out: &mut String, audit: &Audit<'_>) {
    let _ = writeln!(out, "\n## Bypasses: {}\n", audit.count(RunResult::Bypassed));
    let by = |run: &&Row<'_>| run.bypass.is_some();
    if !audit.runs.iter().any(|run| by(&run)) {
        out.push_str("None.\n");
        return;
    }
    out.push_str("| when | by | method | id | reason | owner | approved | findings |\n|---|---|---|---|---|---|---|--:|\n");
    for run in audit.runs.iter().filter(by) {
        let Some(bypass) = run.bypass else { continue };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            run.started,
            who(run),
            cell(&bypass.method),
            cell(bypass.id.as_deref().unwrap_or_default()),
            cell(&bypass.reason),
            cell(bypass.owner.as_deref().unwrap_or_default()),
            if bypass.approved { "named" } else { "no" },
            bypass.findings
        );
    }
}

fn exceptions(out: &mut String, audit: &Audit<'_>) {
    let _ = writeln!(out, "\n## Exceptions that let something stand: {}\n", audit.exceptions.len());
    if audit.exceptions.is_empty() {
        out.push_str("None.\n");
        return;
    }
    out.push_str(
        "| id | rule | reason | owner | approver | ends | findings |\n|---|---|---|---|---|---|--:|\n",
    );
    for used in &audit.exceptions {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            cell(&used.id),
            cell(&used.rule),
            cell(&used.reason),
            cell(&used.owner),
            cell(used.approver.as_deref().unwrap_or_default()),
            used.expires,
            used.findings
        );
    }
}

fn gaps(out: &mut String, audit: &Audit<'_>) {
    let Some(gaps) = &audit.gaps else { return };
    let _ = writeln!(out, "\n## Commits without a valid record: {}\n", gaps.len());
    if gaps.is_empty() {
        out.push_str("None.\n");
    }
    for gap in gaps {
        let _ = writeln!(out, "- `{}`: {}", cell(&gap.commit), cell(&gap.words()));
    }
}

fn runs(out: &mut String, audit: &Audit<'_>) {
    out.push_str(
        "\n## Runs\n\n| no. | when | gate | result | refs | by | commits | denied | stand | pull request, tickets | why |\n\
         |--:|---|---|---|---|---|--:|--:|--:|---|---|\n",
    );
    for run in &audit.runs {
        let change: Vec<&str> =
            std::iter::once(run.pull_request).chain(run.tickets.iter().map(String::as_str)).collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            run.sequence,
            run.started,
            cell(run.gate),
            run.result,
            cell(&run.refs),
            who(run),
            run.commits,
            run.denied,
            run.suppressed,
            cell(change.join(" ").trim()),
            cell(run.reason)
        );
    }
}

fn who(run: &Row<'_>) -> String {
    let vouched = if run.authenticated { "" } else { ", not vouched for" };
    format!("{} ({}{vouched})", cell(run.actor), cell(run.actor_source))
}

/// Text of others in a table: nothing of it is markup.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for character in gatepost_core::text::escape(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out
}
