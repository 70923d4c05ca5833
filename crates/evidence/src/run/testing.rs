//! Records for tests.

use super::*;
use crate::break_glass::Actor;
use crate::chain::Tail;
use crate::dsse::SecretKey;
use gatepost_core::{Date, Timestamp};
use std::collections::BTreeMap;

pub(crate) fn oid(digit: &str) -> String {
    digit.repeat(40)
}

pub(crate) fn tree(digit: &str) -> String {
    format!("e{}", digit.repeat(39))
}

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::of_seed(seed)
}

pub(crate) fn log(statements: &[Statement], key: Option<&SecretKey>) -> String {
    let (mut tail, mut text) = (Tail::default(), String::new());
    for statement in statements {
        let line = seal(&tail, statement.clone(), key).unwrap();
        tail = Tail::of(line.as_bytes()).unwrap();
        text.push_str(&line);
    }
    text
}

/// A push of commits that are called by one digit each.
pub(crate) fn statement(result: &str, commits: &[&str]) -> Statement {
    let result = *RunResult::ALL.iter().find(|known| known.as_str() == result).unwrap();
    let started = Timestamp::parse("2026-11-24T10:00:00Z").unwrap();
    let subject =
        commits.iter().map(|digit| Subject::new(None, Some(oid(digit)), tree(digit), Role::Judged)).collect();
    let finding = |disposition: &str| Finding {
        fingerprint: "gp1:aaaaaaaaaaaaaaaa".to_owned(),
        rule: "github-pat".to_owned(),
        family: "GP-SEC".to_owned(),
        severity: "critical".to_owned(),
        disposition: disposition.to_owned(),
        commit: commits.first().map(|digit| oid(digit)),
    };
    let (denied, listed, bypass) = match result {
        RunResult::Fail => (1, vec![finding("deny")], None),
        RunResult::Bypassed => {
            let bypass = Bypass {
                method: "break-glass".to_owned(),
                id: Some("BG-20261124-1".to_owned()),
                reason: "payments are | down".to_owned(),
                owner: Some("@oncall".to_owned()),
                approved: true,
                findings: 1,
            };
            (0, vec![finding("break-glass")], Some(bypass))
        }
        _ => (0, Vec::new(), None),
    };
    let suppressed = listed.len() as u64 - denied;
    let exceptions_used = vec![Used {
        id: "EX-2026-0001".to_owned(),
        rule: "GP-MSG".to_owned(),
        status: "accepted-risk".to_owned(),
        reason: "imported".to_owned(),
        owner: "@platform".to_owned(),
        approver: Some("@security".to_owned()),
        ticket: None,
        expires: Date::parse("2027-01-31").unwrap(),
        findings: 1,
    }];
    let checks = vec!["message".to_owned(), "secrets".to_owned()];
    let predicate = Predicate {
        run_id: "ab".repeat(16),
        log: Place { sequence: 1, previous: None },
        gate: "pre-receive".to_owned(),
        reach: "range".to_owned(),
        enforcement: Enforcement::Blocking,
        result,
        exit_code: u8::from(result == RunResult::Fail),
        reason: None,
        tool: Tool { name: "gatepost".to_owned(), version: "0.1.0".to_owned(), sha256: Some("0".repeat(64)) },
        policy: Some(Policy {
            digest: "1".repeat(64),
            ruleset_digest: "2".repeat(64),
            exceptions: Exceptions { digest: "3".repeat(64), active: 1, expired: 0 },
        }),
        scope: Scope {
            words: "1 commit".to_owned(),
            branch: Some("refs/heads/main".to_owned()),
            refs: vec![RefMove {
                name: "refs/heads/main".to_owned(),
                old: None,
                new: commits.last().map(|digit| oid(digit)),
                signed: None,
            }],
            commits_expected: commits.len() as u64,
            commits_judged: commits.len() as u64,
            commits_listed: true,
            commits_digest: "4".repeat(64),
            ..Scope::default()
        },
        coverage: Coverage { complete: true, ..Coverage::default() },
        controls: served_by(&checks, true),
        checks,
        findings: Findings { denied, suppressed, secrets: denied, listed, ..Findings::default() },
        exceptions_used,
        suppressions: BTreeMap::from([("exception".to_owned(), suppressed)]),
        bypass,
        actor: Actor { name: "alice".to_owned(), source: "GL_USERNAME".to_owned(), authenticated: true },
        authors: vec!["A U Thor <author@example.com>".to_owned()],
        tickets: vec!["PAY-1".to_owned()],
        pull_request: None,
        ci: None,
        repository: Some("group/app".to_owned()),
        started,
        finished: started,
        duration_ms: 1500,
        retention: Retention { class: "12-months".to_owned(), until: Date::parse("2027-11-24").unwrap() },
        not_decided: NOT_DECIDED.map(str::to_owned).to_vec(),
    };
    Statement::new(subject, predicate)
}
