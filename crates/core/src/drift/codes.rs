//! The codes. A watcher says that something was weakened; a code says in which way, so that a policy can weigh it and
//! an exception can name it.
//!
//! Examples are a path and, below it, the lines of the file: those that open with `-` stand in the old version only,
//! those with `+` in the new one only.

use crate::CodeInfo;
use crate::severity::Severity;

/// To add a code, name it here, and give it its heading in `docs/checks/drift.md`.
pub(super) static CODES: [CodeInfo; 14] = [
    POLICY_WEAKENED,
    POLICY_BASE_CHANGED,
    POLICY_REMOVED,
    SETTING_CHANGED,
    EXCEPTION_EXTENDED,
    EXCEPTION_ADDED,
    BASELINE_GROWN,
    GATE_REMOVED,
    NOT_BLOCKING,
    NARROWED,
    PROTECTION_WEAKENED,
    OWNER_REMOVED,
    GATE_FILE_BROKEN,
    EXCEPTION_FOR_EVERYTHING,
];

/// Codes that are never more than a note: what they tell of may be harmless, and nobody can see from the file alone.
pub(super) const AT_MOST_NOTE: [&str; 2] = [SETTING_CHANGED.code, EXCEPTION_ADDED.code];

pub(super) const POLICY_WEAKENED: CodeInfo = CodeInfo {
    code: "GP-POL-001",
    name: "policy-weakened",
    severity: Severity::High,
    summary: "A setting of a policy lets more through than it did.",
    why: "A gate that lets more through protects less from the moment the change is merged, for everybody.",
    fix: "Put the setting back, or have those who answer for the policy make the change.",
    fires: "gatepost.toml\n [secrets]\n-level = \"deny\"\n+level = \"warn\"\n",
    silent: "gatepost.toml\n [secrets]\n-level = \"warn\"\n+level = \"deny\"\n",
};

pub(super) const POLICY_BASE_CHANGED: CodeInfo = CodeInfo {
    code: "GP-POL-002",
    name: "policy-base-changed",
    severity: Severity::High,
    summary: "A policy extends other files than it did, or in another order.",
    why: "What an organisation demands stands in the files that a policy extends: without them nothing holds it.",
    fix: "Put `extends` back, or have those who answer for the policy make the change.",
    fires: "gatepost.toml\n-extends = [\"organisation.toml\"]\n+schema = 1\n",
    silent: "gatepost.toml\n extends = [\"organisation.toml\"]\n+enforce = true\n",
};

pub(super) const POLICY_REMOVED: CodeInfo = CodeInfo {
    code: "GP-POL-003",
    name: "policy-removed",
    severity: Severity::High,
    summary: "A policy file is deleted or moved to where it is not read.",
    why: "Without a policy the built-in defaults are in force, and nothing of what the file demanded.",
    fix: "Put the file back.",
    fires: "gatepost.toml\n-schema = 1\n",
    silent: "gatepost-exceptions.toml\n-schema = 1\n",
};

pub(super) const SETTING_CHANGED: CodeInfo = CodeInfo {
    code: "GP-POL-004",
    name: "gate-setting-changed",
    severity: Severity::Low,
    summary: "A setting of a policy or of a gate has another value, and which of the two lets more through cannot be told.",
    why: "Of two patterns or conditions only a reader can say which one is the stricter.",
    fix: "Look at the two values.",
    fires: "gatepost.toml\n [message]\n-ticket = \"[A-Z]+-[0-9]+\"\n+ticket = \".*\"\n",
    silent: "gatepost.toml\n [message]\n ticket = \"[A-Z]+-[0-9]+\"\n+header-max = 72\n",
};

pub(super) const EXCEPTION_EXTENDED: CodeInfo = CodeInfo {
    code: "GP-POL-005",
    name: "exception-extended",
    severity: Severity::High,
    summary: "An exception holds longer or for more than it did, or its id is used for something else.",
    why: "An exception was allowed for one thing and until one day; what is beyond them nobody has allowed.",
    fix: "Put the record back and ask for a new exception with an id of its own.",
    fires: concat!(
        "gatepost-exceptions.toml\n [[exception]]\n id = \"EX-1\"\n rule = \"binary-file\"\n path = \"a.png\"\n",
        " status = \"accepted-risk\"\n reason = \"the logo of the firm\"\n owner = \"@design\"\n",
        "-expires = 2027-01-01\n+expires = 2027-06-01\n"
    ),
    silent: concat!(
        "gatepost-exceptions.toml\n [[exception]]\n id = \"EX-1\"\n rule = \"binary-file\"\n path = \"a.png\"\n",
        " status = \"accepted-risk\"\n reason = \"the logo of the firm\"\n owner = \"@design\"\n",
        "-expires = 2027-06-01\n+expires = 2027-01-01\n"
    ),
};

pub(super) const EXCEPTION_ADDED: CodeInfo = CodeInfo {
    code: "GP-POL-006",
    name: "exception-added",
    severity: Severity::Info,
    summary: "A policy has an exception that it did not have.",
    why: "It is the way in which deviations are asked for; a reviewer should know that one is.",
    fix: "Nothing, if the exception was agreed on.",
    fires: concat!(
        "gatepost-exceptions.toml\n+[[exception]]\n+id = \"EX-1\"\n+rule = \"binary-file\"\n+path = \"a.png\"\n",
        "+status = \"accepted-risk\"\n+reason = \"the logo of the firm\"\n+owner = \"@design\"\n+expires = 2027-01-01\n"
    ),
    silent: concat!(
        "gatepost-exceptions.toml\n-[[exception]]\n-id = \"EX-1\"\n-rule = \"binary-file\"\n-path = \"a.png\"\n",
        "-status = \"accepted-risk\"\n-reason = \"the logo of the firm\"\n-owner = \"@design\"\n-expires = 2027-01-01\n"
    ),
};

pub(super) const BASELINE_GROWN: CodeInfo = CodeInfo {
    code: "GP-POL-007",
    name: "baseline-grown",
    severity: Severity::Medium,
    summary: "A baseline has entries that it did not have.",
    why: "A baseline is for what was there on the day gatepost came. A new entry lets a new secret through, without a reason or a last day.",
    fix: "Take the secret out and revoke it; if it may stand, ask for an exception.",
    fires: "gatepost-baseline.txt\n gp1:aaaaaaaaaaaaaaaa github-pat\n+gp1:bbbbbbbbbbbbbbbb github-pat\n",
    silent: "gatepost-baseline.txt\n gp1:aaaaaaaaaaaaaaaa github-pat\n-gp1:bbbbbbbbbbbbbbbb github-pat\n",
};

pub(super) const GATE_REMOVED: CodeInfo = CodeInfo {
    code: "GP-POL-008",
    name: "gate-removed",
    severity: Severity::High,
    summary: "A hook or a CI step that ran a gate is gone.",
    why: "What the gate would have found is no longer looked for there.",
    fix: "Put it back.",
    fires: ".github/workflows/ci.yml\n on: pull_request\n jobs:\n   gate:\n     steps:\n-      - run: gatepost run ci\n       - run: make\n",
    silent: ".github/workflows/ci.yml\n on: pull_request\n jobs:\n   gate:\n     steps:\n-      - run: gatepost run ci\n       - run: make\n+      - run: gatepost run ci\n",
};

pub(super) const NOT_BLOCKING: CodeInfo = CodeInfo {
    code: "GP-POL-009",
    name: "gate-not-blocking",
    severity: Severity::High,
    summary: "A gate still runs, and what it finds no longer stops anything.",
    why: "A gate that does not block is a log that nobody reads.",
    fix: "Let its exit code decide again.",
    fires: ".husky/pre-commit\n-gatepost run pre-commit\n+gatepost run pre-commit || true\n",
    silent: ".husky/pre-commit\n-gatepost run pre-commit || true\n+gatepost run pre-commit\n",
};

pub(super) const NARROWED: CodeInfo = CodeInfo {
    code: "GP-POL-010",
    name: "gate-narrowed",
    severity: Severity::Medium,
    summary: "A gate runs in fewer cases than it did, or sees less.",
    why: "What it no longer runs for passes unseen.",
    fix: "Take the new condition out.",
    fires: ".pre-commit-config.yaml\n repos:\n - repo: https://git.example/gatepost\n   hooks:\n   - id: gatepost\n+    exclude: ^vendor/\n",
    silent: ".pre-commit-config.yaml\n repos:\n - repo: https://git.example/gatepost\n   hooks:\n   - id: gatepost\n-    exclude: ^vendor/\n",
};

pub(super) const PROTECTION_WEAKENED: CodeInfo = CodeInfo {
    code: "GP-POL-011",
    name: "branch-protection-weakened",
    severity: Severity::High,
    summary: "Settings of branch protection that are kept as a file protect less than they did.",
    why: "Gates of the server rest on it: who may push past the checks needs none.",
    fix: "Put the setting back.",
    fires: ".github/settings.yml\n branches:\n - name: main\n   protection:\n-    enforce_admins: true\n+    enforce_admins: false\n",
    silent: ".github/settings.yml\n branches:\n - name: main\n   protection:\n-    enforce_admins: false\n+    enforce_admins: true\n",
};

pub(super) const OWNER_REMOVED: CodeInfo = CodeInfo {
    code: "GP-POL-012",
    name: "gate-owner-removed",
    severity: Severity::Medium,
    summary: "CODEOWNERS no longer names who must agree to changes of the gates.",
    why: "Without an owner anybody's approval is enough to change the policy.",
    fix: "Put the line back.",
    fires: "CODEOWNERS\n-/gatepost.toml @security\n docs/ @docs\n",
    silent: "CODEOWNERS\n /gatepost.toml @security\n-docs/ @docs\n",
};

pub(super) const GATE_FILE_BROKEN: CodeInfo = CodeInfo {
    code: "GP-POL-013",
    name: "gate-file-broken",
    severity: Severity::Medium,
    summary: "A file that gates rest on can no longer be read.",
    why: "The gate in it does not run, or nobody can tell whether it does.",
    fix: "Mend the file.",
    fires: ".pre-commit-config.yaml\n repos:\n-- repo: https://git.example/gatepost\n+- repo: [\n   hooks:\n   - id: gatepost\n",
    silent: ".pre-commit-config.yaml\n repos:\n-- repo: [\n+- repo: https://git.example/gatepost\n   hooks:\n   - id: gatepost\n",
};

pub(super) const EXCEPTION_FOR_EVERYTHING: CodeInfo = CodeInfo {
    code: "GP-POL-014",
    name: "exception-for-everything",
    severity: Severity::High,
    summary: "A policy has a new exception that is for every file.",
    why: "An exception is for one thing that somebody looked at. One for every file switches its rule off, for what is still to come too.",
    fix: "Name the finding, the commit or the path that it is for.",
    fires: concat!(
        "gatepost-exceptions.toml\n+[[exception]]\n+id = \"EX-1\"\n+rule = \"binary-file\"\n+path = \"**\"\n",
        "+status = \"accepted-risk\"\n+reason = \"the logo of the firm\"\n+owner = \"@design\"\n+expires = 2027-01-01\n"
    ),
    silent: concat!(
        "gatepost-exceptions.toml\n-[[exception]]\n-id = \"EX-1\"\n-rule = \"binary-file\"\n-path = \"**\"\n",
        "-status = \"accepted-risk\"\n-reason = \"the logo of the firm\"\n-owner = \"@design\"\n-expires = 2027-01-01\n"
    ),
};
