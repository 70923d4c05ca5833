//! The runs as CSV (RFC 4180): one row each, with a heading.

use super::Row;

const HEADING: [&str; 20] = [
    "started",
    "sequence",
    "gate",
    "result",
    "enforcement",
    "repository",
    "refs",
    "actor",
    "actor_source",
    "authenticated",
    "commits",
    "head",
    "denied",
    "suppressed",
    "bypass",
    "reason",
    "pull_request",
    "tickets",
    "ci_url",
    "keep_until",
];

pub(super) fn write(runs: &[Row<'_>]) -> String {
    let mut out = HEADING.join(",") + "\r\n";
    for run in runs {
        let bypass = run.bypass.map_or_else(String::new, |bypass| {
            let id = bypass.id.as_deref().unwrap_or_default();
            format!("{} {id}: {}", bypass.method, bypass.reason)
        });
        let enforcement = match run.enforcement {
            super::super::Enforcement::Blocking => "blocking",
            super::super::Enforcement::Advisory => "advisory",
        };
        let fields = [
            run.started.to_string(),
            run.sequence.to_string(),
            run.gate.to_owned(),
            run.result.to_owned(),
            enforcement.to_owned(),
            run.repository.to_owned(),
            run.refs.clone(),
            run.actor.to_owned(),
            run.actor_source.to_owned(),
            run.authenticated.to_string(),
            run.commits.to_string(),
            run.head.to_owned(),
            run.denied.to_string(),
            run.suppressed.to_string(),
            bypass,
            run.reason.to_owned(),
            run.pull_request.to_owned(),
            run.tickets.join(" "),
            run.ci_url.to_owned(),
            run.retention.until.to_string(),
        ];
        let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
        out.push_str(&fields.join(","));
        out.push_str("\r\n");
    }
    out
}

/// A field in quotes. What a spreadsheet would take for a formula has an apostrophe before it.
fn field(text: &str) -> String {
    let text = gatepost_core::text::escape(text);
    let guard = if text.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
