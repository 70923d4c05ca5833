//! The codes of the section. Those from 1 to 99 of the family are of whoever changes a policy.

use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const UNUSED: CodeInfo = CodeInfo {
    code: "GP-POL-101",
    name: "exception-unused",
    severity: Severity::Low,
    summary: "An exception is for nothing that a scan of the whole history finds.",
    why: "What it excused is gone, or it never excused anything. Left standing, it waits for the next finding that fits it.",
    fix: "Remove it: gatepost exceptions prune --unused --write",
    fires: "an exception by the fingerprint of a secret that is in no object of the repository",
    silent: "an exception by the fingerprint of a secret that is in the history",
};

pub(super) const EXPIRED: CodeInfo = CodeInfo {
    code: "GP-POL-102",
    name: "exception-expired",
    severity: Severity::Low,
    summary: "The last day of an exception is over.",
    why: "It excuses nothing any more. What it was for is a finding again, or has gone and the record can go too.",
    fix: "Renew it with its owner under a new id, or remove it: gatepost exceptions prune --write",
    fires: "expires = 2026-11-21, on 2026-11-22",
    silent: "expires = 2026-11-22, on 2026-11-22",
};

pub(super) const CODES: &[CodeInfo] = &[UNUSED, EXPIRED];
