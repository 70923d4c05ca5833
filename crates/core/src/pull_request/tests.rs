//! The registry's examples, and pull requests of which not everything is known.

use super::*;
use crate::check::Check;
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::{Change, ChangeSet, FileMode, Level, ObjectId, RefName, RepoPath, Stage, TreeEntry};

fn judge_with(options: &str, stage: Stage) -> Judge {
    let text = format!("[pull-request]\n{options}\n");
    let layer = Layer { origin: Origin::File("gatepost.toml".into()), text };
    Judge::new(&Policy::load(&[layer]).unwrap(), stage).unwrap()
}

/// A pull request from the form of the examples: a title, a line of labels, an empty line, the description.
fn request(text: &str) -> PullRequest {
    let (head, body) = text.split_once("\n\n").unwrap();
    let (head, _) = head.split_once("\nFiles: ").unwrap_or((head, ""));
    let (title, labels) = head.split_once("\nLabels: ").unwrap_or((head, ""));
    let labels = labels.split(", ").filter(|label| !label.is_empty()).map(str::to_owned).collect();
    PullRequest {
        name: "pull request #12".to_owned(),
        title: Fact::Known(title.to_owned()),
        body: Fact::Known(Body { text: body.to_owned(), cut: None }),
        labels: Fact::Known(labels),
        draft: Fact::Known(false),
        branches: ["refs/heads/main", "refs/heads/release/1.6"].map(RefName::from).to_vec(),
    }
}

fn judged(options: &str, request: PullRequest) -> Collected {
    judged_changing(options, request, &[])
}

/// A path, and whether it is there before and after the change.
type Changed<'a> = (&'a str, bool, bool);

fn judged_changing(options: &str, request: PullRequest, files: &[Changed<'_>]) -> Collected {
    let mut sink = Collected::default();
    let mut change_set = ChangeSet::new(Stage::Ci);
    change_set.pull_request = Some(request);
    change_set.changes = changes(files);
    judge_with(options, Stage::Ci).change_set(&change_set, &mut sink);
    sink
}

fn changes(files: &[Changed<'_>]) -> Vec<Change> {
    let entry = |is_there: &bool, content: u8| {
        let id = ObjectId::from_bytes(&[content; 20]).unwrap();
        is_there.then_some(TreeEntry { id, mode: FileMode::File })
    };
    let changes = files.iter().map(|(path, before, after)| Change {
        path: RepoPath::from(*path),
        old: entry(before, 1),
        new: entry(after, 2),
        commit: None,
    });
    changes.collect()
}

/// The files in a line `Files: a, b` of an example.
fn files(text: &str) -> Vec<Changed<'_>> {
    let line = text.lines().find_map(|line| line.strip_prefix("Files: ")).unwrap_or_default();
    line.split(", ").filter(|path| !path.is_empty()).map(|path| (path, false, true)).collect()
}

fn rules(options: &str, request: PullRequest) -> Vec<String> {
    let sink = judged(options, request);
    assert_eq!((sink.problems, sink.notices), (vec![], vec![]));
    sink.findings.into_iter().map(|finding| finding.rule).collect()
}

fn unknown<T>() -> Fact<T> {
    Fact::unknown("this CI tells none", "ask it")
}

#[test]
fn every_code_fires_on_its_example_and_is_silent_on_the_other() {
    for code in CHECK.codes {
        let options = example_options(code.code).unwrap();
        let rules = |text: &str| {
            let sink = judged_changing(options, request(text), &files(text));
            assert_eq!((sink.problems, sink.notices), (vec![], vec![]));
            sink.findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        assert_eq!(rules(code.fires), [code.name], "{} fires", code.name);
        assert_eq!(rules(code.silent), [""; 0], "{} silent", code.name);
    }
}

#[test]
fn every_code_has_a_page_with_its_options() {
    let page = include_str!("../../../../docs/checks/pull-request.md");
    for code in CHECK.codes {
        let heading = format!("## {} {}\n", code.code, code.name);
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no heading for {}", code.code));
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(example_options(code.code).unwrap()), "{}", code.name);
        assert!(section.contains("**Why.**") && section.contains("**Fix.**"), "{}", code.name);
    }
    for key in CHECK.keys {
        assert!(page.contains(&format!("`{}", key.name)), "the page does not name `{}`", key.name);
    }
}

#[test]
fn by_default_nothing_is_asked_and_so_nothing_is_missed() {
    let mut nothing = request("wip\n\n");
    nothing.title = unknown();
    nothing.body = unknown();
    nothing.labels = unknown();
    nothing.draft = unknown();
    assert_eq!(rules("", nothing), [""; 0]);
    // And where there is no pull request, nothing is asked of it.
    let mut sink = Collected::default();
    judge_with("draft = \"forbid\"\nheadings = [\"Summary\"]", Stage::Ci)
        .change_set(&ChangeSet::new(Stage::Ci), &mut sink);
    assert!(sink.findings.is_empty() && sink.problems.is_empty());
}

#[test]
fn what_is_not_known_is_a_problem_unless_the_policy_says_otherwise() {
    let options = "title = \"conventional\"\nlabels.required = [\"risk:*\"]\nlabels.allowed = [\"risk:*\"]\nheadings = [\"A\", \"B\"]\ndraft = \"forbid\"";
    let mut nothing = request("feat: x\n\n");
    nothing.title = unknown();
    nothing.body = unknown();
    nothing.labels = unknown();
    nothing.draft = unknown();
    let sink = judged(options, nothing.clone());
    let said: Vec<&str> = sink.problems.iter().map(|problem| problem.what.as_str()).collect();
    // Each fact is told once, however many rules ask for it.
    assert_eq!(
        said,
        [
            "not judged: the title of pull request #12: this CI tells none",
            "not judged: the labels of pull request #12: this CI tells none",
            "not judged: the body of pull request #12: this CI tells none",
            "not judged: the draft state of pull request #12: this CI tells none",
        ]
    );
    assert!(sink.findings.is_empty() && sink.problems.iter().all(|problem| problem.fix == "ask it"));
    for lenient in ["unknown = \"note\"", "level = \"warn\""] {
        let sink = judged(&format!("{options}\n{lenient}"), nothing.clone());
        assert_eq!((sink.problems.len(), sink.notices.len()), (0, 4), "{lenient}");
    }
    let sink = judged(&format!("{options}\nlevel = \"off\""), nothing);
    assert_eq!((sink.problems.len(), sink.notices.len()), (0, 0));
}

#[test]
fn a_body_that_was_cut_is_said_and_what_may_stand_in_the_rest_is_not_refused() {
    let cut = |text: &str| {
        let mut request = request(&format!("feat: x\n\n{text}"));
        let why = Unknown { why: "it was cut at 2700 characters".into(), fix: "shorten it".into() };
        request.body = Fact::Known(Body { text: text.to_owned(), cut: Some(why) });
        request
    };
    let options = "headings = [\"Summary\"]\nticket-in = [\"body\"]";
    let sink = judged(options, cut("## Summary\nABC-12 is done"));
    assert!(sink.findings.is_empty() && sink.problems.is_empty(), "{sink:?}");
    assert_eq!(
        sink.notices,
        ["of the body of pull request #12 only the beginning was judged: it was cut at 2700 characters"]
    );
    for text in ["## Summary\nno ticket", "ABC-12", "ABC-12\n## Summary\n"] {
        let sink = judged(options, cut(text));
        assert_eq!((sink.findings.len(), sink.problems.len()), (0, 1), "{text}: {sink:?}");
    }
    // Who does not ask for the body is not told of it.
    assert_eq!(rules("draft = \"forbid\"", cut("x")), [""; 0]);
}

#[test]
fn a_ticket_may_stand_in_what_is_not_known() {
    let options = "ticket-in = [\"title\", \"body\"]";
    let mut one = request("feat: ABC-1 x\n\n");
    one.body = unknown();
    assert_eq!(rules(options, one), [""; 0]);
    let mut other = request("feat: x\n\n");
    other.body = unknown();
    assert_eq!(judged(options, other).problems.len(), 1);
}

#[test]
fn a_draft_is_one_by_its_state_too() {
    let mut draft = request("feat: x\n\n");
    draft.draft = Fact::Known(true);
    assert_eq!(rules("draft = \"forbid\"", draft.clone()), ["pull-request-draft"]);
    assert_eq!(rules("", draft), [""; 0]);
}

#[test]
fn backports_are_judged_by_the_branches_of_the_clone() {
    let options = "backport.label = \"backport:*\"";
    for (label, wrong) in
        [("backport:1.6", false), ("backport:1.7", true), ("backport:next", true), ("backport:1", true)]
    {
        let found = rules(options, request(&format!("fix: x\nLabels: {label}\n\n")));
        assert_eq!(found.len(), usize::from(wrong), "{label}");
    }
    let mut alone = request("fix: x\nLabels: backport:1.6\n\n");
    alone.branches = vec![RefName::from("refs/heads/main")];
    let sink = judged(options, alone);
    assert_eq!((sink.findings.len(), sink.problems.len()), (0, 1));
    assert!(sink.problems[0].fix.contains("git fetch origin '+refs/heads/release/*"), "{sink:?}");
    let layer = Layer {
        origin: Origin::File("gatepost.toml".into()),
        text: "[pull-request]\nbackport.label = \"backport\"".into(),
    };
    let error = Judge::new(&Policy::load(&[layer]).unwrap(), Stage::Ci).unwrap_err();
    assert!(error.message.contains("does not say where the version stands"), "{}", error.message);
}

#[test]
fn findings_name_their_place_and_escape_what_they_show() {
    let text = "feat: x\nLabels: risk:\u{1b}[31m\n\n";
    let sink = judged("labels.allowed = [\"bug\"]", request(text));
    let [finding] = sink.findings.as_slice() else { panic!("{sink:?}") };
    assert_eq!((finding.code.as_str(), finding.level), ("GP-PR-004", Level::Deny));
    assert_eq!(finding.message, "`risk:\\u{1b}[31m` is not a label of this repository");
    let place = &finding.locations[0];
    assert_eq!(place.subject.as_deref(), Some("labels of pull request #12"));
    assert!(!place.excerpt.as_ref().unwrap().text.contains('\u{1b}'));
}

#[test]
fn the_regulated_preset_asks_for_ticket_risk_and_rollback() {
    let preset = crate::policy::PRESETS.iter().find(|preset| preset.name == "regulated").unwrap();
    let layer = Layer { origin: Origin::Preset("regulated".into()), text: preset.text.to_owned() };
    let judge = Judge::new(&Policy::load(&[layer]).unwrap(), Stage::Ci).unwrap();
    let rules = |text: &str| {
        let mut sink = Collected::default();
        let mut change_set = ChangeSet::new(Stage::Ci);
        change_set.pull_request = Some(request(text));
        change_set.changes = changes(&[("CHANGELOG.md", true, true)]);
        judge.change_set(&change_set, &mut sink);
        assert!(sink.problems.is_empty());
        sink.findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    let body = "## Summary\nIt adds.\n## Ticket / Change record\nCHG-12\n## Risk assessment\nLow.\n## Rollout plan\nAll at once.\n\
                ## Rollback plan\nRevert it.\n## Testing evidence\nThe build.\n## Security and compliance\nNothing new.\n\
                ## Review requirements\nTwo.\n## Release notes\nThe export.\n";
    let good = format!("feat: add the export\nLabels: risk:low, type:feature, backport:1.6\n\n{body}");
    assert_eq!(rules(&good), [""; 0]);
    for (from, to, rule) in [
        ("CHG-12", "that of the sprint", "pull-request-ticket"),
        ("risk:low, ", "", "label-required"),
        ("type:feature, ", "", "label-required"),
        ("risk:low", "risk:low, risk:high", "label-ambiguous"),
        ("backport:1.6", "backport:9.9", "backport-label"),
        ("risk:low", "risk:none", "label-value"),
        ("Revert it.", "<!-- how -->", "heading-missing"),
        ("## Risk assessment\n", "", "heading-missing"),
    ] {
        assert_eq!(rules(&good.replace(from, to)), [rule], "{from} -> {to}");
    }
}

#[test]
fn a_value_of_a_label_is_one_of_those_there_are() {
    let options = "labels.values = [\"risk:{low,medium,high}\", \"type:{fix,feature}\"]";
    let fix = |label: &str| {
        let sink = judged(options, request(&format!("feat: x\nLabels: {label}\n\nText.")));
        sink.findings.into_iter().flat_map(|finding| finding.fix).next()
    };
    assert_eq!(fix("risk:low, type:fix, bug, backport:1.6"), None);
    assert_eq!(fix("risk:hihg").as_deref(), Some("did you mean `risk:high`?"));
    assert_eq!(fix("Risk:high").as_deref(), Some("did you mean `risk:high`?"));
    assert_eq!(fix("type:").as_deref(), Some("use one of: type:fix, type:feature"));
    let mut nothing = request("feat: x\n\n");
    nothing.labels = unknown();
    assert_eq!(judged(options, nothing).problems.len(), 1);
}

#[test]
fn a_changelog_is_asked_of_what_belongs_into_it() {
    let options = "changelog.files = [\"CHANGELOG.md\", \"changelog.d/**\"]\nchangelog.types = [\"feat\", \"fix\"]\n\
                   changelog.label = \"no-changelog\"";
    let said = |head: &str, files: &[Changed<'_>]| {
        let sink = judged_changing(options, request(&format!("{head}\n\nText.")), files);
        assert_eq!(sink.problems, vec![], "{head}");
        sink.findings.len()
    };
    let (entry, code) = (("changelog.d/12.md", false, true), ("src/a.rs", false, true));
    for (head, files, found) in [
        ("feat: x", &[code][..], 1),
        ("feat: x", &[code, entry], 0),
        ("Fix: x", &[code], 1),
        ("docs: x", &[code], 0),
        ("docs!: x", &[code], 1),
        ("what is this", &[code], 1),
        ("feat: x\nLabels: no-changelog", &[code], 0),
        // What is taken away, or was taken back, says nothing.
        ("feat: x", &[("CHANGELOG.md", true, false)], 1),
        ("feat: x", &[entry, ("changelog.d/12.md", true, false)], 1),
    ] {
        assert_eq!(said(head, files), found, "{head} {files:?}");
    }
    let mut nothing = request("feat: x\n\n");
    (nothing.title, nothing.labels) = (unknown(), unknown());
    assert_eq!(judged_changing(options, nothing.clone(), &[code]).problems.len(), 1);
    assert_eq!(judged_changing(options, nothing, &[entry]).problems.len(), 0);
}
