//! The registry's examples, every form of the standard preset, and names judged as the gates see them.

use super::judge::Moment;
use super::*;
use crate::change::RefUpdate;
use crate::check::Check;
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::text::Template;
use crate::{ChangeSet, Date, Finding, Level, ObjectId, RefName, Stage};

const STANDARD_ON: &str = "[branch]\nlevel = \"deny\"\npreset = \"standard\"";

fn today() -> Date {
    Date::new(2026, 11, 22).unwrap()
}

fn policy(text: &str) -> Policy {
    Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text: text.to_owned() }]).unwrap()
}

fn judged(text: &str, name: &str) -> Vec<Finding> {
    Judge::new(&policy(text), Stage::PreCommit, today()).unwrap().name(&RefName::from(name))
}

fn branch(text: &str, name: &str) -> Vec<Finding> {
    judged(text, &format!("refs/heads/{name}"))
}

#[test]
fn every_code_fires_on_its_example_and_is_silent_on_the_other() {
    for code in CHECK.codes {
        let options = format!("[branch]\n{}\n", example_options(code.name).unwrap());
        let judge = Judge::new(&policy(&options), Stage::PreCommit, today()).unwrap();
        // An example of names beside others says which: `NAME (beside OTHER)`.
        let names = |example: &str| {
            let (name, other) = example.split_once(" (beside ").unwrap_or((example, ""));
            let (name, other) = (RefName::from(name), RefName::from(other.trim_end_matches(')')));
            let mut found = judge.name(&name);
            found.extend(judge.among(&name, &[&other], Moment::Pushed));
            found.into_iter().map(|f| f.rule).collect::<Vec<_>>()
        };
        assert_eq!(names(code.fires), [code.name], "{} fires", code.name);
        assert_eq!(names(code.silent), [""; 0], "{} silent", code.name);
    }
}

#[test]
fn every_code_has_a_page_with_its_options() {
    let page = include_str!("../../../../docs/checks/branch.md");
    for code in CHECK.codes {
        let heading = format!("## {} {}\n", code.code, code.name);
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no heading for {}", code.code));
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(example_options(code.code).unwrap()), "{}", code.name);
        assert!(section.contains("**Why.**") && section.contains("**Fix.**"), "{}", code.name);
    }
    for key in CHECK.keys {
        assert!(page.contains(&format!("`{}`", key.name)), "the page does not name `{}`", key.name);
    }
    for pattern in STANDARD {
        assert!(page.contains(&format!("`{pattern}`")), "the page does not name `{pattern}`");
    }
}

#[test]
fn the_standard_preset_accepts_every_usual_form() {
    for name in [
        "main",
        "develop",
        "feature/PLT-423-add-oauth-provider",
        "feature/PROJ-1234-add-invoice-export",
        "feature/ABC-123-add-timeout",
        "feature/ABC-123",
        "feature/ABC-123-revert-add-timeout",
        "bugfix/PLT-423",
        "bugfix/PLT-423-null-check",
        "hotfix/PLT-423",
        "hotfix/INC12345",
        "hotfix/1.8.3-PROJ-8821",
        "hotfix/2.1.0-PROJ-9999",
        "hotfix/1.4.2-ABC-987",
        "hotfix/1.4.3-INC12345",
        "release/1.8",
        "release/2.1",
        "release/1.6",
        "release/1.4",
        "release/1.4.2",
        "chore/ABC-555-dep-bump",
        "chore/ABC-555",
        "backport/ABC-123-to-1.4",
        "backport/INC12345-to-1.4",
    ] {
        assert!(branch(STANDARD_ON, name).is_empty(), "{name}");
    }
    for (ticket, name) in [
        ("[0-9]+", "feature/1234-add-invoice-export"),
        ("[0-9]+", "feature/1234"),
        ("[0-9]+", "hotfix/1234"),
        ("[0-9]+", "hotfix/1.4.3-1234"),
        ("[0-9]+", "backport/1234-to-1.4"),
        ("[A-Z]+-[0-9]+", "chore/ABC-555-dep-bump"),
        ("INC[0-9]+", "hotfix/1.4.3-INC12345"),
        ("#?[0-9]+", "bugfix/#12"),
    ] {
        let text = format!("[message]\nticket = '{ticket}'\n{STANDARD_ON}");
        assert!(branch(&text, name).is_empty(), "{ticket} {name}");
    }
}

#[test]
fn the_standard_preset_refuses_near_misses() {
    for name in [
        "master",
        "mainline",
        "feature",
        "feature/",
        "feature/add-oauth-provider",
        "feature/abc-123-add",
        "feature/ABC-123-Add-Timeout",
        "feature/ABC-123_add",
        "feature/ABC-123-",
        "feature/ABC-123--add",
        "feature/ABC-123-add/more",
        "Feature/ABC-123-add",
        "feat/ABC-123-add",
        "x/feature/ABC-123-add",
        "hotfix/ABC-123-with-a-slug",
        "hotfix/1.8-PROJ-8821",
        "hotfix/v1.8.3-PROJ-8821",
        "hotfix/1.8.3",
        "hotfix/01.8.3-PROJ-8821",
        "release/1",
        "release/v1.4",
        "release/1.4.2.1",
        "release/1.4-rc1",
        "chore/dep-bump",
        "backport/ABC-123",
        "backport/ABC-123-to-1.4.2",
        "feature/ABC-123-größe",
    ] {
        let found = branch(STANDARD_ON, name);
        assert_eq!(found.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), ["branch-name"], "{name}");
    }
    let strict = format!("[message]\nticket = '[A-Z]+-[0-9]+'\n{STANDARD_ON}");
    assert_eq!(branch(&strict, "hotfix/1.4.3-INC12345").len(), 1);
}

#[test]
fn a_refused_name_comes_with_the_one_that_was_meant() {
    for (name, command) in [
        ("Feature/abc-123_Add Export", "git branch -m feature/ABC-123-add-export"),
        ("feat/ABC-123-add", "git branch -m feature/ABC-123-add"),
        ("feature/add-export-ABC-123", "git branch -m feature/ABC-123-add-export"),
        ("bug/ABC-1", "git branch -m bugfix/ABC-1"),
        ("hotfix/v1.8.3-PROJ-8821", "git branch -m hotfix/1.8.3-PROJ-8821"),
        ("ABC-1-add-x", "git branch -m feature/ABC-1-add-x"),
        ("master", "git branch -m main"),
        ("feature/add-v1-api", "rename the branch: git branch -m NEW-NAME"),
        ("feature/support-utf-8", "rename the branch: git branch -m NEW-NAME"),
        ("feature/add-export", "rename the branch: git branch -m NEW-NAME"),
    ] {
        let found = branch(STANDARD_ON, name);
        assert_eq!(found[0].fix[0], command, "{name}");
        assert!(found[0].fix.last().unwrap().starts_with("the patterns are: main, develop, feature/"));
    }
    let found = branch(STANDARD_ON, "feature/add-export");
    assert_eq!(
        found[0].fix[1],
        "the nearest pattern is feature/{ticket}[-{slug}], for example feature/ABC-123-short-description"
    );
    let location = found[0].locations.first().unwrap();
    assert_eq!(location.subject.as_deref(), Some("branch name feature/add-export"));
    assert_eq!(location.span.unwrap().end_column, 19);
}

#[test]
fn a_push_is_judged_by_its_names_on_the_other_side() {
    let id = ObjectId::from_bytes(&[1; 20]);
    let update = |name: &str, new| RefUpdate { name: RefName::from(name), old: None, new };
    let mut change_set = ChangeSet::new(Stage::PrePush);
    change_set.branch = Some(RefName::from("refs/heads/not judged here"));
    change_set.ref_updates = vec![
        update("refs/heads/feat/ABC-1", id),
        update("refs/heads/gone", None),
        update("refs/tags/whatever", id),
        update("refs/heads/main", id),
    ];
    let names = |stage| {
        let mut sink = Collected::default();
        Judge::new(&policy(STANDARD_ON), stage, today()).unwrap().change_set(&change_set, &mut sink);
        sink.findings
    };
    let found = names(Stage::PrePush);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].fix[0], "git push origin HEAD:refs/heads/feature/ABC-1");
    assert_eq!(found[0].level, Level::Deny);

    let mut detached = ChangeSet::new(Stage::PreCommit);
    let mut sink = Collected::default();
    let judge = Judge::new(&policy(STANDARD_ON), Stage::PreCommit, today()).unwrap();
    judge.change_set(&detached, &mut sink);
    assert!(sink.findings.is_empty(), "a detached HEAD has no name");
    detached.branch = Some(RefName::from("refs/heads/oops"));
    judge.change_set(&detached, &mut sink);
    assert_eq!(sink.findings.len(), 1);
}

#[test]
fn exempt_names_own_patterns_and_bytes() {
    let text = "[branch]\nlevel = \"warn\"\npatterns = [\"main\", \"/^team-[a-z]+$/\"]\n\
                exempt = [{ name = \"dependabot/**\", reason = \"named by a robot\" }]";
    assert!(branch(text, "dependabot/cargo/serde-1.0").is_empty());
    assert_eq!(branch(text, "x/dependabot/y").len(), 1);
    let ended = text.replace("robot\"", "robot\", until = 2026-11-21");
    assert_eq!(branch(&ended, "dependabot/cargo/serde-1.0").len(), 1);
    assert!(branch(text, "team-a").is_empty());
    assert_eq!(branch(text, "team-1")[0].level, Level::Warn);
    let judge = Judge::new(&policy(text), Stage::PreCommit, today()).unwrap();
    assert_eq!(judge.name(&RefName::new(*b"refs/heads/\xff")).len(), 1);
    assert!(branch("", "anything at all").is_empty(), "off by default");
    assert_eq!(judged("[branch]\nhex-names = \"deny\"", &format!("refs/tags/{}", "a".repeat(64))).len(), 1);
}

#[test]
fn impossible_settings_are_policy_errors() {
    for (text, says) in [
        ("patterns = [\"feature/*\"]", "write {any}"),
        ("patterns = [\"feature/{slag}\"]", "`{slag}` is unknown"),
        ("level = \"deny\"", "no name would be allowed"),
        ("exempt = [{ name = \"a[\", reason = \"named by a robot\" }]", "is not a glob"),
    ] {
        let text = format!("[branch]\n{text}");
        // The policy reader may find the mistake before the check does.
        match Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]) {
            Err(errors) => assert_eq!(errors.len(), 1),
            Ok(policy) => {
                let error = Judge::new(&policy, Stage::PrePush, today()).unwrap_err();
                assert!(error.message.contains(says), "{error}");
            }
        }
    }
}

#[test]
fn what_only_the_check_can_see_is_told_with_its_line() {
    let error = |text: &str| {
        let error = Judge::new(&policy(text), Stage::PrePush, today()).unwrap_err();
        (error.to_string(), error.source_line.unwrap_or_default())
    };
    assert_eq!(
        error("[branch]\nlevel = \"deny\"\npatterns = [\"main\", \"feature/{slag}\"]\n"),
        (
            "gatepost.toml:3:1: `branch.patterns`: `feature/{slag}`: `{slag}` is unknown; there are {ticket}, {slug}, {major}, {minor}, {patch}, {semver}, {version}, {yyyy}, {yy}, {0y}, {mm}, {0m}, {ww}, {0w}, {dd}, {0d}, {micro}, {any}".to_owned(),
            "patterns = [\"main\", \"feature/{slag}\"]".to_owned()
        )
    );
    assert_eq!(
        error("[branch]\nlevel = \"deny\"\n"),
        (
            "gatepost.toml:2:1: `branch.level` is `deny`, and there are no patterns: no name would be allowed (set `patterns`, or `preset = \"standard\"`)".to_owned(),
            "level = \"deny\"".to_owned()
        )
    );
}

proptest::proptest! {
    #[test]
    fn any_name_is_judged_and_a_suggestion_is_a_name_that_passes(
        name in "(feature|Feat|hotfix|release|backport|ABC-1|abc-12|v?1\\.2(\\.3)?|-to-|/|_| |-|é|.){0,8}",
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
    ) {
        let judge = Judge::new(&policy(STANDARD_ON), Stage::PreCommit, today()).unwrap();
        for name in [name.into_bytes(), bytes] {
            let full: Vec<u8> = b"refs/heads/".iter().copied().chain(name).collect();
            for finding in judge.name(&RefName::new(full)) {
                if let Some(better) = finding.fix[0].strip_prefix("git branch -m ") {
                    let renamed = judge.name(&RefName::from(format!("refs/heads/{better}").as_str()));
                    proptest::prop_assert!(renamed.is_empty(), "{better}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_a_template_or_an_error(source in "([a-z/]|\\{(ticket|slug|any|x)\\}?|\\[|\\]|.){0,12}") {
        if let Ok(template) = Template::new(&source, None)
            && let Some(example) = template.example()
        {
            proptest::prop_assert!(template.is_match(example), "{source} {example}");
        }
    }
}

#[test]
fn names_that_differ_only_in_case_clash_by_folders_too() {
    let judge = Judge::new(&policy("[branch]\ncase-clashes = \"deny\""), Stage::PreReceive, today()).unwrap();
    for (name, other, clashes) in [
        ("refs/heads/Main", "refs/heads/main", true),
        ("refs/heads/main", "refs/heads/main", false),
        ("refs/heads/Feature/a", "refs/heads/feature/b", true),
        ("refs/heads/Feature/a", "refs/heads/feature", true),
        ("refs/heads/feature/a", "refs/heads/feature/A", true),
        ("refs/heads/feature/a", "refs/heads/feature/b", false),
        ("refs/heads/feature/a/x", "refs/heads/other/A/x", false),
        ("refs/tags/V1", "refs/tags/v1", true),
        ("refs/tags/Main", "refs/heads/main", false),
        ("refs/heads/Ä", "refs/heads/ä", true),
    ] {
        let found = judge.among(&RefName::from(name), &[&RefName::from(other)], Moment::Pushed);
        assert_eq!(found.len(), usize::from(clashes), "{name} {other}");
    }
}

#[test]
fn other_namespaces_are_closed_where_a_push_arrives_and_there_alone() {
    let found = |text: &str, stage, name: &str| {
        let mut set = ChangeSet::new(stage);
        let new = ObjectId::from_bytes(&[1; 20]);
        set.ref_updates = vec![RefUpdate { name: RefName::from(name), old: None, new }];
        let mut sink = Collected::default();
        Judge::new(&policy(text), stage, today()).unwrap().change_set(&set, &mut sink);
        sink.findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    for name in ["refs/notes/commits", "refs/replace/x", "refs/for/main", "refs/headsman"] {
        assert_eq!(found("", Stage::PreReceive, name), ["ref-namespace-closed"], "{name}");
        assert_eq!(found("", Stage::PrePush, name), [""; 0], "{name}");
    }
    let open = "[branch]\nopen-refs = [\"refs/heads/**\", \"refs/notes/*\"]";
    assert_eq!(found(open, Stage::PreReceive, "refs/notes/commits"), [""; 0]);
    assert_eq!(found(open, Stage::PreReceive, "refs/tags/v1"), ["ref-namespace-closed"]);
    let short =
        Judge::new(&policy("[branch]\nopen-refs = [\"notes/*\"]"), Stage::PreReceive, today()).unwrap_err();
    assert!(short.message.contains("no ref has a name like `notes/*`"), "{}", short.message);
}
