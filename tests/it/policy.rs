//! Where a policy comes from and what may change it: layers, presets, profiles, overlays, the environment and flags, through
//! the real binaries and real git.

use crate::support::{Repo, leak, token};

/// A policy with overlays for a folder and for release branches.
const OVERLAID: &str = r#"
schema = 1
[files]
level = "warn"
max-size = "1 KiB"
[[overlay]]
paths = ["infra/**"]
files.level = "deny"
[[overlay]]
paths = ["fixtures/**"]
secrets.level = "note"
[[overlay]]
branches = ["release/*"]
message.types = ["fix", "docs"]
"#;

/// The last 1,500 bytes of nothing in particular.
fn large() -> String {
    "nothing in particular\n".repeat(70)
}

#[test]
fn an_overlay_for_paths_holds_for_its_paths() {
    let repo = Repo::gated();
    repo.write("gatepost.toml", OVERLAID);
    repo.write("src/large.txt", large());
    repo.write("fixtures/a.env", leak(&token()));
    repo.git(["add", "-A"]);
    let run = repo.try_git(["commit", "-m", "feat: add what is only warned of"]).ok();
    assert!(run.said().contains("src/large.txt"), "{}", run.said());
    repo.write("infra/large.txt", large());
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: add what is denied"]).refused(&["GP-FILE-001", "infra/large.txt"]);
    repo.git(["rm", "-q", "--cached", "infra/large.txt"]);
    repo.remove("infra/large.txt");
    repo.write("src/a.env", leak(&token()));
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: add a secret"]).refused(&["github-pat", "src/a.env"]);
}

#[test]
fn a_history_is_judged_path_by_path() {
    let repo = Repo::new();
    repo.write("gatepost.toml", OVERLAID);
    repo.write("fixtures/a.env", leak(&token()));
    repo.commit_all("feat: add a fixture");
    let run = repo.gatepost(["scan", "--history"]).ok();
    assert!(run.said().contains("1 note"), "{}", run.said());
    let real = token();
    repo.write("fixtures/b.env", leak(&real));
    repo.write("src/b.env", leak(&real));
    repo.commit_all("feat: add one that also stands elsewhere");
    // One blob at two paths: the stricter path decides.
    repo.gatepost(["scan", "--history"]).failed(&[1], &["src/b.env"]);
    repo.write("gatepost.toml", OVERLAID.replace("secrets.level = \"note\"", "secrets.level = \"off\""));
    let said = repo.gatepost(["scan", "--history"]).failed(&[1], &["src/b.env"]).said();
    assert!(!said.contains("fixtures"), "{said}");
}

#[test]
fn an_overlay_for_branches_holds_on_its_branches() {
    let repo = Repo::gated();
    repo.write("gatepost.toml", OVERLAID);
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: anything goes on main"]).ok();
    repo.git(["checkout", "-q", "-b", "release/1.8"]);
    repo.write("a", "a\n");
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: no features here"]).refused(&["unknown type", "feat"]);
    repo.try_git(["commit", "-m", "fix: fixes are fine"]).ok();
    // In CI it is the target's name that counts: the judged branch has its name from whoever made it.
    repo.git(["checkout", "-q", "-b", "release/mine", "main"]);
    repo.write("b", "b\n");
    repo.commit_all("feat: for main");
    repo.gatepost(["run", "ci", "--from-ref", "main"]).ok();
    repo.git(["branch", "release/1.9", "main"]);
    repo.gatepost(["run", "ci", "--from-ref", "release/1.9"]).failed(&[1], &["unknown type"]);
    repo.gatepost(["run", "ci", "--from-ref", "main", "--branch", "release/1.8"])
        .failed(&[1], &["unknown type"]);
}

/// A bare repository beside `repo` with the real pre-receive hook, and `repo`'s remote.
fn server(repo: &Repo) -> std::path::PathBuf {
    let bare = repo.beside("server.git");
    repo.git(["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]);
    repo.git(["remote", "add", "origin", bare.to_str().unwrap()]);
    bare
}

fn hook(bare: &std::path::Path) {
    let hook = bare.join("hooks/pre-receive");
    let script = format!("#!/bin/sh\nexec {} run pre-receive\n", crate::support::GATEPOST);
    std::fs::write(&hook, script).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn one_push_of_two_branches_is_judged_by_two_policies() {
    let repo = Repo::new();
    repo.write("gatepost.toml", OVERLAID);
    repo.commit_all("feat: begin");
    let bare = server(&repo);
    repo.git(["push", "-q", "origin", "main", "main:release/1.8"]);
    hook(&bare);
    repo.write("a", "a\n");
    repo.commit_all("feat: a feature");
    // The commit is fine on main, and not on the release branch.
    let run = repo.try_git(["push", "origin", "main", "main:release/1.8"]);
    let said = run.refused(&["unknown type"]).said();
    assert_eq!(said.matches("error[GP-MSG").count(), 1, "told once:\n{said}");
    repo.try_git(["push", "origin", "main"]).ok();
    // That main has it already does not open the release branch to it.
    repo.try_git(["push", "origin", "main:release/1.8"]).refused(&["unknown type"]);
    // A release that is cut from main begins with what main has.
    repo.try_git(["push", "origin", "main:release/1.9"]).ok();
}

/// What a change can bring to let its own secret through, and the file that it stands in.
const EXCUSES: [(&str, &str, &str); 7] = [
    ("a level", "gatepost.toml", "[secrets]\nlevel = \"off\"\n"),
    ("a dry run", "gatepost.toml", "enforce = false\n"),
    ("an overlay", "gatepost.toml", "[[overlay]]\npaths = [\"**\"]\nsecrets.level = \"off\"\n"),
    ("a lenient preset", "gatepost.toml", "extends = [\"preset:audit\"]\n"),
    (
        "an exclude",
        "gatepost.toml",
        "[secrets]\nexclude = [{ path = \"*.env\", reason = \"nobody uses it\" }]\n",
    ),
    (
        "an allow-list",
        "gatepost.toml",
        "[[secrets.allow]]\npath = \"*.env\"\nrules = [\"github-pat\"]\nreason = \"nobody uses it\"\n",
    ),
    ("a baseline", "gatepost-baseline.txt", "FINGERPRINT github-pat\n"),
];

#[test]
fn what_a_change_brings_to_excuse_itself_counts_once_the_base_has_it() {
    for (name, file, text) in EXCUSES {
        let repo = Repo::new();
        repo.write("README.md", "hello\n");
        repo.write("gatepost.toml", "schema = 1\n");
        repo.commit_all("docs: begin");
        let bare = server(&repo);
        repo.git(["push", "-q", "origin", "main"]);
        hook(&bare);
        let leaked = leak(&token());
        repo.write("a.env", &leaked);
        let run = repo.gatepost(["scan", "a.env", "-f", "json"]);
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let text = text.replace("FINGERPRINT", report["findings"][0]["fingerprint"].as_str().unwrap());
        repo.write(file, &text);
        repo.commit_all("feat: bring an excuse along");
        repo.try_git(["push", "origin", "main"]).refused(&["github-pat", "a.env"]);
        repo.gatepost(["run", "ci", "--from-ref", "origin/main"]).failed(&[1], &["github-pat"]);
        // The same secret, once the base has the excuse.
        repo.git(["reset", "-q", "--hard", "origin/main"]);
        repo.write(file, &text);
        repo.commit_all("chore: change the policy");
        repo.try_git(["push", "origin", "main"]).ok();
        repo.write("a.env", &leaked);
        repo.commit_all("feat: bring the secret");
        let run = repo.gatepost(["run", "ci", "--from-ref", "origin/main"]);
        assert_eq!(run.code, 0, "{name}: {}", run.said());
        let run = repo.try_git(["push", "origin", "main"]);
        assert_eq!(run.code, 0, "{name}: {}", run.said());
    }
}

#[test]
fn the_environment_and_flags_never_lower_a_gate() {
    let repo = Repo::gated();
    repo.write("a.env", leak(&token()));
    repo.git(["add", "-A"]);
    for variable in [
        ("GATEPOST_SECRETS_LEVEL", "off"),
        ("GATEPOST_SECRETS_LEVEL", "{ pre-commit = \"note\" }"),
        ("GATEPOST_SECRETS_LEVEL", "{ high = \"note\", default = \"deny\" }"),
        ("GATEPOST_ENFORCE", "false"),
        ("GATEPOST_SECRETS_MAX_FILE_SIZE", "1"),
        ("GATEPOST_SECRETS_TRUST_INLINE", "all"),
    ] {
        let mut commit = repo.command("git", repo.root());
        commit.args(["commit", "-m", "feat: add it"]).env(variable.0, variable.1);
        let run = crate::support::run(&mut commit, b"");
        run.refused(&["could weaken a gate", variable.0]);
    }
    for flags in [&["--profile", "audit"][..], &["--no-config", "--min-severity", "critical"]] {
        let run = repo.gatepost(["run", "pre-commit"].iter().chain(flags));
        run.failed(&[1, 2], &[if flags[0] == "--profile" { "--profile audit" } else { "--min-severity" }]);
    }
    // Stricter is always possible.
    let mut commit = repo.command("git", repo.root());
    commit
        .args(["commit", "-m", "feat: this header is longer than ten"])
        .env("GATEPOST_MESSAGE_HEADER_MAX", "10");
    repo.git(["rm", "-q", "--cached", "a.env"]);
    repo.write("b", "b\n");
    repo.git(["add", "b"]);
    crate::support::run(&mut commit, b"").refused(&["header too long"]);
    repo.gatepost(["run", "pre-commit", "--profile", "strict"]).ok();
}

#[test]
fn levels_by_severity_decide_what_blocks() {
    let repo = Repo::gated();
    repo.write("gatepost.toml", "on-warn = \"Open a ticket in SEC.\"\n[secrets]\nlevel = { critical = \"deny\", high = \"warn\", default = \"note\" }\n");
    repo.write("a.env", leak(&token()));
    repo.git(["add", "-A"]);
    let run = repo.gatepost(["run", "pre-commit", "-f", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let finding = &report["findings"][0];
    let expected = match finding["severity"].as_str().unwrap() {
        "critical" => "deny",
        "high" => "warn",
        _ => "note",
    };
    assert_eq!(finding["level"], expected);
    if expected == "warn" {
        let said = repo.gatepost(["run", "pre-commit"]).ok().said();
        assert!(said.contains("Open a ticket in SEC."), "{said}");
    }
    repo.write("gatepost.toml", "[secrets]\nlevel = { critical = \"deny\" }\n");
    repo.gatepost(["run", "pre-commit"])
        .failed(&[2], &["has no level for high, medium, low, info", "default"]);
}

#[test]
fn presets_are_printed_extended_and_written() {
    let repo = Repo::new();
    let listed = repo.gatepost(["config", "presets"]).ok().out;
    for name in ["regulated", "strict", "severity-high-blocks"] {
        assert!(listed.contains(name), "{listed}");
        let text = repo.gatepost(["config", "preset", name]).ok().out;
        repo.write("printed.toml", &text);
        repo.gatepost(["config", "check", "printed.toml"]).ok();
    }
    repo.gatepost(["config", "preset", "regulate"]).failed(&[2], &["did you mean `regulated`?"]);
    repo.write("gatepost.toml", "extends = [\"preset:regulated\"]\nfinal = [\"secrets\"]\n");
    let shown = repo.gatepost(["config", "show", "--origin"]).ok().out;
    assert!(
        shown
            .lines()
            .any(|line| line.contains("secrets.deny-confidence = \"medium\"")
                && line.contains("preset regulated")),
        "{shown}"
    );
}

#[test]
fn what_config_show_prints_is_the_policy() {
    let repo = Repo::new();
    repo.write("gatepost.toml", OVERLAID);
    let shown = repo.gatepost(["config", "show", "--origin"]).ok().out;
    repo.write("shown.toml", &shown);
    let again = repo.gatepost(["config", "show", "--config", "shown.toml"]).ok().out;
    assert_eq!(repo.gatepost(["config", "show"]).ok().out, again);
    assert!(again.contains("[[overlay]]\npaths = [\"infra/**\"]"), "{again}");
}

#[test]
fn a_policy_is_migrated_in_place() {
    let repo = Repo::new();
    let old = "[files]\nmax_size = \"2 MiB\" # as agreed\n";
    repo.write("gatepost.toml", old);
    repo.gatepost(["config", "check"]).failed(&[2], &["unknown key `max_size`", "did you mean `max-size`?"]);
    repo.gatepost(["config", "migrate"]).failed(&[1], &["would change", "--write"]);
    assert_eq!(std::fs::read_to_string(repo.root().join("gatepost.toml")).unwrap(), old);
    repo.gatepost(["config", "migrate", "--write"]).ok();
    let new = std::fs::read_to_string(repo.root().join("gatepost.toml")).unwrap();
    assert_eq!(new, "schema = 1\n[files]\nmax-size = \"2 MiB\" # as agreed\n");
    repo.gatepost(["config", "check"]).ok();
    repo.gatepost(["config", "migrate"]).ok();
}

/// An organisation's repository beside `repo` with a policy in it, and the reference to its commit.
fn organisation(repo: &Repo, format: &str, policy: &str) -> String {
    let org = repo.beside("org");
    std::fs::create_dir(&org).unwrap();
    let git = |arguments: &[&str]| repo.run("git", arguments, &org, b"").ok().out.trim().to_owned();
    git(&["init", "-q", "-b", "main", &format!("--object-format={format}")]);
    std::fs::create_dir(org.join("policies")).unwrap();
    std::fs::write(org.join("policies/gatepost.toml"), policy).unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "docs: what we agreed on"]);
    format!("../org@{}:policies/gatepost.toml", git(&["rev-parse", "HEAD"]))
}

#[test]
fn a_pinned_policy_of_another_repository_holds_at_every_gate() {
    for format in ["sha1", "sha256"] {
        let repo = Repo::new();
        let policy = "final = [\"message\"]\n[message]\ntypes = [\"docs\"]\n";
        let reference = organisation(&repo, format, policy);
        repo.write("gatepost.toml", format!("extends = [\"{reference}\"]\n"));
        repo.commit_all("docs: begin");
        let bare = server(&repo);
        repo.git(["push", "-q", "origin", "main"]);
        hook(&bare);
        repo.gatepost(["install"]).ok();
        let refused = ["unknown type", "docs"];
        repo.try_git(["commit", "--allow-empty", "-m", "feat: no"]).refused(&refused);
        repo.try_git(["commit", "-q", "--allow-empty", "-m", "docs: yes"]).ok();
        // Git tells hooks of a linked work tree where their repository is, and no other.
        let linked = repo.beside("linked");
        repo.git(["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
        let commit = ["commit", "--allow-empty", "-m", "feat: no"];
        repo.run("git", commit, &linked, b"").refused(&refused);
        repo.gatepost(["run", "ci", "--from-ref", "origin/main"]).ok();
        repo.try_git(["push", "-q", "origin", "main"]).ok();
        repo.git(["commit", "-q", "--no-verify", "--allow-empty", "-m", "feat: no"]);
        repo.gatepost(["run", "ci", "--from-ref", "origin/main"]).failed(&[1], &refused);
        repo.try_git(["push", "--no-verify", "origin", "main"]).refused(&refused);
        // A commit that is not there is an error at every gate, and never "no policy".
        let gone = reference.replace(&reference[7..15], "00000000");
        repo.write("gatepost.toml", format!("extends = [\"{gone}\"]\n"));
        repo.gatepost(["run", "pre-commit"])
            .failed(&[2], &["gatepost.toml:1", "cannot be read", "nothing is fetched"]);
    }
}

#[test]
fn a_flag_puts_no_other_policy_in_the_place_of_the_repositorys() {
    let repo = Repo::gated();
    repo.write("gatepost.toml", "[secrets]\nlevel = \"deny\"\n");
    repo.commit_all("chore: a policy");
    repo.write("lax.toml", "enforce = false\n");
    repo.write("a.env", leak(&token()));
    repo.git(["add", "-A"]);
    repo.gatepost(["run", "pre-commit", "--config", "lax.toml"])
        .failed(&[2], &["would take the place", "gatepost.toml"]);
    repo.gatepost(["run", "pre-commit", "--config", "gatepost.toml"]).failed(&[1], &["github-pat"]);
    repo.commit_all("feat: bring both");
    let ci = ["run", "ci", "--from-ref", "HEAD~1", "--config"];
    repo.gatepost(ci.iter().chain(&["lax.toml"])).failed(&[2], &["its own judge", "--from-ref"]);
    // What lies outside of what is judged is somebody else's word.
    let outside = repo.beside("strict.toml");
    std::fs::write(&outside, "[files]\nforbid = [\"lax.toml\"]\n").unwrap();
    repo.gatepost(ci.iter().chain(&[outside.to_str().unwrap()])).failed(&[1], &["GP-FILE-004"]);
    repo.gatepost(["scan", "--config", "lax.toml"]).ok();
}

/// A lenient branch, a strict one, and the rest.
const BRANCHES: &str = r#"
[message]
types = ["feat", "fix"]
[branch]
other-refs = "off"
[[overlay]]
branches = ["sandbox/**"]
secrets.level = "note"
[[overlay]]
branches = ["release/*"]
message.types = ["fix"]
"#;

#[test]
fn a_lenient_ref_vouches_for_no_other() {
    let repo = Repo::new();
    repo.write("gatepost.toml", BRANCHES);
    repo.commit_all("feat: begin");
    let bare = server(&repo);
    repo.git(["push", "-q", "origin", "main", "main:release/1"]);
    hook(&bare);
    let begin = repo.head();
    repo.write("a.env", leak(&token()));
    repo.commit_all("feat: try something");
    repo.try_git(["push", "origin", "HEAD:sandbox/x"]).ok();
    for target in ["main", "feature", "refs/tags/v1"] {
        let target =
            if target.starts_with("refs/") { target.to_owned() } else { format!("refs/heads/{target}") };
        repo.try_git(["push", "origin", &format!("HEAD:{target}")]).refused(&["github-pat"]);
    }
    // A branch with the same overlays, made of commits that they did not judge, vouches for none of them.
    repo.git(["reset", "-q", "--hard", &begin]);
    repo.write("b", "b\n");
    repo.commit_all("feat: no feature for a release");
    repo.try_git(["push", "origin", "HEAD:feature"]).ok();
    repo.try_git(["push", "origin", "HEAD:release/2"]).ok();
    repo.try_git(["push", "origin", "HEAD:release/1"]).refused(&["unknown type"]);
    // Nor does a ref whose messages nobody judges.
    repo.git(["reset", "-q", "--hard", &begin]);
    repo.git(["commit", "-q", "--allow-empty", "-m", "whatever"]);
    repo.try_git(["push", "origin", "HEAD:refs/notes/x"]).ok();
    repo.try_git(["push", "origin", "HEAD:main"]).refused(&["GP-MSG"]);
}

#[test]
fn what_stands_at_its_own_place_does_not_move_elsewhere() {
    let exception = format!(
        "[[exception]]\nid = \"EX-1\"\nrule = \"github-pat\"\npath = \"test/**\"\nstatus = \"test-credential\"\n\
         reason = \"made for the tests\"\nowner = \"@qa\"\nexpires = {}\n",
        crate::support::in_days(100)
    );
    let milder = "[[overlay]]\npaths = [\"test/**\"]\nsecrets.level = \"warn\"\n";
    for policy in [exception.as_str(), milder] {
        let repo = Repo::new();
        repo.write("gatepost.toml", policy);
        repo.commit_all("chore: begin");
        let bare = server(&repo);
        repo.git(["push", "-q", "origin", "main"]);
        hook(&bare);
        repo.write("test/k.env", leak(&token()));
        repo.commit_all("test: add a token");
        repo.gatepost(["run", "ci", "--from-ref", "origin/main"]).ok();
        repo.try_git(["push", "-q", "origin", "main"]).ok();
        // An edit at its place is no news.
        repo.write(
            "test/k.env",
            format!("# mine\n{}", std::fs::read_to_string(repo.root().join("test/k.env")).unwrap()),
        );
        repo.commit_all("test: say whose it is");
        repo.try_git(["push", "-q", "origin", "main"]).ok();
        repo.git(["mv", "test", "src"]);
        repo.commit_all("refactor: move it");
        repo.gatepost(["run", "ci", "--from-ref", "origin/main"]).failed(&[1], &["src/k.env"]);
        repo.try_git(["push", "origin", "main"]).refused(&["github-pat", "src/k.env"]);
    }
}

#[test]
fn a_policy_that_the_next_run_could_not_obey_is_refused_before_it_locks_anybody_out() {
    for (name, file, text, word) in [
        ("a typo", "gatepost.toml", "[secretz]\nlevel = \"deny\"\n", "secretz"),
        ("no patterns", "gatepost.toml", "[branch]\nlevel = \"deny\"\n", "patterns"),
        ("nothing to extend", "gatepost.toml", "extends = [\"gone.toml\"]\n", "gone.toml"),
        ("an unknown rule", "gatepost-exceptions.toml", "[[exception]]\nid = \"EX-1\"\n", "no `rule`"),
        ("garbage", "gatepost-baseline.txt", "garbage\n", "garbage"),
        ("two policies", ".gatepost.toml", "schema = 1\n", "both"),
    ] {
        let repo = Repo::new();
        repo.write("gatepost.toml", "schema = 1\n[drift]\nlevel = \"off\"\n");
        repo.commit_all("docs: begin");
        let bare = server(&repo);
        repo.git(["push", "-q", "origin", "main"]);
        hook(&bare);
        repo.write(file, text);
        repo.commit_all("chore: break the policy");
        let run = repo.try_git(["push", "origin", "main"]);
        assert!(run.code != 0 && run.said().contains(word), "{name}: {}", run.said());
        repo.gatepost(["run", "ci", "--from-ref", "origin/main"]).failed(&[2], &[word]);
        // On a branch that no policy is read from it harms nobody.
        repo.try_git(["push", "origin", "main:feature"]).ok();
        repo.git(["reset", "-q", "--hard", "origin/main"]);
        repo.write("a", "a\n");
        repo.commit_all("feat: go on");
        repo.try_git(["push", "origin", "main"]).ok();
    }
}

#[test]
fn a_policy_that_is_broken_already_is_mended_by_the_administrator() {
    let repo = Repo::new();
    repo.write("gatepost.toml", "[secretz]\n");
    repo.commit_all("docs: begin");
    let bare = server(&repo);
    repo.git(["push", "-q", "origin", "main"]);
    hook(&bare);
    repo.write("gatepost.toml", "schema = 1\n");
    repo.commit_all("fix: mend it");
    repo.try_git(["push", "origin", "main"]).refused(&["secretz", "administrator", "repository directory"]);
    std::fs::write(bare.join("gatepost.toml"), "schema = 1\n").unwrap();
    repo.try_git(["push", "-q", "origin", "main"]).ok();
}

#[test]
fn a_server_says_where_it_cannot_tell_which_policy_is_in_force() {
    let repo = Repo::new();
    repo.write("gatepost.toml", "[files]\nforbid = [\"*.pfx\"]\n");
    repo.commit_all("docs: begin");
    let bare = server(&repo);
    repo.git(["push", "-q", "origin", "main"]);
    hook(&bare);
    let head = ["symbolic-ref", "HEAD", "refs/heads/master"];
    repo.run("git", head, &bare, b"").ok();
    repo.write("a.pfx", "a\n");
    repo.commit_all("feat: add it");
    repo.try_git(["push", "origin", "main"]).refused(&["refs/heads/master", "symbolic-ref"]);
    repo.run("git", ["symbolic-ref", "HEAD", "refs/heads/main"], &bare, b"").ok();
    repo.try_git(["push", "origin", "main"]).refused(&["GP-FILE-004"]);
    for name in ["gatepost.toml", ".gatepost.toml"] {
        std::fs::write(bare.join(name), "schema = 1\n").unwrap();
    }
    repo.try_git(["push", "origin", "main"]).refused(&["both"]);
}

#[test]
fn in_ci_a_policy_extends_files_beside_the_repository_and_none_of_the_change() {
    let repo = Repo::new();
    std::fs::create_dir(repo.beside("policy")).unwrap();
    std::fs::write(repo.beside("policy/gatepost.toml"), "[message]\ntypes = [\"docs\"]\n").unwrap();
    repo.write("gatepost.toml", "extends = [\"../policy/gatepost.toml\"]\n");
    let base = repo.commit_all("docs: begin");
    repo.commit_all("feat: no");
    repo.gatepost(["run", "ci", "--from-ref", &base]).failed(&[1], &["unknown type"]);
    // A way around that ends in the work tree is the change's own.
    repo.write("gatepost.toml", "extends = [\"../r/lax.toml\"]\n");
    repo.write("lax.toml", "enforce = false\n");
    let base = repo.commit_all("docs: begin again");
    repo.commit_all("docs: go on");
    repo.gatepost(["run", "ci", "--from-ref", &base])
        .failed(&[2], &["a file of the work tree that is judged"]);
}
