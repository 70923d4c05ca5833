//! The decisions of a run for people: one line for each place that was looked at closely, and below what was reported the
//! tests that let it through.

use crate::mask::Mask;
use crate::style::{Paint, Role, count};
use gatepost_core::decision::{Decision, DecisionOutcome};
use gatepost_core::text::escape;
use gatepost_core::{Decisions, Level, Location};
use std::io::{self, Write};

/// Writes the block; `place` gives a location the form that it has in the rest of the report.
pub(crate) fn write(
    decisions: &Decisions,
    mask: &Mask,
    paint: Paint,
    place: impl Fn(&Location) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    let outcomes = || decisions.list().iter().map(|one| one.outcome);
    let reported = outcomes().filter(|outcome| matches!(outcome, DecisionOutcome::Reported(_))).count();
    let suppressed = outcomes().filter(|outcome| *outcome == DecisionOutcome::Suppressed).count();
    let rest = decisions.list().len().saturating_sub(reported + suppressed);
    let head = format!("decisions: {reported} reported, {suppressed} suppressed, {rest} not reported");
    writeln!(out, "{}", paint.text(Role::Title, head))?;
    for decision in decisions.list() {
        let said = said(decision, mask);
        let rule = escape(&decision.rule);
        writeln!(out, "  {}  {rule}  {}  {said}", place(&decision.location), decision.value.redacted())?;
        if decision.outcome != DecisionOutcome::NotReported {
            details(decision, mask, paint, out)?;
        }
    }
    if decisions.left_out() > 0 {
        let more = count(decisions.left_out(), "more decision");
        writeln!(out, "  {more} not shown: `gatepost scan --why FILE` shows those of one file")?;
    }
    writeln!(out)
}

fn said(decision: &Decision, mask: &Mask) -> String {
    match (decision.outcome, decision.decided_by()) {
        (DecisionOutcome::Reported(level), _) => format!("reported: {}", level_word(level)),
        (outcome, Some(test)) => {
            let clause = line(&test.clause, mask);
            if outcome == DecisionOutcome::Suppressed {
                format!("suppressed: {clause}")
            } else {
                format!("not reported: {clause} ({})", test.name)
            }
        }
        (_, None) => "not reported".to_owned(),
    }
}

fn details(decision: &Decision, mask: &Mask, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    // What suppresses stands in the line above.
    for test in decision.tests.iter().filter(|test| test.name != "suppressed") {
        let name = paint.text(Role::Frame, format_args!("    = {}:", test.name)).to_string();
        writeln!(out, "{name} {}", line(&test.clause, mask))?;
    }
    let (severity, confidence) = (decision.severity, decision.confidence);
    let moved = [
        (severity.0 != severity.1)
            .then(|| format!("severity {} -> {}", severity.0.as_str(), severity.1.as_str())),
        (confidence.0 != confidence.1)
            .then(|| format!("confidence {} -> {}", confidence.0.as_str(), confidence.1.as_str())),
    ];
    let moved: Vec<String> = moved.into_iter().flatten().collect();
    if !moved.is_empty() {
        let name = paint.text(Role::Frame, "    = by these tests:").to_string();
        writeln!(out, "{name} {}", moved.join(", "))?;
    }
    Ok(())
}

fn line(text: &str, mask: &Mask) -> String {
    mask.text(text).lines().map(escape).collect::<Vec<_>>().join(" ")
}

const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note | Level::Off => "note",
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Reporter as _, human::Human, testing};

    #[test]
    fn every_decision_is_a_line_and_no_value_is_shown() {
        let mut report = testing::empty();
        report.coverage.files = 1;
        report.decisions = Some(testing::decisions());
        let mut out = Vec::new();
        Human.write(&report, &Options::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let values =
            report.decisions.iter().flat_map(gatepost_core::Decisions::list).map(|one| one.value.reveal());
        for value in values {
            assert!(!text.contains(std::str::from_utf8(value).unwrap()), "{text}");
        }
        insta::assert_snapshot!(text, @r"
        decisions: 1 reported, 1 suppressed, 1 not reported
          app.env:3:5  a-rule  q7q7********  reported: error
            = structure: its checksum fits
            = policy: the policy's level is `deny`
            = by these tests: confidence medium -> high
          app.env:4:5  a-rule  q7q7********  suppressed: the baseline has it
            = by these tests: confidence medium -> high
          app.env:5:5  a-rule  q7q7********  not reported: its entropy is 1.00 bits a byte, below 3 (entropy)

        gatepost: 1 file, clean, 4 ms
        ");
    }

    #[test]
    fn what_is_left_out_is_said() {
        let mut report = testing::empty();
        let mut decisions = testing::decisions();
        let one = decisions.list()[0].clone();
        (0..3000).for_each(|_| decisions.push(one.clone()));
        decisions.settle();
        report.decisions = Some(decisions);
        let mut out = Vec::new();
        Human.write(&report, &Options::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("2,003 more decisions not shown") || text.contains("2003 more decisions not shown"),
            "{text}"
        );
    }
}
