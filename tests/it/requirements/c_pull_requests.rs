//! What a pull request says, as `run ci` reads it from the event file.

use super::message;
use crate::support::{GATEPOST, Repo, Run, run};
use serde_json::{Value, json};

/// The headings that a description has.
const HEADINGS: [&str; 9] = [
    "Summary",
    "Ticket / Change record",
    "Risk assessment",
    "Rollout plan",
    "Rollback plan",
    "Testing evidence",
    "Security and compliance",
    "Review requirements",
    "Release notes",
];

/// A description with every heading but this one.
fn body_without(left_out: &str) -> String {
    HEADINGS
        .iter()
        .filter(|heading| **heading != left_out)
        .map(|heading| format!("## {heading}\nPROJ-1234: as agreed.\n\n"))
        .collect()
}

fn labels(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name })).collect()
}

/// A pull request as the preset wants it, but for this change; what the gate says of it.
fn judged(change: impl Fn(&mut Value)) -> Run {
    judged_with("CHANGELOG.md", change)
}

/// The same, where the request also alters this file.
fn judged_with(file: &str, change: impl Fn(&mut Value)) -> Run {
    let repo = Repo::new();
    repo.write("gatepost.toml", "schema = 1\nextends = [\"preset:regulated\"]\n");
    for file in ["CODEOWNERS", "SECURITY.md", "RELEASE.md"] {
        repo.write(file, "* @team-api\n");
    }
    let base = repo.commit_all(&message("ci: begin"));
    repo.git(["branch", "release/1.6"]);
    repo.git(["checkout", "-q", "-b", "feature/PROJ-1234-add-export"]);
    repo.write("export.txt", "rows\n");
    repo.write(file, "- the export (PROJ-1234, #12)\n");
    let head = repo.commit_all(&message("feat: add the export"));
    repo.git(["checkout", "-q", "main"]);
    let clone = repo.beside("clone");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", &url, clone.to_str().unwrap()]);
    repo.run("git", ["checkout", "-q", "--detach", &head], &clone, b"").ok();
    let mut request = json!({
        "number": 12, "title": "feat: add the export (PROJ-1234)", "body": body_without(""), "draft": false,
        "labels": labels(&["risk:low", "type:feature"]),
        "base": {"ref": "main", "sha": base}, "head": {"ref": "feature/PROJ-1234-add-export", "sha": head},
    });
    change(&mut request);
    let event = repo.beside("event.json");
    let text = json!({"action": "edited", "number": 12, "pull_request": request, "repository": {"default_branch": "main"}});
    std::fs::write(&event, text.to_string()).unwrap();
    let mut command = repo.command(GATEPOST, &clone);
    command.envs([
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_BASE_REF", "main"),
    ]);
    run(command.env("GITHUB_EVENT_PATH", event).args(["run", "ci"]), b"")
}

#[test]
fn c1_a_pull_request_names_its_ticket_and_is_titled_as_the_commit_that_it_becomes() {
    judged(|_| ()).ok();
    let described = |request: &mut Value| request["title"] = json!("feat: add the export");
    judged(described).ok();
    let nowhere = |request: &mut Value| {
        request["title"] = json!("feat: add the export");
        request["body"] = json!(body_without("").replace("PROJ-1234", "This is"));
    };
    judged(nowhere).failed(&[1], &["GP-PR-001"]);
    judged(|request| request["title"] = json!("PROJ-1234 export")).failed(&[1], &["GP-MSG-001", "title of"]);
}

#[test]
fn c2_labels_say_risk_kind_and_backport() {
    for (names, words) in [
        (&["type:feature"][..], ["GP-PR-002", "risk:"]),
        (&["risk:low", "risk:high", "type:fix"], ["GP-PR-003", "risk:"]),
        (&["risk:low"], ["GP-PR-002", "type:"]),
        (&["risk:low", "type:fix", "backport:9.9"], ["GP-PR-005", "9.9"]),
        (&["risk:huge", "type:fix"], ["GP-PR-008", "risk:medium"]),
        (&["risk:low", "type:chore"], ["GP-PR-008", "type:security"]),
    ] {
        judged(|request| request["labels"] = labels(names)).failed(&[1], &words);
    }
    for kind in ["type:feature", "type:fix", "type:security", "type:breaking"] {
        judged(|request| request["labels"] = labels(&["risk:high", kind, "backport", "backport:1.6"])).ok();
    }
}

#[test]
fn c3_a_description_has_every_section_of_the_template() {
    for heading in HEADINGS {
        judged(|request| request["body"] = json!(body_without(heading)))
            .failed(&[1], &["GP-PR-006", heading]);
    }
    let empty = |request: &mut Value| {
        request["body"] = json!(format!("{}## Rollback plan\n<!-- how -->\n", body_without("Rollback plan")));
    };
    judged(empty).failed(&[1], &["GP-PR-006", "Rollback plan"]);
}

#[test]
fn c4_a_pull_request_should_bring_its_changelog_fragment() {
    judged_with("src/main.rs", |_| ()).ok().says(&["warning[GP-PR-009]", "CHANGELOG.md, changelog.d/"]);
    for file in ["CHANGELOG.md", "changelog.d/PROJ-1234.md"] {
        let said = judged_with(file, |_| ()).ok().said();
        assert!(!said.contains("GP-PR-009"), "{said}");
    }
}
