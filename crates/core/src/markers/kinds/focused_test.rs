//! A test beside which no other one runs.

use super::super::config::Demand;
use super::disabled_test::{marks, patterns};
use super::test_sets::FOCUSED;
use super::{Complaint, MarkerKind};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const KIND: MarkerKind = MarkerKind {
    info: CodeInfo {
        code: "GP-MARK-004",
        name: "focused-test",
        severity: Severity::High,
        summary: "An added line has the test runner leave out every other test.",
        why: "The run is green and has tested next to nothing.",
        fix: "Take the mark out: `it.only` becomes `it`.",
        fires: "describe.only('cart', () => {});\n",
        silent: "describe('cart', () => { expect(only).toBe('it.only'); });\n",
    },
    key: "focused-tests",
    example_path: "test/cart.test.js",
    options: "focused-tests = \"forbid\"",
    demand: |settings| settings.focused_tests,
    patterns: |_, language| patterns(FOCUSED, language),
    judge: |subject, complaints| {
        for (_, hit) in marks(FOCUSED, subject) {
            let remarks = subject.remarks(&hit);
            if subject.is_met(&remarks, &remarks) {
                continue;
            }
            let step = match subject.demand {
                Demand::NeedsTicket => {
                    "take the mark out, or name its ticket in the line above: // PROJ-123: why"
                }
                Demand::NeedsReason => {
                    "take the mark out, or say in the line above, in ten characters or more, why it stays"
                }
                Demand::Forbid | Demand::Allow => "take the mark out, so that the other tests run again",
            };
            complaints.push(Complaint {
                message: format!("only this test runs{}: `{}`", subject.lack(), subject.shown(hit.clone())),
                fix: vec![step.to_owned(), subject.way_out("focused-tests")],
                range: hit,
            });
        }
    },
};
