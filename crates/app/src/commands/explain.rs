//! `gatepost explain`: what a code or a secret rule is, why it matters and what to do.

use crate::args::Cli;
use crate::exit::Failure;
use crate::output;
use crate::rules::{self, Named};
use gatepost_core::check::{CHECKS, find_code};
use gatepost_core::secrets::Facts;
use gatepost_core::{CheckInfo, CodeInfo};
use std::fmt::Write as _;
use std::process::ExitCode;

pub(crate) fn run(cli: &Cli, name: Option<&str>) -> Result<ExitCode, Failure> {
    let text = match name {
        None => overview(),
        Some("exceptions") => EXCEPTIONS.to_owned(),
        Some("limits") => gatepost_core::limits::text(),
        Some(name) => {
            if let Some((check, code)) = find_code(name) {
                explain_code(check, code)
            } else if let Some(named) = rules::named(cli, name)? {
                explain_rule(&named)
            } else {
                return Err(unknown(cli, name));
            }
        }
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// `gatepost explain exceptions`: what every finding points at.
const EXCEPTIONS: &str = "\
An exception lets one finding stand, with a reason, an owner and a last day:

  gatepost exceptions add gp1:… --status test-credential --reason 'the key of the documentation' \\
      --owner @platform --expires 180d

It is a record in gatepost-exceptions.toml or gatepost.toml:

  [[exception]]
  id = \"EX-2026-0001\"                    # unique, never used again
  rule = \"github-pat\"                    # the rule or code
  fingerprint = \"gp1:…\"                 # the finding; or path = \"docs/**\", or commit = \"<full id>\"
  status = \"test-credential\"             # false-positive | test-credential | revoked | accepted-risk | fix-later
  reason = \"the key of the documentation's example\"
  owner = \"@platform\"
  approver = \"@security\"                 # somebody else than the owner
  created = 2026-11-22
  expires = 2027-05-21                    # through the end of that day, UTC

When the day is over the finding is back and says so. On servers and in CI only exceptions count that the trusted
policy had before the change: let the exception in first, by a change of its own.

  gatepost exceptions list --expiring 30d      what ends soon
  gatepost exceptions audit                    age, owner, uses and days left of each; also -f markdown, csv, json
  gatepost exceptions prune --unused --write   take out what is over, and what is for nothing

For a line in your own work tree a comment is enough, on the line or above it; rule and reason are needed:

  gatepost:allow github-pat reason=\"documentation example\" until=2027-05-22

With id=EX-2026-0001 it holds as long as that exception does. On servers and in CI a comment counts only where the
revision before the change has it too.

Examples that many files share are an entry of the allow-list; `gatepost doctor` says what each entry hides:

  [[secrets.allow]]
  path = \"docs/**\"                      # or value = \"EXAMPLE\", or both
  reason = \"the examples of the manual\"

All secrets of an old repository at once: gatepost baseline create
";

/// The error for a name that is neither a code nor a rule, with the nearest ones.
pub(crate) fn unknown(cli: &Cli, name: &str) -> Failure {
    let codes = CHECKS.iter().flat_map(|check| check.codes).flat_map(|code| [code.code, code.name]);
    let rules = rules::of_repository(cli).unwrap_or_default();
    let known: Vec<&str> = codes.chain(rules.iter().map(|named| named.rule.id.as_ref())).collect();
    let near = gatepost_core::policy::nearest(name, known.iter().copied());
    Failure::usage(
        format!("there is no code or rule `{name}`"),
        match near {
            Some(near) => {
                format!("did you mean `{near}`? `gatepost explain` and `gatepost rules list` have them all")
            }
            None => "`gatepost explain` lists the codes, `gatepost rules list` the secret rules".to_owned(),
        },
    )
}

fn overview() -> String {
    let mut out = String::new();
    // A section without a level judges nothing, and has no code.
    for check in CHECKS.iter().filter(|check| check.keys.iter().any(|key| key.name == "level")) {
        if check.codes.is_empty() {
            let _ = writeln!(out, "{}  {}: `gatepost rules list` has the rules", check.family, check.title);
        } else {
            let _ = writeln!(out, "{}  {}, section {}", check.family, check.title, check.heading());
        }
        for code in check.codes {
            let _ = writeln!(out, "  {:<12} {:<24} {}", code.code, code.name, code.summary);
        }
        out.push('\n');
    }
    out
}

fn explain_code(check: &CheckInfo, code: &CodeInfo) -> String {
    format!(
        "{} {} ({}, {} severity)\n\n{}\n\nWhy: {}\n\nWhat to do: {}\n\nFires on:  {}\nSilent on: {}\n\nPolicy section: {}\n",
        code.code,
        code.name,
        check.title,
        code.severity,
        code.summary,
        code.why,
        code.fix,
        code.fires.escape_debug(),
        code.silent.escape_debug(),
        check.heading()
    )
}

fn explain_rule(Named { rule, from }: &Named) -> String {
    let mut out = Facts::new(rule).plain();
    if let Some(from) = from {
        let _ = writeln!(out, "\nThe policy's own rule: {from}");
    }
    out
}
