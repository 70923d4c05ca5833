//! The registry's examples, and files judged as the gates see them.

use super::*;
use crate::change::After;
use crate::check::Check;
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::{
    Change, ChangeSet, Date, Document, DocumentKind, FileMode, Finding, Level, ObjectId, RepoPath,
    SkipReason, Stage, TreeEntry,
};

fn today() -> Date {
    Date::new(2026, 11, 22).unwrap()
}

fn judge(options: &str, stage: Stage) -> Judge {
    let text = format!("[files]\n{options}\n");
    let policy = Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]).unwrap();
    Judge::new(&policy, stage, today()).unwrap()
}

fn run(options: &str, path: &str, change: impl FnOnce(&mut Document<'_>), bytes: &[u8]) -> Collected {
    let path = RepoPath::from(path);
    let mut document = Document::new(DocumentKind::Blob, bytes);
    document.path = Some(&path);
    change(&mut document);
    let mut sink = Collected::default();
    judge(options, Stage::PreCommit).document(&document, &mut sink);
    sink
}

fn judged(options: &str, path: &str, bytes: &[u8]) -> Vec<Finding> {
    run(options, path, |_| (), bytes).findings
}

fn names(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

/// What is said of a new entry, written as its mode and its path.
fn submodule(options: &str, example: &str) -> Vec<Finding> {
    let (mode, path) = example.split_once(' ').unwrap();
    let mode = FileMode::from_raw(u32::from_str_radix(mode, 8).unwrap()).unwrap();
    let entry = TreeEntry { id: ObjectId::from_bytes(&[1; 20]).unwrap(), mode };
    let mut changes = ChangeSet::new(Stage::Ci);
    // Two commits bring it: it is told of once.
    let change = Change { path: RepoPath::from(path), old: None, new: Some(entry), commit: None };
    changes.changes = vec![change.clone(), change];
    let mut sink = Collected::default();
    judge(options, Stage::Ci).change_set(&changes, &mut sink);
    sink.findings
}

/// What is said of a tree with these files, of which a change adds some.
fn left(options: &str, files: &[&str], added: &[&str]) -> Vec<Finding> {
    let entry =
        |number: u8| TreeEntry { id: ObjectId::from_bytes(&[number; 20]).unwrap(), mode: FileMode::File };
    let mut files: Vec<(RepoPath, TreeEntry)> =
        files.iter().map(|path| (RepoPath::from(*path), entry(1))).collect();
    files.sort_by(|one, other| one.0.cmp(&other.0));
    let added: Vec<RepoPath> = added.iter().map(|path| RepoPath::from(*path)).collect();
    let added: Vec<&RepoPath> = added.iter().collect();
    let blob = |_: &ObjectId, _: u64| Ok(Some(b"text\n".to_vec()));
    let commit = Some(entry(2).id);
    let after = After { commit, files: &files, added: &added, gone: &[], blob: &blob };
    let mut sink = Collected::default();
    let judge = judge(options, Stage::Ci);
    assert!(judge.is_reading_trees(&[]), "{options}");
    judge.after(&after, &mut sink);
    sink.findings
}

/// What is said of a tree with a CODEOWNERS (none: empty) and these files, of which a change adds some.
fn owned(owners: &str, files: &[&str], added: &[&str]) -> Vec<Finding> {
    let entry =
        |number: u8| TreeEntry { id: ObjectId::from_bytes(&[number; 20]).unwrap(), mode: FileMode::File };
    let mut files: Vec<(RepoPath, TreeEntry)> =
        files.iter().map(|path| (RepoPath::from(*path), entry(1))).collect();
    if !owners.is_empty() {
        files.push((RepoPath::from("CODEOWNERS"), entry(3)));
    }
    files.sort_by(|one, other| one.0.cmp(&other.0));
    let added: Vec<RepoPath> = added.iter().map(|path| RepoPath::from(*path)).collect();
    let added: Vec<&RepoPath> = added.iter().collect();
    let blob = |id: &ObjectId, _: u64| Ok((*id == entry(3).id).then(|| owners.as_bytes().to_vec()));
    let after = After { commit: Some(entry(2).id), files: &files, added: &added, gone: &[], blob: &blob };
    let mut sink = Collected::default();
    judge("owned-paths = [\"config/**\"]", Stage::Ci).after(&after, &mut sink);
    sink.findings
}

#[test]
fn every_changed_file_of_owned_paths_has_an_owner() {
    let files = ["config/a.yml", "config/b.yml", "src/x.c"];
    let said = |owners: &str, added: &[&str]| -> Vec<String> {
        owned(owners, &files, added).into_iter().map(|finding| finding.message).collect()
    };
    assert_eq!(said("* @all\n", &files), [] as [&str; 0]);
    assert_eq!(
        said("/config/a.yml\n", &["src/x.c"]),
        [] as [&str; 0],
        "what does not change was there before"
    );
    assert_eq!(
        said("/config/a.yml @a\n", &files),
        ["config/b.yml has no owner in CODEOWNERS, and `config/**` of owned-paths wants one"]
    );
    let none = said("", &["config/b.yml"]);
    assert!(none[0].starts_with("config/b.yml has no owner: there is no CODEOWNERS in .github/"), "{none:?}");
    // A change of the owners answers for all.
    let all = owned("/config/b.yml @b\n", &files, &["CODEOWNERS"]);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].message, "1 file of owned-paths has no owner in CODEOWNERS: config/a.yml");
    assert_eq!(all[0].locations[0].path, Some(RepoPath::from("CODEOWNERS")));
    // What is gone again needs nobody.
    assert!(owned("/x @x\n", &["src/x.c"], &["config/a.yml"]).is_empty());
}

#[test]
fn a_codeowners_is_judged_where_forges_look_for_it() {
    let options = "codeowners = \"deny\"";
    let found = |path: &str, text: &str| {
        judged(options, path, text.as_bytes()).into_iter().map(|found| found.message).collect::<Vec<_>>()
    };
    let text = "* @all\n/a alice\n!/b @b\n/c @c,@d\n";
    for path in ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"] {
        let said = found(path, text);
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with(&format!("line 2 of {path} names `alice`")), "{said:?}");
        assert!(said[0].ends_with("; so do the lines 3, 4, each in its way"), "{said:?}");
    }
    assert!(found("src/CODEOWNERS", text).is_empty());
    let sections = "[Docs]\n/a @a\n!/a/b\n";
    assert!(found(".gitlab/CODEOWNERS", sections).is_empty() && found("CODEOWNERS", sections).is_empty());
    assert_eq!(found(".github/CODEOWNERS", sections).len(), 1);
    let large = |d: &mut Document<'_>| (d.bytes, d.size) = (None, 3_000_001);
    assert_eq!(names(&run(options, "CODEOWNERS", large, b"").findings), ["codeowners-invalid"]);
    assert_eq!(found("CODEOWNERS", "# nobody\n"), ["CODEOWNERS names no owner of anything"]);
}

#[test]
fn folders_clash_as_files_do() {
    let clashes = |files: &[&str], added: &[&str]| left("case-clashes = \"warn\"", files, added);
    let found = clashes(&["Docs/a", "docs/b"], &["docs/b"]);
    assert_eq!(found[0].message, "docs differs from Docs in capital letters alone");
    assert_eq!(names(&clashes(&["\u{c9}t\u{e9}", "\u{e9}t\u{e9}"], &["\u{e9}t\u{e9}"])), ["case-clash"]);
    assert!(clashes(&["Docs/a", "docs/b", "c"], &["c"]).is_empty(), "what clashes already is nobody's news");
    assert!(
        clashes(&["Docs/a", "Docs/b"], &["Docs/b", "docs/c"]).is_empty(),
        "what is gone again clashes with nothing"
    );
}

#[test]
fn every_code_fires_on_its_example_and_is_silent_on_the_other() {
    for code in CHECK.codes {
        let options = example_options(code.code).unwrap();
        let found = |example: &str| {
            let of_mode =
                |mode| run(options, "data/example.dat", |d| d.mode = Some(mode), example.as_bytes()).findings;
            match code.name {
                "forbidden-path" | "path-too-long" | "windows-illegal-path" => {
                    judged(options, example, b"text\n")
                }
                "symlink-outside" => of_mode(FileMode::Symlink),
                "executable-without-shebang" => of_mode(FileMode::Executable),
                "shebang-without-executable" => of_mode(FileMode::File),
                "new-submodule" => submodule(options, example),
                "codeowners-invalid" => judged(options, ".github/CODEOWNERS", example.as_bytes()),
                "file-unowned" => owned(example, &["config/a.yml"], &["config/a.yml"]),
                "required-file-missing" | "case-clash" => {
                    left(options, &["docs/README.md", example], &[example])
                }
                _ => judged(options, "data/example.dat", example.as_bytes()),
            }
        };
        assert_eq!(names(&found(code.fires)), [code.name], "{} fires", code.name);
        assert_eq!(names(&found(code.silent)), [""; 0], "{} silent", code.name);
    }
}

#[test]
fn every_code_has_a_page_with_its_options() {
    let page = include_str!("../../../../docs/checks/files.md");
    for code in CHECK.codes {
        let heading = format!("## {} {}\n", code.code, code.name);
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no heading for {}", code.code));
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(example_options(code.name).unwrap()), "{}", code.name);
        assert!(section.contains("**Why.**") && section.contains("**Fix.**"), "{}", code.name);
    }
    for key in CHECK.keys {
        assert!(page.contains(&format!("`{}`", key.name)), "the page does not name `{}`", key.name);
    }
}

#[test]
fn the_size_counts_even_of_bytes_that_were_not_read() {
    let unread = |document: &mut Document<'_>| {
        document.size = (5 << 20) + 1;
        document.bytes = None;
    };
    let found = run("", "a b/video.mp4", unread, b"").findings;
    assert_eq!(names(&found), ["file-too-large"]);
    assert_eq!(found[0].message, "a b/video.mp4 is 5 MiB (5242881 bytes), more than 5 MiB");
    assert_eq!(found[0].level, Level::Warn);
    assert_eq!(found[0].fix[0], "git rm --cached 'a b/video.mp4'");
    assert_eq!(found[0].fix[1], "git lfs track 'a b/video.mp4' && git add .gitattributes 'a b/video.mp4'");
    let exact = |document: &mut Document<'_>| document.size = 5 << 20;
    assert!(run("", "x", exact, b"").findings.is_empty());
}

#[test]
fn only_new_binaries_count_and_no_symlinks() {
    assert_eq!(names(&judged("", "x.bin", b"\0")), ["binary-file"]);
    assert!(run("", "x.bin", |d| d.is_new = false, b"\0").findings.is_empty());
    assert!(run("", "x", |d| d.mode = Some(FileMode::Symlink), b"\0").findings.is_empty());
    assert!(run("", "x", |d| d.kind = DocumentKind::CommitMessage, b"\0").findings.is_empty());
    assert!(run("", "x", |d| d.path = None, b"\0").findings.is_empty());
    assert!(judged("binary = \"allow\"", "x.bin", b"\0").is_empty());
    assert_eq!(judged("binary = \"deny\"", "x.bin", b"\0")[0].level, Level::Deny);
}

#[test]
fn settings_of_paths_override_and_the_last_block_wins() {
    let options = r#"
        level = "deny"
        max-size = "1 KiB"
        exclude = [{ path = "vendor/**", reason = "kept as it came" }]

        [[files.path]]
        match = ["*.png", "*.jpg"]
        binary = "allow"
        max-size = 10

        [[files.path]]
        match = ["docs/**"]
        max-size = 20
        level = "note"

        [[files.path]]
        match = ["cache/"]
        level = "off"
    "#;
    let sized = |path: &str, length: usize| -> Vec<(String, Level)> {
        let found = judged(options, path, &vec![0; length]);
        found.into_iter().map(|f| (f.rule, f.level)).collect()
    };
    let found = |rule: &str, level| vec![(rule.to_owned(), level)];
    assert_eq!(sized("a.dat", 11), found("binary-file", Level::Warn));
    assert_eq!(sized("a.png", 10), []);
    assert_eq!(sized("a.png", 11), found("file-too-large", Level::Deny));
    assert_eq!(sized("docs/a.png", 11), []);
    assert_eq!(sized("docs/a.png", 21), found("file-too-large", Level::Note));
    assert_eq!(sized("cache/a.dat", 5000), []);
    assert_eq!(run(options, "vendor/a.png", |_| (), &[0; 11]).skips, [SkipReason::Excluded]);
}

#[test]
fn files_are_judged_at_a_gate_and_not_in_a_scan_of_folders() {
    let path = RepoPath::from("x.bin");
    let mut document = Document::new(DocumentKind::File, b"\0");
    document.path = Some(&path);
    for (stage, count) in [(Stage::PreCommit, 1), (Stage::Scan, 0)] {
        let mut sink = Collected::default();
        judge("", stage).document(&document, &mut sink);
        assert_eq!(sink.findings.len(), count, "{stage}");
    }
}

#[test]
fn a_valid_pointer_is_neither_large_nor_binary() {
    let pointer = example_pointer();
    assert!(judged("max-size = 1", "big.psd", pointer.as_bytes()).is_empty());
    let broken = pointer.replace("size", "sise");
    assert_eq!(names(&judged("", "big.psd", broken.as_bytes())), ["lfs-pointer-invalid"]);
}

fn example_pointer() -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 4\n", "0".repeat(64))
}

#[test]
fn forbidden_paths_are_denied_new_or_changed_unless_the_section_is_off() {
    let options = |more: &str| format!("forbid = [\"*.pfx\", \"/.env\", \"keys/**\"]\n{more}");
    let judged = |more: &str, path: &str| judged(&options(more), path, b"text\n");
    let found = judged("", "certs/site 1.pfx");
    assert_eq!(found[0].level, Level::Deny);
    assert_eq!(found[0].message, "certs/site 1.pfx is a forbidden path: it matches `*.pfx`");
    assert_eq!(found[0].fix[0], "git rm --cached 'certs/site 1.pfx'");
    assert_eq!(names(&judged("", "keys/a/b")), ["forbidden-path"]);
    assert!(judged("", "sub/.env").is_empty(), "the glob is tied to the root");
    assert_eq!(names(&run(&options(""), ".env", |d| d.is_new = false, b"x").findings), ["forbidden-path"]);
    let unread = |d: &mut Document<'_>| (d.bytes, d.size) = (None, 5);
    assert_eq!(names(&run(&options("binary = \"allow\""), ".env", unread, b"").findings), ["forbidden-path"]);
    let link = |d: &mut Document<'_>| d.mode = Some(FileMode::Symlink);
    assert_eq!(names(&run(&options(""), ".env", link, b"x").findings), ["forbidden-path"]);
    assert_eq!(judged("level = \"note\"", ".env")[0].level, Level::Deny);
    assert!(judged("level = \"off\"", ".env").is_empty());
    assert!(
        judged("exclude = [{ path = \"keys/fake.pfx\", reason = \"made for tests\" }]", "keys/fake.pfx")
            .is_empty()
    );
    let block = "[[files.path]]\nmatch = [\"testdata/**\"]\nlevel = \"off\"";
    assert!(judged(block, "testdata/x.pfx").is_empty());
}

/// A vault with a label, and one without.
const VAULTS: &str = "a: !vault |\n  $ANSIBLE_VAULT;1.2;AES256;prod\n  39613266\nb: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  39613266\n";

/// Metadata of SOPS in which a key cannot be read.
const UNREADABLE: &str =
    "sops:\n    kms: *keys\n    age:\n        - recipient: age1\u{1b}[31mred\n    lastmodified: \"\"\n";

#[test]
fn encrypted_material_is_allowed_approved_or_denied() {
    let found = |options: &str, bytes: &str| judged(options, "group_vars/a b.yml", bytes.as_bytes());
    assert!(found("", VAULTS).is_empty(), "it is not looked for by default");
    let approved =
        |keys: &str| found(&format!("encrypted = \"approved\"\nkey-management = [{keys}]"), VAULTS);
    assert!(approved("\"ansible-vault\", \"ansible-vault:prod\"").is_empty());
    assert!(approved("\"*\"").is_empty());
    assert_eq!(
        names(&approved("\"ansible-vault:prod\"")),
        ["encrypted-material"],
        "one key that is not approved"
    );
    assert_eq!(approved("")[0].level, Level::Deny);

    let text = |finding: &Finding| format!("{}\n  {}\n", finding.message, finding.fix.join("\n  "));
    let ids: Vec<String> = (0..7).map(|n| format!("sops_age__list_{n}__map_recipient=age1{n}\n")).collect();
    let long = format!("sops_age__list_7__map_recipient=age1{}\n", "q".repeat(2000));
    let many = format!("sops_lastmodified=x\n{}", ids.concat());
    let said = [
        text(&approved("")[0]),
        text(&approved("\"ansible-vault:prod\"")[0]),
        text(&found("encrypted = \"approved\"", UNREADABLE)[0]),
        text(&found("encrypted = \"approved\"\nkey-management = [\"*\"]", UNREADABLE)[0]),
        text(&found("encrypted = \"approved\"", &many)[0]),
        text(&found("encrypted = \"approved\"", &format!("sops_lastmodified=x\n{long}"))[0]),
        text(&found("encrypted = \"deny\"", &format!("{VAULTS}{UNREADABLE}"))[0]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn encrypted_material_is_denied_wherever_the_section_is_on() {
    let deny = "encrypted = \"deny\"\n";
    let found = |options: &str, path: &str| judged(options, path, VAULTS.as_bytes());
    assert_eq!(found(&format!("{deny}level = \"note\""), "a.yml")[0].level, Level::Deny);
    assert!(found(&format!("{deny}level = \"off\""), "a.yml").is_empty());
    assert!(
        found(
            &format!("{deny}exclude = [{{ path = \"a.yml\", reason = \"an example of the docs\" }}]"),
            "a.yml"
        )
        .is_empty()
    );
    let block = "[[files.path]]\nmatch = [\"prod/**\"]\nencrypted = \"approved\"\nkey-management = [\"ansible-vault*\"]\n";
    assert!(found(&format!("{deny}{block}"), "prod/a.yml").is_empty());
    assert_eq!(names(&found(&format!("{deny}{block}"), "a.yml")), ["encrypted-material"]);
    let later = "[[files.path]]\nmatch = [\"prod/b.yml\"]\nkey-management = [\"ansible-vault\"]\n";
    assert_eq!(names(&found(&format!("{block}{later}"), "prod/b.yml")), ["encrypted-material"]);
    assert!(found(&format!("{block}{later}"), "prod/a.yml").is_empty());

    let old = run(deny, "a.yml", |d| d.is_new = false, VAULTS.as_bytes());
    assert_eq!(names(&old.findings), ["encrypted-material"], "changed, not only new");
    assert!(run(deny, "a", |d| d.mode = Some(FileMode::Symlink), VAULTS.as_bytes()).findings.is_empty());
    let shared = b"\x85\0\x0c\x03keyidkey\x01\x01\x01\xd2\x02\x01\x01";
    let key = ".git-crypt/keys/default/0/0123456789ABCDEF0123456789ABCDEF01234567.gpg";
    assert_eq!(names(&judged(&format!("{deny}binary = \"allow\""), "a.gpg", shared)), ["encrypted-material"]);
    assert!(judged(&format!("{deny}binary = \"allow\""), key, shared).is_empty());
}

#[test]
fn what_was_too_large_to_be_read_is_counted() {
    let unread = |d: &mut Document<'_>| (d.bytes, d.size, d.is_new) = (None, 60 << 20, false);
    for options in ["encrypted = \"deny\"", "encrypted = \"approved\"\nbinary = \"allow\""] {
        assert_eq!(run(options, "a.iso", unread, b"").skips, [SkipReason::TooLarge], "{options}");
    }
    assert_eq!(run("", "a.iso", unread, b"").skips, []);
    let limit = |options: &str| judge(options, Stage::Ci).read_limit();
    assert_eq!(limit("encrypted = \"approved\"\nmax-size = 1"), 50 << 20, "whatever max-size says");
    assert_eq!(limit("[[files.path]]\nmatch = [\"a/**\"]\nencrypted = \"deny\""), 50 << 20);
    assert_eq!(limit("encrypted = \"deny\"\nlevel = \"off\""), 0);
}

#[test]
fn the_check_asks_for_the_bytes_it_needs() {
    let limit = |options: &str| judge(options, Stage::PreCommit).read_limit();
    assert_eq!(limit(""), 5 << 20, "what is larger is too large anyway");
    assert_eq!(limit("level = \"off\""), 0);
    assert_eq!(limit("binary = \"allow\""), 1024, "pointers of Git LFS");
    assert_eq!(limit("max-size = \"40 GiB\""), 50 << 20, "nothing is read without a bound");
    let block = |lines: &str| format!("[[files.path]]\nmatch = [\"*.iso\"]\n{lines}");
    assert_eq!(limit(&block("max-size = \"20 MiB\"")), 20 << 20);
    assert_eq!(limit(&block("max-size = \"20 MiB\"\nbinary = \"allow\"")), 5 << 20);
    assert_eq!(limit(&format!("level = \"off\"\n{}", block("level = \"deny\""))), 5 << 20);
    assert_eq!(limit(&format!("binary = \"allow\"\n{}", block("binary = \"deny\""))), 5 << 20);

    let unread = |d: &mut Document<'_>| (d.bytes, d.size) = (None, 60 << 20);
    let large = run("max-size = \"1 GiB\"", "a.iso", unread, b"");
    assert!(large.findings.is_empty());
    assert_eq!(large.skips, [SkipReason::TooLarge], "allowed, and too large to be looked at: counted");
    assert_eq!(run("max-size = \"1 GiB\"\nbinary = \"allow\"", "a.iso", unread, b"").skips, []);
}

#[test]
fn an_exclude_that_has_ended_hides_nothing() {
    let until = |day: &str| {
        format!(
            "forbid = [\"*.pfx\"]\nexclude = [{{ path = \"keys/**\", reason = \"made for tests\", until = {day} }}]"
        )
    };
    assert!(judged(&until("2026-11-22"), "keys/a.pfx", b"").is_empty());
    assert_eq!(names(&judged(&until("2026-11-21"), "keys/a.pfx", b"")), ["forbidden-path"]);
}

#[test]
fn what_only_the_check_can_see_is_told_with_its_line() {
    let text = "[files]\nlevel = \"deny\"\n\n[[files.path]]\nmatch = []\n".to_owned();
    let policy = Policy::load(&[Layer { origin: Origin::File("gatepost.toml".into()), text }]).unwrap();
    let error = Judge::new(&policy, Stage::Ci, today()).unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.source_line.as_deref()),
        ("gatepost.toml:4:9: `files.path`: a block without `match` is for no path", Some("[[files.path]]"))
    );
}

#[test]
fn impossible_settings_are_policy_errors() {
    for (options, says) in [
        ("exclude = [{ path = \"a[\", reason = \"kept as it came\" }]", "is not a glob"),
        ("max-size = \"5 parsecs\"", "is not a size"),
        ("binary = \"off\"", "allow, note, warn or deny"),
        ("[[files.path]]\nmatch = []", "is for no path"),
        ("encrypted = \"warn\"", "is not known"),
        (
            "key-management = [\"awskms:arn\"]",
            "`files.key-management`: `awskms:arn` begins with no kind of key",
        ),
        (
            "[[files.path]]\nmatch = [\"a\"]\nkey-management = [\"x:1\"]",
            "`files.path.key-management`: `x:1` begins with no kind of key",
        ),
    ] {
        let text = format!("[files]\n{options}\n");
        let layer = Layer { origin: Origin::File("gatepost.toml".into()), text };
        // The policy reader may find the mistake before the check does.
        match Policy::load(&[layer]) {
            Err(errors) => assert_eq!(errors.len(), 1),
            Ok(policy) => {
                let error = Judge::new(&policy, Stage::Ci, today()).unwrap_err();
                assert!(error.message.contains(says), "{error}");
            }
        }
    }
}

#[test]
fn rules_of_paths_are_for_new_files_and_those_of_contents_for_changed_ones() {
    let options = "path-max = 3\nwindows-paths = \"warn\"\neol-lf = [\"*.sh\"]\neol-crlf = [\"*.bat\"]\nlfs-required = [\"*.psd\"]\nnot-empty = [\"/a\"]";
    let old = |path: &str, bytes: &[u8]| run(options, path, |d| d.is_new = false, bytes).findings;
    assert!(old("long/aux.c", b"x\n").is_empty());
    assert_eq!(names(&judged(options, "long/aux.c", b"x\n")), ["path-too-long", "windows-illegal-path"]);
    assert_eq!(names(&old("a.sh", b"a\nb\r\n")), ["line-endings"]);
    assert_eq!(names(&old("a.bat", b"a\r\nb\n")), ["line-endings"]);
    assert!(old("a.bat", b"a\r\nb\r\n").is_empty() && old("a.sh", b"a\nb\rc").is_empty());
    assert_eq!(old("a.bat", b"a\r\nb\n")[0].message, "line 2 of a.bat ends with LF, and should with CR LF");
    assert_eq!(names(&old("a.psd", b"x")), ["lfs-required"]);
    assert_eq!(old("a.psd", b"x")[0].level, Level::Deny);
    assert!(old("a.psd", b"").is_empty() && old("a.psd", example_pointer().as_bytes()).is_empty());
    assert_eq!(names(&old("a", b" \n\t\r\n")), ["empty-file"]);
    assert!(old("b/a", b"").is_empty());
    assert!(judged(&format!("level = \"off\"\n{options}"), "long/aux.sh", b"\r\n").is_empty());
    let link = |d: &mut Document<'_>| (d.mode, d.is_new) = (Some(FileMode::Symlink), false);
    assert!(run(options, "a.sh", link, b"x\r\n").findings.is_empty());
}

#[test]
fn what_a_rule_of_contents_could_not_read_is_counted() {
    let unread = |d: &mut Document<'_>| (d.bytes, d.size, d.is_new) = (None, 60 << 20, false);
    let options = "max-size = \"1 GiB\"\nbinary = \"allow\"\neol-lf = [\"*.sh\"]";
    assert_eq!(run(options, "a.sh", unread, b"").skips, [SkipReason::TooLarge]);
    assert_eq!(run(options, "a.txt", unread, b"").skips, []);
    let limit = |options: &str| judge(options, Stage::Ci).read_limit();
    assert_eq!(limit("binary = \"allow\"\nexecutable-without-shebang = \"warn\""), 5 << 20);
    assert_eq!(limit("binary = \"allow\"\nsymlinks-outside = \"warn\""), 4096);
    assert_eq!(limit("binary = \"allow\"\nlfs-required = [\"a\"]"), 1024);
}
