//! The report for people at a terminal: what was found, where, why it matters and what to type next; what could
//! not be checked; and one line, always the last, that sums it up.
//!
//! Columns count characters here, as editors do; the machine formats have bytes as well. Findings that deny come
//! first. Why and what to do are said once for all findings they are the same for.

use crate::excerpt;
use crate::mask::Mask;
use crate::style::{Paint, Role, count, wrap};
use crate::{Options, Reader, Reporter, decisions, summary};
use gatepost_core::report::Suppression;
use gatepost_core::text::escape;
use gatepost_core::{Finding, Level, Location, Problem, RepoPath, Report};
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr as _;

/// Findings shown in full; the rest is counted by rule, unless everything is asked for.
const FINDINGS: usize = 50;
/// Problems shown in full; the rest is counted, unless everything is asked for.
const PROBLEMS: usize = 20;
/// The same of either for whoever pushed.
const FOR_PUSHER: usize = 10;
/// Places of one finding that are named beside the first, a line each; the rest is counted, unless everything is asked for.
const PLACES: usize = 5;

/// The format `human`.
#[derive(Clone, Copy, Debug)]
pub struct Human;

impl Reporter for Human {
    fn name(&self) -> &'static str {
        "human"
    }

    fn summary(&self) -> &'static str {
        "for people: excerpts, reasons and what to type next"
    }

    fn write(&self, report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        let asked = report.decisions.is_some();
        if options.quiet > 0 && !asked && summary::is_clean(report) && !has_nothing_to_say_for_it(report) {
            return out.flush();
        }
        let paint = Paint { color: options.color };
        let mask = Mask::new(report, options.show_secrets);
        // The lines are written in pieces.
        let out = &mut io::BufWriter::new(out);
        let mut writer =
            Writer { options, paint, mask: &mask, explained: HashSet::new(), hinted: false, out };
        if options.quiet < 2 {
            writer.findings(report)?;
            writer.problems(&report.problems)?;
            if let Some(all) = &report.decisions {
                decisions::write(all, &mask, paint, |at| place(at, &mask), writer.out)?;
            }
        }
        if options.quiet < 1 {
            writer.notices(&report.notices)?;
            writer.stale_baseline(report)?;
            writer.suppressed(report)?;
        }
        writeln!(out, "{}", summary::line(report, &mask, paint))?;
        out.flush()
    }
}

/// Whether the run judged nothing at all: that is said however quiet it shall be.
fn has_nothing_to_say_for_it(report: &Report) -> bool {
    report.findings.is_empty() && report.coverage.is_empty()
}

struct Writer<'a> {
    options: &'a Options,
    paint: Paint,
    mask: &'a Mask,
    /// What was explained already: code, reasons and steps.
    explained: HashSet<(&'a str, &'a [String], &'a [String])>,
    /// Whether the reader was told what a fingerprint is good for.
    hinted: bool,
    out: &'a mut dyn Write,
}

impl<'a> Writer<'a> {
    fn findings(&mut self, report: &'a Report) -> io::Result<()> {
        let everything = self.options.verbose > 0;
        let levels: &[Level] =
            if everything { &[Level::Deny, Level::Warn, Level::Note] } else { &[Level::Deny, Level::Warn] };
        let shown: Vec<&Finding> = levels
            .iter()
            .flat_map(|level| report.findings.iter().filter(move |f| f.level == *level))
            .collect();
        let limit = if everything { shown.len() } else { self.most(FINDINGS).min(shown.len()) };
        let (full, rest) = shown.split_at_checked(limit).unwrap_or((&shown, &[]));
        for finding in full {
            self.finding(finding)?;
        }
        self.counted(rest)
    }

    /// How many of something are shown in full, where whoever runs gatepost sees so many.
    fn most(&self, here: usize) -> usize {
        match self.options.reader {
            Reader::Here => here,
            Reader::Pusher { .. } => FOR_PUSHER.min(here),
        }
    }

    /// What shows the rest.
    fn elsewhere(&self, here: &'static str) -> &'static str {
        match self.options.reader {
            Reader::Here => here,
            Reader::Pusher { has_whole: true } => "the report that the server keeps has",
            Reader::Pusher { has_whole: false } => {
                "`gatepost run ci --from-ref REMOTE/BRANCH -v`, where you commit, shows"
            }
        }
    }

    /// The findings that are not shown in full, by rule.
    fn counted(&mut self, findings: &[&Finding]) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        let mut rules: BTreeMap<(&str, Level), u64> = BTreeMap::new();
        for finding in findings {
            *rules.entry((&finding.rule, finding.level)).or_default() += 1;
        }
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        let more = count(findings.len() as u64, "more finding");
        writeln!(self.out, "{}", self.paint.text(Role::Title, format_args!("{more}, by rule:")))?;
        for ((rule, level), number) in rules {
            writeln!(self.out, "  {number:>6}  {} ({})", escape(rule), word(level))?;
        }
        writeln!(self.out, "  ({} all of them)\n", self.elsewhere("-v shows"))
    }

    fn finding(&mut self, finding: &'a Finding) -> io::Result<()> {
        let mask = self.mask;
        let first = finding.locations.first();
        let line = first.and_then(|at| at.span).map(|span| span.line.to_string());
        // Without a line there is no excerpt to line up with.
        let gutter = line.as_ref().map_or(1, String::len);
        let head = format!("{}[{}]", word(finding.level), escape(finding.code.as_str()));
        let name = mask.text(&finding.name).into_owned();
        writeln!(
            self.out,
            "{}{} {}",
            self.paint.text(role(finding.level), head),
            self.paint.text(Role::Title, ":"),
            self.paint.text(Role::Title, escape(&name))
        )?;
        let mut labelled = false;
        if let Some(first) = first {
            let arrow = format!("{:gutter$}-->", "");
            let place = place(first, mask);
            let context = context(first, mask);
            writeln!(self.out, "{} {place}{context}", self.paint.text(Role::Frame, arrow))?;
            labelled = self.excerpt(finding, first, line.as_deref().unwrap_or_default())?;
        }
        if !labelled {
            self.note(gutter, "what", [mask.text(&finding.message).as_ref()])?;
        }
        self.details(finding, gutter)?;
        writeln!(self.out)
    }

    /// The line with its caret. `true` when the finding's message stands beside the caret.
    fn excerpt(&mut self, finding: &Finding, at: &Location, line: &str) -> io::Result<bool> {
        let Some(excerpt) = &at.excerpt else { return Ok(false) };
        let gutter = line.len().max(1);
        let room = self.options.width.map(|width| usize::from(width).saturating_sub(gutter + 3));
        let mask = self.mask;
        let layout = excerpt::layout(excerpt, mask, room);
        let message = mask.text(&finding.message);
        let message = escape(&message);
        let end = layout.start + layout.marks + 1 + message.width();
        let beside = room.is_none_or(|room| end <= room);
        let bar = format!("{:gutter$} |", "");
        let number = format!("{line:gutter$} |");
        let marks = "^".repeat(layout.marks);
        let marks = if beside { format!("{marks} {message}") } else { marks };
        let indent = layout.start + 1;
        writeln!(self.out, "{}", self.paint.text(Role::Frame, &bar))?;
        writeln!(self.out, "{} {}", self.paint.text(Role::Frame, number), layout.text)?;
        writeln!(
            self.out,
            "{}{:indent$}{}",
            self.paint.text(Role::Frame, bar),
            "",
            self.paint.text(role(finding.level), marks.trim_end())
        )?;
        Ok(beside)
    }

    fn details(&mut self, finding: &'a Finding, gutter: usize) -> io::Result<()> {
        if let Some(secret) = finding.secret.as_ref().filter(|_| self.options.show_secrets) {
            self.note(gutter, "secret", [String::from_utf8_lossy(secret.reveal()).as_ref()])?;
        }
        self.parts(finding, gutter)?;
        let decoders = finding.locations.first().map(|at| at.decoded_by.join(" > ")).unwrap_or_default();
        if !decoders.is_empty() {
            self.note(gutter, "decoded from", [decoders.as_str()])?;
        }
        let mask = self.mask;
        let explanation = (finding.code.as_str(), finding.why.as_slice(), finding.fix.as_slice());
        if finding.why.is_empty() && finding.fix.is_empty() {
            // Nothing to explain.
        } else if self.explained.insert(explanation) {
            self.note(gutter, "why", finding.why.iter().map(|line| mask.text(line)))?;
            self.note(gutter, "fix", finding.fix.iter().map(|line| mask.text(line)))?;
        } else {
            let above = format!("as at the first {} above", finding.code);
            self.note(gutter, "why, fix", [above.as_str()])?;
        }
        self.also_at(finding, gutter)?;
        let hint = if self.hinted { "" } else { " (to let it stand: `gatepost exceptions add --help`)" };
        self.hinted = true;
        self.note(gutter, "fingerprint", [format!("{}{hint}", finding.fingerprint)])
    }

    /// What belongs to the same credential as the first place: `with: the AWS access key ID at line 3`.
    fn parts(&mut self, finding: &Finding, gutter: usize) -> io::Result<()> {
        let mask = self.mask;
        let parts = finding.locations.first().map(|at| at.parts.as_slice()).unwrap_or_default();
        let named =
            parts.iter().map(|part| format!("the {} at line {}", mask.text(&part.name), part.span.line));
        self.note(gutter, "with", named)
    }

    fn also_at(&mut self, finding: &Finding, gutter: usize) -> io::Result<()> {
        let mask = self.mask;
        let others = finding.locations.get(1..).unwrap_or_default();
        if others.is_empty() {
            return Ok(());
        }
        if self.options.verbose > 0 {
            let places = others.iter().map(|at| format!("{}{}", place(at, mask), context(at, mask)));
            return self.note(gutter, "also at", places);
        }
        // No line says that there is one more where that one could stand.
        let shown = if others.len() == PLACES + 1 { others.len() } else { PLACES };
        let mut places: Vec<String> = others.iter().take(shown).map(|at| place(at, mask)).collect();
        let more = others.len().saturating_sub(shown);
        if more > 0 {
            places.push(format!("and {more} more ({} all)", self.elsewhere("-v or -f json lists")));
        }
        self.note(gutter, "also at", places)
    }

    /// `   = label: text`, further lines lined up under the first. The text is escaped here.
    fn note<T: AsRef<str>>(
        &mut self,
        gutter: usize,
        label: &str,
        lines: impl IntoIterator<Item = T>,
    ) -> io::Result<()> {
        let lead = format!("{:gutter$} = {label}: ", "");
        let room = self.options.width.map(|width| usize::from(width).saturating_sub(lead.len()).max(20));
        let mut first = true;
        for text in lines {
            for line in text.as_ref().lines() {
                for part in wrap(&escape(line), room) {
                    if first {
                        write!(self.out, "{}", self.paint.text(Role::Frame, &lead))?;
                    } else {
                        write!(self.out, "{:1$}", "", lead.len())?;
                    }
                    first = false;
                    writeln!(self.out, "{part}")?;
                }
            }
        }
        Ok(())
    }

    fn problems(&mut self, problems: &[Problem]) -> io::Result<()> {
        let limit =
            if self.options.verbose > 0 { problems.len() } else { self.most(PROBLEMS).min(problems.len()) };
        let mut shown = problems.iter().take(limit).peekable();
        while let Some(problem) = shown.next() {
            let what = self.one_line(&problem.what);
            writeln!(self.out, "{} {what}", self.paint.text(Role::Error, "could not check:"))?;
            if let Some(place) = problem.place.as_ref().filter(|place| !problem.what.contains(*place)) {
                writeln!(
                    self.out,
                    "{} {}",
                    self.paint.text(Role::Frame, "  -->"),
                    escape(&self.mask.text(place))
                )?;
            }
            // Many problems with one cause have one remedy: it stands under the last of them.
            if shown.peek().is_none_or(|next| next.fix != problem.fix) {
                let fix = self.mask.text(&problem.fix);
                self.note(2, "fix", [fix])?;
                writeln!(self.out)?;
            }
        }
        let more = problems.len().saturating_sub(limit);
        if more > 0 {
            let more = count(more as u64, "more thing");
            let all = self.elsewhere("-v lists");
            writeln!(self.out, "{more} could not be checked ({all} all)\n")?;
        }
        Ok(())
    }

    /// `text`, which may have several lines, safe to show on one.
    fn one_line(&self, text: &str) -> String {
        self.mask.text(text).lines().map(escape).collect::<Vec<_>>().join(" ")
    }

    fn notices(&mut self, notices: &[String]) -> io::Result<()> {
        for notice in notices {
            let text = self.one_line(notice);
            writeln!(self.out, "{} {text}", self.paint.text(Role::Note, "notice:"))?;
        }
        Ok(())
    }

    /// A notice has said how many there are.
    fn stale_baseline(&mut self, report: &Report) -> io::Result<()> {
        for (fingerprint, rule) in report.stale_baseline.iter().flatten().filter(|_| self.options.verbose > 0)
        {
            writeln!(self.out, "  stale in the baseline: {fingerprint} {}", self.one_line(rule))?;
        }
        Ok(())
    }

    fn suppressed(&mut self, report: &Report) -> io::Result<()> {
        if report.suppressed.is_empty() {
            return Ok(());
        }
        let total = count(report.suppressed.len() as u64, "finding");
        let kinds: Vec<String> = report
            .suppressions()
            .into_iter()
            .map(|((kind, dialect), number)| match (kind, dialect) {
                ("exception", _) => format!("{number} by exceptions"),
                (_, Some(dialect)) => format!("{number} by comments of {dialect}"),
                ("break-glass", _) => format!("{number} by break-glass"),
                (kind, None) => format!("{number} by the {kind}"),
            })
            .collect();
        writeln!(self.out, "suppressed: {total} ({})", kinds.join(", "))?;
        if self.options.verbose == 0 {
            return Ok(());
        }
        for suppressed in &report.suppressed {
            let finding = &suppressed.finding;
            let at = finding.locations.first().map(|at| place(at, self.mask)).unwrap_or_default();
            let by = by(&suppressed.by);
            writeln!(self.out, "  {} {at}: {}", escape(finding.code.as_str()), escape(&self.mask.text(&by)))?;
        }
        Ok(())
    }
}

fn by(suppression: &Suppression) -> String {
    match suppression {
        Suppression::Exception(exception) => {
            let gatepost_core::Exception { id, reason, owner, expires, .. } = exception.as_ref();
            format!("exception {id}: {reason} ({owner}, until {expires})")
        }
        Suppression::BreakGlass { id, reason, owner } => format!("break-glass {id}: {reason} ({owner})"),
        Suppression::Baseline => "in the baseline".to_owned(),
        Suppression::AllowList { entry, reason } => format!("allow-list, {entry}: {reason}"),
        Suppression::Exempt { entry, reason } => format!("{entry}: {reason}"),
        Suppression::Inline { dialect, reason, until, id } => {
            let id = id.as_ref().map_or_else(String::new, |id| format!(", {id}"));
            let until = until.map_or_else(String::new, |until| format!(", until {until}"));
            let reason = reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
            format!("comment of {dialect}{id}{until}{reason}")
        }
    }
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note | Level::Off => "note",
    }
}

const fn role(level: Level) -> Role {
    match level {
        Level::Deny => Role::Error,
        Level::Warn => Role::Warning,
        Level::Note | Level::Off => Role::Note,
    }
}

/// `config/prod.env:12:15`, inside archives `lib/app.jar!/conf/x.env:3:5`, or what stands for it where there is no path: `commit message of 1a2b3c4d5e6f:1:1`.
fn place(at: &Location, mask: &Mask) -> String {
    let subject = at.subject.as_deref().map(|subject| mask.text(subject));
    let masked = |path: &RepoPath| RepoPath::new(mask.bytes(path.as_bytes()));
    let mut out = match (&at.path, subject) {
        (Some(path), _) => escape(&masked(path).escaped()).into_owned(),
        (None, Some(subject)) => {
            let commit = at.commit.map(|id| id.short()).filter(|id| !subject.contains(id.as_str()));
            let of = commit.map(|id| format!(" of {id}")).unwrap_or_default();
            format!("{}{of}", escape(&subject))
        }
        (None, None) => match (at.object, at.commit) {
            (Some(object), _) => format!("object {}", object.short()),
            (None, Some(commit)) => format!("commit {}", commit.short()),
            (None, None) => "the change as a whole".to_owned(),
        },
    };
    let inside = Location { inner: at.inner.iter().map(masked).collect(), ..Location::default() };
    out.push_str(&escape(&inside.shown_inner()));
    if let Some(span) = at.span {
        out.push_str(&format!(":{}:{}", span.line, span.character));
    }
    out
}

/// `   (index, commit 1a2b3c4d5e6f, Jane Doe, 2026-11-03, still at the tip)`; empty when nothing is known.
fn context(at: &Location, mask: &Mask) -> String {
    let subject = at.path.as_ref().and(at.subject.as_deref()).map(|s| escape(&mask.text(s)).into_owned());
    // Without a path the commit is part of the place.
    let commit = at.path.as_ref().and(at.commit).map(|id| format!("commit {}", id.short()));
    let author = at.author.as_ref().map(|who| {
        let name = if who.name.is_empty() { &who.email } else { &who.name };
        escape(&mask.text(&String::from_utf8_lossy(name))).into_owned()
    });
    let date = at.author.as_ref().and_then(|who| who.time).map(|time| time.date().to_string());
    let tip = at.in_tip.map(|tip| if tip { "still at the tip" } else { "gone from the tip" }.to_owned());
    let known = at.known_as.as_ref().map(|known| format!("{} {}", escape(&known.rule), known.fingerprint));
    let parts: Vec<String> = [subject, commit, author, date, tip, known].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("   ({})", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use gatepost_core::text::is_unsafe;
    use gatepost_core::{Coverage, Identity, Secret, SkipReason};
    use proptest::{option, prelude::*};

    const PLAIN: Options = Options {
        color: false,
        show_secrets: false,
        quiet: 0,
        verbose: 0,
        reader: Reader::Here,
        width: None,
    };

    fn write(report: &Report, options: &Options) -> String {
        let mut out = Vec::new();
        Human.write(report, options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn with(findings: Vec<Finding>) -> Report {
        let mut report = testing::empty();
        report.coverage.files = 3;
        report.coverage.bytes = 1234;
        report.findings = findings;
        report
    }

    #[test]
    fn clean() {
        let mut report = with(vec![]);
        report.coverage.commits = 1;
        assert_eq!(write(&report, &PLAIN), "gatepost: 3 files, 1 commit, clean, 4 ms\n");
        assert_eq!(write(&report, &Options { quiet: 1, ..PLAIN }), "");
        report.coverage.skip(SkipReason::Excluded);
        report.coverage.skip(SkipReason::TooLarge);
        report.enforced = false;
        assert_eq!(
            write(&report, &PLAIN),
            "gatepost: 3 files, 1 commit, clean, 2 skipped (1 excluded, 1 too large), 4 ms (not enforced)\n"
        );
    }

    #[test]
    fn nothing_judged_is_said_however_quiet() {
        let options = Options { quiet: 2, ..PLAIN };
        assert_eq!(write(&testing::empty(), &options), "gatepost: nothing to check: 3 staged files, 4 ms\n");
    }

    #[test]
    fn one_secret() {
        insta::assert_snapshot!(write(&with(vec![testing::one_secret()]), &PLAIN));
    }

    #[test]
    fn one_secret_shown() {
        let options = Options { show_secrets: true, ..PLAIN };
        let text = write(&with(vec![testing::one_secret()]), &options);
        let secret = String::from_utf8(testing::token().reveal().to_vec()).unwrap();
        assert!(text.contains(&format!("   = secret: {secret}\n")), "{text}");
    }

    #[test]
    fn one_secret_on_a_narrow_terminal_in_colour() {
        let mut finding = testing::one_secret();
        let before = format!("\tlet github_token = \"{}", "x".repeat(60));
        finding.locations = vec![testing::at("src/a.rs", 104, &before, &testing::token(), "\".to_owned();")];
        let options = Options { color: true, width: Some(60), ..PLAIN };
        let text = write(&with(vec![finding]), &options);
        assert!(text.contains("\u{1b}[1m\u{1b}[31merror[github-pat]\u{1b}[0m"), "{text:?}");
        insta::assert_snapshot!(text.replace('\u{1b}', "<ESC>"));
    }

    #[test]
    fn many_findings() {
        insta::assert_snapshot!(write(&testing::full(), &PLAIN));
    }

    #[test]
    fn many_findings_verbose() {
        insta::assert_snapshot!(write(&testing::full(), &Options { verbose: 1, ..PLAIN }));
    }

    #[test]
    fn more_findings_than_fit() {
        let warning = |_| Finding { level: Level::Warn, ..testing::message_error() };
        let mut report = with((0..70).map(warning).collect());
        report.findings.push(testing::one_secret());
        let text = write(&report, &PLAIN);
        assert!(text.starts_with("error[github-pat]"), "what denies comes first");
        assert!(text.contains("21 more findings, by rule:\n      21  type-missing (warning)\n"), "{text}");
        assert_eq!(text.matches("warning[").count(), 49);
        let all = write(&report, &Options { verbose: 1, ..PLAIN });
        assert_eq!(all.matches("warning[").count(), 70);
    }

    #[test]
    fn message_error() {
        let mut report = with(vec![testing::message_error()]);
        report.coverage = Coverage { texts: 1, ..Default::default() };
        report.stage = gatepost_core::Stage::CommitMsg;
        insta::assert_snapshot!(write(&report, &PLAIN));
    }

    #[test]
    fn incomplete() {
        let mut report = with(vec![]);
        let missing = |digit: &str| Problem {
            what: format!("object {} is missing", digit.repeat(40)),
            place: None,
            fix: "git fetch --refetch".to_owned(),
        };
        report.problems = vec![
            missing("1"),
            missing("2"),
            Problem {
                what: "the base of the range is beyond the shallow clone".to_owned(),
                place: Some("main..HEAD".to_owned()),
                fix: "git fetch --unshallow".to_owned(),
            },
        ];
        report.coverage.skip(SkipReason::Missing);
        report.coverage.skip(SkipReason::Missing);
        report.coverage.skip(SkipReason::Shallow);
        insta::assert_snapshot!(write(&report, &PLAIN));
        assert!(write(&report, &Options { quiet: 2, ..PLAIN }).starts_with("gatepost: INCOMPLETE: "));
    }

    #[test]
    fn many_problems_are_counted() {
        let mut report = with(vec![]);
        report.problems = (0..25)
            .map(|n| Problem {
                what: format!("object {n} is missing"),
                place: None,
                fix: "Fetch.".to_owned(),
            })
            .collect();
        let text = write(&report, &PLAIN);
        assert_eq!(text.matches("could not check: ").count(), 20);
        assert!(text.contains("5 more things could not be checked (-v lists all)"), "{text}");
        assert_eq!(write(&report, &Options { verbose: 1, ..PLAIN }).matches("could not check: ").count(), 25);
    }

    #[test]
    fn dry_run() {
        let mut report = with(vec![testing::one_secret()]);
        report.enforced = false;
        let text = write(&report, &PLAIN);
        assert!(text.ends_with("gatepost: 1 error in 3 files (1.2 KB), 4 ms (not enforced)\n"), "{text}");
    }

    /// What a pusher could put into every place that is free text.
    fn nasty() -> Report {
        let bad = "x\u{1b}[2J\u{9b}31m\u{202e}\n\r\u{7}\u{200b}y";
        let mut finding = testing::one_secret();
        finding.name.push_str(bad);
        finding.message.push_str(bad);
        finding.why.push(bad.to_owned());
        let mut location = testing::attributed(testing::at("p", 3, bad, &testing::token(), bad));
        location.path = Some(RepoPath::new([bad.as_bytes(), b"\xff\xfe"].concat()));
        location.subject = Some(bad.to_owned());
        location.author = Some(Identity { name: [b"\xe9", bad.as_bytes()].concat(), ..Identity::default() });
        finding.locations = vec![location.clone(), location];
        let mut subject = testing::message_error();
        subject.locations[0].subject = Some(bad.to_owned());
        let mut report = with(vec![finding, subject]);
        report.scope = bad.to_owned();
        report.notices = vec![bad.to_owned()];
        report.problems =
            vec![Problem { what: bad.to_owned(), place: Some(format!("at {bad}")), fix: bad.to_owned() }];
        report.suppressed.push(gatepost_core::Suppressed {
            finding: report.findings[0].clone(),
            by: Suppression::Exception(Box::new(testing::exception(bad, bad))),
        });
        report
    }

    #[test]
    fn odd_bytes() {
        let text = write(&nasty(), &Options { verbose: 1, ..PLAIN });
        assert!(!text.replace('\n', "").contains(is_unsafe));
        insta::assert_snapshot!(text);
        let empty = Report { scope: "a\u{1b}c".to_owned(), ..testing::empty() };
        assert_eq!(write(&empty, &PLAIN), "gatepost: nothing to check: a\\u{1b}c, 4 ms\n");
    }

    #[test]
    fn only_our_own_colours_reach_the_terminal() {
        let text = write(&nasty(), &Options { verbose: 1, color: true, width: Some(80), ..PLAIN });
        for sequence in text.split('\u{1b}').skip(1) {
            let (code, _) = sequence.split_once('m').unwrap();
            assert!(["[0", "[1", "[31", "[32", "[33", "[34", "[36"].contains(&code), "{code:?}");
        }
        assert!(!text.replace(['\n', '\u{1b}'], "").contains(is_unsafe));
    }

    proptest! {
        #[test]
        fn any_report_is_safe_to_show(
            report in testing::any_report(), verbose in 0_u8..2, quiet in 0_u8..3, width in option::of(0_u16..200),
        ) {
            let text = write(&report, &Options { verbose, quiet, width, ..PLAIN });
            prop_assert!(!text.replace('\n', "").contains(is_unsafe));
            let last = text.lines().last().unwrap_or_default();
            let silent = quiet > 0 && summary::is_clean(&report) && !has_nothing_to_say_for_it(&report);
            prop_assert_eq!(text.is_empty(), silent);
            prop_assert!(silent || last.starts_with("gatepost: "));
            prop_assert_eq!(last.contains("INCOMPLETE"), !report.is_complete());
        }
    }

    /// The pages that show this output show this output.
    #[test]
    fn the_documentation_shows_what_is_written() {
        let mut finding = testing::one_secret();
        finding.name = "GitHub personal access token (classic)".to_owned();
        finding.message = "GitHub personal access token (classic) in config/prod.env".to_owned();
        let risk =
            "Act as the owner: read and push code, change workflows and packages, as far as the scopes go.";
        finding.why = vec![
            "A token that acts as its owner on GitHub with the scopes it was given.".to_owned(),
            format!("What a thief can do: {risk}"),
            "Its checksum is right, so it was issued in this form.".to_owned(),
        ];
        let revoke = "Revoke it at https://github.com/settings/tokens";
        finding.fix = vec![
            format!("{revoke}."),
            "Create a new one with the smallest scopes and keep it in a secret store or an environment variable."
                .to_owned(),
            "If it is no secret, say so on the line: `gatepost:allow github-pat reason=\"…\"`.".to_owned(),
        ];
        finding.locations = vec![testing::at("config/prod.env", 12, "GITHUB_TOKEN=", &testing::token(), "")];
        let mut report = with(vec![finding.clone()]);
        report.coverage = Coverage { files: 1, bytes: 312, ..Coverage::default() };
        let page = include_str!("../../../README.md");
        assert!(page.contains(&write(&report, &PLAIN)), "README.md:\n{}", write(&report, &PLAIN));

        let page = include_str!("../../../docs/guide.md");
        finding.why = vec![risk.to_owned()];
        finding.fix = vec![revoke.to_owned()];
        let mut first = testing::attributed(finding.locations[0].clone());
        first.commit = gatepost_core::ObjectId::from_hex(b"1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d");
        let others = ["a/b.env:3", "c.env:4", "d.env:1", "e:1", "f:1", "g:1", "h:1"].map(|place| {
            let (path, line) = place.split_once(':').unwrap();
            let before = if path == "c.env" { "=" } else { "" };
            testing::at(path, line.parse().unwrap(), before, &testing::token(), "")
        });
        finding.locations = [vec![first], others.to_vec()].concat();
        let text = write(&with(vec![finding]), &PLAIN);
        let (text, _) = text.split_once("\n\n").unwrap();
        assert!(page.contains(text), "docs/guide.md:\n{text}");
    }

    #[test]
    fn wide_characters() {
        let mut finding = testing::one_secret();
        let location = testing::at(
            "\u{8a2d}\u{5b9a}/\u{672c}.env",
            3,
            "\t\u{5bc6}\u{9470} = '",
            &testing::token(),
            "' # \u{2705}",
        );
        finding.locations = vec![location];
        insta::assert_snapshot!(write(&with(vec![finding]), &PLAIN));
    }

    #[test]
    fn a_finding_without_any_place_is_still_whole() {
        let mut finding = testing::finding("a-rule");
        finding.secret = Some(Secret::new(*b"hunter2"));
        insta::assert_snapshot!(write(&with(vec![finding]), &PLAIN));
    }
}
