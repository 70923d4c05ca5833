//! The registry's examples, and messages judged as the gates see them.

use super::*;
use crate::change::{Change, Commit, Identity, PendingMessage};
use crate::check::Check;
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::{ChangeSet, Finding, Level, ObjectId, RepoPath, Stage};

fn judge_with(options: &str) -> Judge {
    let layer =
        Layer { origin: Origin::File("gatepost.toml".into()), text: format!("[message]\n{options}\n") };
    Judge::new(&Policy::load(&[layer]).unwrap(), Stage::CommitMsg).unwrap()
}

fn judged(options: &str, text: &str) -> Vec<Finding> {
    judge_with(options).text(&Text { text, subject: "commit message", merge: None })
}

fn ada() -> Identity {
    Identity { name: b"Ada".to_vec(), email: b"ada@example.com".to_vec(), time: None }
}

fn commit(message: &[u8], parents: usize) -> Commit {
    let id = |digit: &str| ObjectId::from_hex(digit.repeat(40).as_bytes()).unwrap();
    Commit {
        id: id("a"),
        tree: id("b"),
        parents: vec![id("c"); parents],
        author: ada(),
        committer: Identity::default(),
        encoding: None,
        message: message.to_vec(),
    }
}

fn changed(path: &str) -> Change {
    let commit = commit(b"", 1).id;
    Change { path: RepoPath::new(path), old: None, new: None, commit: Some(commit) }
}

fn pending(bytes: &[u8], is_merge: bool) -> PendingMessage {
    let cleanup = Cleanup { mode: CleanupMode::Strip, comment: b"#".to_vec() };
    PendingMessage {
        bytes: bytes.to_vec(),
        encoding: None,
        author: Some(ada()),
        cleanup,
        is_merge,
        is_initial: false,
    }
}

fn findings(options: &str, change_set: &ChangeSet) -> Vec<Finding> {
    let mut sink = Collected::default();
    judge_with(options).change_set(change_set, &mut sink);
    sink.findings
}

fn names(options: &str, text: &str) -> Vec<String> {
    judged(options, text).into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn every_code_fires_on_its_example_and_is_silent_on_the_other() {
    for code in CHECK.codes {
        let options = example_options(code.code).unwrap();
        // The examples are what a person writes: a message file before Git tidies it.
        let rules = |example: &str| {
            let mut change_set = ChangeSet::new(Stage::CommitMsg);
            match example.split_once("\n\nchanges: ") {
                // Of a rule about what else a commit changes.
                Some((message, paths)) => {
                    change_set.commits = vec![commit(message.as_bytes(), 1)];
                    change_set.changes = paths.split(", ").map(changed).collect();
                }
                None => change_set.message = Some(pending(example.as_bytes(), false)),
            }
            findings(options, &change_set).into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        assert_eq!(rules(code.fires), [code.name], "{} fires", code.name);
        assert_eq!(rules(code.silent), [""; 0], "{} silent", code.name);
    }
}

#[test]
fn every_code_has_a_page_with_its_options() {
    let page = include_str!("../../../../docs/checks/message.md");
    for code in CHECK.codes {
        let heading = format!("## {} {}\n", code.code, code.name);
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no heading for {}", code.code));
        let section = section.split("\n## ").next().unwrap();
        let options = example_options(code.name).unwrap();
        assert!(section.contains(options), "{} does not show `{options}`", code.name);
        assert!(section.contains("**Why.**") && section.contains("**Fix.**"), "{}", code.name);
    }
    for key in CHECK.keys {
        assert!(page.contains(&format!("`{}", key.name)), "the page does not name `{}`", key.name);
    }
}

#[test]
fn a_pending_message_is_judged_as_git_will_store_it() {
    let mut change_set = ChangeSet::new(Stage::CommitMsg);
    let bytes = b"# branch main\n\nFeat(api):  add x  \n# ------------------------ >8 ------------------------\n# Do not\ndiff --git a/x b/x\n";
    change_set.message = Some(pending(bytes, false));
    let found = findings("", &change_set);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (finding.rule.as_str(), finding.code.as_str(), finding.level),
        ("unknown-type", "GP-MSG-002", Level::Deny)
    );
    assert_eq!(finding.message, "`Feat` is not a type of this repository; did you mean `feat`?");
    assert_eq!(
        finding.fix,
        [
            "make the first line: feat(api):  add x",
            "the types are: feat, fix, docs, style, refactor, perf, test, build, ci, chore, revert, security",
            "git commit -eF .git/COMMIT_EDITMSG",
        ]
    );
    let location = finding.locations.first().unwrap();
    assert_eq!(location.subject.as_deref(), Some("commit message"));
    let (span, excerpt) = (location.span.unwrap(), location.excerpt.clone().unwrap());
    assert_eq!((span.line, span.column, span.end_column), (1, 1, 5));
    assert_eq!(excerpt.text.get(excerpt.start..excerpt.end), Some("Feat"));
}

#[test]
fn a_commit_is_named_with_its_author_and_the_way_back() {
    let mut change_set = ChangeSet::new(Stage::PrePush);
    change_set.commits =
        vec![commit(b"fix: x\n", 1), commit(b"fix: \xfc\n\nl\xc3\xb6ng fix:y\n", 1), commit(b"oops\n", 0)];
    let found = findings("forbid-words = [\"fix:y\"]", &change_set);
    let said: Vec<_> = found.iter().map(|f| (f.rule.as_str(), f.fix.last().unwrap().as_str())).collect();
    let reword = "git rebase -i --rebase-merges aaaaaaaaaaaa^  # write reword before aaaaaaaaaaaa";
    let root = "git rebase -i --rebase-merges --root  # write reword before aaaaaaaaaaaa";
    assert_eq!(said, [("forbidden-words", reword), ("message-encoding", reword), ("not-conventional", root)]);
    let location = found.first().unwrap().locations.first().unwrap();
    assert_eq!(location.subject.as_deref(), Some("commit message of aaaaaaaaaaaa"));
    assert_eq!(location.author.as_ref().unwrap().name, b"Ada");
    assert!(location.commit.is_some());
    let span = location.span.unwrap();
    // `löng fix:y`: ö is two bytes, one character.
    assert_eq!((span.line, span.column, span.character, span.utf16), (3, 7, 6, 6));
}

#[test]
fn gits_own_messages_have_three_settings() {
    for (key, title) in [
        ("merge", "Merge branch 'x' into y"),
        ("revert", "Revert \"feat: x\"\n\nThis reverts commit abc."),
        ("fixup", "fixup! something"),
        ("initial", "Initial commit"),
    ] {
        assert_eq!(names("", title), [""; 0], "{title}");
        assert_eq!(names(&format!("{key} = \"deny\""), title), ["git-message-denied"], "{title}");
        assert_eq!(names(&format!("{key} = \"check\""), title), ["not-conventional"], "{title}");
    }
    assert_eq!(names("fixup = \"check\"", "fixup! feat: x"), [""; 0]);
    let fix = judged("fixup = \"check\"", "fixup! Feat: x").remove(0).fix;
    assert_eq!(fix[0], "make the first line: fixup! feat: x");
    let judge = |commit: Commit| {
        let mut change_set = ChangeSet::new(Stage::Ci);
        change_set.commits = vec![commit];
        findings("", &change_set).len()
    };
    assert_eq!(judge(commit(b"Whatever\n", 2)), 0, "a merge by its parents");
    assert_eq!(judge(commit(b"Merge branch 'x'\n", 1)), 1, "no merge, whatever its title says");
    let mut change_set = ChangeSet::new(Stage::CommitMsg);
    change_set.message = Some(pending(b"Merge that\n", true));
    assert_eq!(findings("", &change_set).len(), 0);
}

#[test]
fn tickets_of_every_form_are_found_where_they_count() {
    for (ticket, places, text, silent) in [
        ("", "header", "feat: x (ABC-1)", true),
        ("", "header", "feat: x\n\nABC-1", false),
        ("", "body", "feat: x\n\nsee ABC-1.", true),
        ("", "body", "feat: x\n\nRefs: ABC-1", true),
        ("", "trailer", "feat: x\n\nsee ABC-1\n\nmore", false),
        ("", "trailer", "feat: x\n\nRefs: INC12345", true),
        ("", "header", "feat: xABC-1y", false),
        ("INC[0-9]+", "header", "fix: y INC12345", true),
        ("[0-9]{3,}", "header", "fix: y (#4711)", true),
        ("^[0-9]{3,}$", "trailer", "fix: y\n\nFixes #4711", true),
        ("[0-9]{3,}", "header", "fix: y (#47)", false),
    ] {
        let options = format!("ticket = '{ticket}'\nticket-in = [\"{places}\"]");
        assert_eq!(names(&options, text).is_empty(), silent, "{ticket} {places} {text:?}");
    }
}

#[test]
fn settings_are_obeyed_at_their_edges() {
    for (options, text, expected) in [
        ("header-max = 8", "fix: für", &[][..]),
        ("header-max = 7", "fix: für", &["header-too-long"]),
        ("header-max = 0", "fix: für", &[]),
        ("types = []", "anything: x", &[]),
        ("types = [\"Feat\"]", "feat: x", &["unknown-type"]),
        ("scope-pattern = 'a|b'", "fix(ab): x", &["unknown-scope"]),
        ("scope-pattern = 'a|b'", "fix(b): x", &[]),
        ("scopes = [\"api\"]\nscope-pattern = 'x-.+'", "fix(api, x-1): x", &[]),
        ("scope = \"required\"", "fix: x", &["scope-required"]),
        ("breaking = \"agree\"", "feat!: x", &["breaking-mark"]),
        ("breaking = \"agree\"", "feat!: x\n\nBreaking change: y", &["breaking-mark"]),
        ("breaking = \"agree\"", "feat: x\n\nbody\nBREAKING CHANGES: y", &["breaking-mark"]),
        ("breaking = \"agree\"", "feat: x\n\nnothing is breaking here", &[]),
        ("trailers.required = [\"Refs\", \"Risk\"]", "feat: x", &["trailers-required", "trailers-required"]),
        ("trailers.required = [\"signed-off-by\"]", "feat: x\n\nSigned-off-by: A <a@b.c>", &[]),
        (
            "body-line-max = 5",
            "feat: x\n\n```\nlong long\n```\n\nlong long\n\nRefs: long long",
            &["body-line-too-long"],
        ),
        ("forbid-words = [\"c++\", \"wip\"]", "feat: use C++ WIP", &["forbidden-words", "forbidden-words"]),
        ("", "fix: x\r\n\r\nbody\r\n", &[]),
        ("", "fix: x\rbody", &["control-character"]),
        ("", "fix: \u{202e}x", &["control-character"]),
        ("level = \"off\"", "nonsense", &[]),
        ("level = { ci = \"deny\" }", "nonsense", &[]),
        ("trailers.required = [\"Refs\"]\nticket-in = [\"body\"]", "", &["empty-message"]),
    ] {
        assert_eq!(names(options, text), expected, "{options} {text:?}");
    }
}

#[test]
fn a_suggested_header_is_one_that_passes() {
    for text in
        ["feat:x", "Feat : x", "feat!(api): y", "Fixed the login", "fix(apis): y", "feature: y", "fix(web) y"]
    {
        for finding in judged("scopes = [\"api\"]", text) {
            let Some(header) = finding.fix.iter().find_map(|step| step.strip_prefix("make the first line: "))
            else {
                continue;
            };
            let again = names("scopes = [\"api\"]", header);
            assert!(!again.contains(&finding.rule), "{text} -> {header}");
        }
    }
    for (options, text, meant) in [
        ("type-case = \"lower\"", "Fix(a): x", "fix(a): x"),
        ("type-case = \"upper\"", "fixup! fix: x", "fixup! FIX: x"),
        ("scope-case = [\"kebab-case\"]", "fix(UserLogin)!: x", "fix(user-login)!: x"),
        ("description-case-forbid = [\"sentence-case\"]", "fix:  Keep it", "fix:  keep it"),
        ("description-case = [\"sentence-case\"]", "fix: keep it", "fix: Keep it"),
        ("full-stop = \"forbid\"", "fix: x..", "fix: x"),
    ] {
        let options = format!("fixup = \"check\"\n{options}");
        let fix = judged(&options, text).remove(0).fix;
        assert_eq!(fix.first().map(String::as_str), Some(format!("make the first line: {meant}").as_str()));
    }
    assert!(judged("", "feat:x").first().unwrap().fix.iter().any(|s| s == "make the first line: feat: x"));
}

#[test]
fn impossible_patterns_are_policy_errors() {
    for options in ["scope-pattern = '('", "ticket = '[A-'"] {
        let text = format!("[message]\n{options}\n");
        // The policy reader may find the mistake before the check does.
        match Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]) {
            Err(errors) => assert_eq!(errors.len(), 1),
            Ok(policy) => {
                let error = Judge::new(&policy, Stage::Ci).unwrap_err();
                assert!(error.message.contains("cannot be used"), "{error}");
            }
        }
    }
}

#[test]
fn a_trailer_can_be_asked_of_some_messages_alone() {
    let options = "trailers.when = ['Risk: high|critical -> Approved-by', 'security|perf -> Advisory, Cc']\n\
                   trailers.allowed = ['Refs']";
    let said = |text: &str| {
        let found = judged(options, text);
        found.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(said("fix: a\n\nRisk: low"), [""; 0]);
    assert_eq!(said("fix: a\n\nrisk: high\nApproved-By: @security"), [""; 0]);
    assert_eq!(
        said("fix: a\n\nRisk: critical\nApproved-by:"),
        ["the trailer `Approved-by` is missing, which `Risk: critical` asks for"]
    );
    assert_eq!(said("Security(api): a\n\nAdvisory: GHSA-1\nCc: @all").len(), 1, "the case of the type");
    let both = said("security: a\n\nRisk: high");
    assert_eq!(both.len(), 3, "{both:?}");
    for line in ["Risk: high", "Risk: ( -> A", "-> A", "Risk: high ->", "Risk: high -> A b", "a b -> A"] {
        let text = format!("[message]\ntrailers.when = ['{line}']\n");
        let policy = Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]).unwrap();
        let error = Judge::new(&policy, Stage::Ci).unwrap_err();
        assert!(error.message.contains("message.trailers.when"), "{line}: {error}");
    }
}

#[test]
fn what_only_the_check_can_see_is_told_with_its_line() {
    let text = "[message]\nlevel = \"warn\"\nscope-pattern = '(\\w{900}){900}'\n".to_owned();
    let policy = Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]).unwrap();
    let error = Judge::new(&policy, Stage::Ci).unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.source_line.as_deref()),
        (
            "gatepost.toml:3:1: `message.scope-pattern`: `(\\w{900}){900}` cannot be used: Compiled regex exceeds size limit of 10485760 bytes.",
            Some("scope-pattern = '(\\w{900}){900}'")
        )
    );
}

#[test]
fn fingerprints_survive_a_rebase_and_tell_rules_apart() {
    let [first] = &judged("", "feat:x")[..] else { panic!() };
    let mut change_set = ChangeSet::new(Stage::Ci);
    change_set.commits = vec![commit(b"feat:x\n\nbody\n", 1)];
    assert_eq!(findings("", &change_set).first().unwrap().fingerprint, first.fingerprint);
    let both = judged("trailers.required = [\"A\", \"B\"]", "feat: x");
    assert_ne!(both.first().unwrap().fingerprint, both[1].fingerprint);
}

/// Every rule on.
const ALL: &str = r#"
    header-max = 5
    body-line-max = 5
    scope = "required"
    scopes = ["api"]
    scope-pattern = "x.*"
    full-stop = "forbid"
    breaking = "agree"
    merge = "check"
    revert = "check"
    fixup = "check"
    initial = "deny"
    ticket-in = ["header", "body", "trailer"]
    trailers.required = ["Refs"]
    forbid-words = ["WIP"]
    parse = "lenient"
    type-case = "upper"
    scope-case = ["kebab-case"]
    header-min = 9
    header-match = ["^x"]
    header-forbid = [".$"]
    description-case = ["start-case"]
    description-case-forbid = ["lower-case"]
    body-required = ["*"]
    body-min = 9
    footer-line-max = 5
    body-line-except = []
    footer-blank-line = "require"
    trailers.allowed = ["Risk"]
    trailers.match = ["Refs: [0-9]"]
    sign-off = "author"
    dependency-changes = "alone"
"#;

proptest::proptest! {
    #[test]
    fn any_bytes_are_judged_and_every_finding_has_its_place(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..120),
        text in "(fixup! |feat|Feat\\(|\\(|\\)|!|: |:|\n\n|\n|\r|BREAKING[ -]CHANGE: |breaking changes: |Refs:|é|wip|.){0,25}",
        latin in proptest::prelude::any::<bool>(),
    ) {
        let judge = judge_with(ALL);
        for message in [bytes, text.into_bytes()] {
            let mut one = commit(&message, 1);
            one.encoding = latin.then(|| b"ISO-8859-1".to_vec());
            let mut change_set = ChangeSet::new(Stage::Ci);
            change_set.message = Some(pending(&message, false));
            change_set.commits = vec![one];
            let mut sink = Collected::default();
            judge.change_set(&change_set, &mut sink);
            for finding in sink.findings {
                let location = finding.locations.first().unwrap();
                let span = location.span.unwrap();
                proptest::prop_assert!(span.start_byte <= span.end_byte, "{finding:?}");
                let excerpt = location.excerpt.clone().unwrap_or_default();
                proptest::prop_assert!(excerpt.text.get(excerpt.start..excerpt.end).is_some(), "{finding:?}");
                proptest::prop_assert!(!finding.fix.is_empty());
            }
        }
    }
}
