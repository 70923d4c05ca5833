//! A history in shards: what all of them find is what one run finds, in clones of any packing, and what does not belong
//! together is not merged.

use crate::support::{GATEPOST, Repo, Run, in_days, leak, run, token};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A repository in which the same secrets stand in many versions, files, names and messages, with commits a minute apart.
struct Busy {
    repo: Repo,
    minute: u32,
}

impl Busy {
    fn commit(&mut self, message: &str) {
        self.minute += 1;
        let date = format!("2026-05-01T{:02}:{:02}:00Z", self.minute / 60, self.minute % 60);
        self.repo.git(["add", "-A"]);
        let mut git = self.repo.command("git", self.repo.root());
        git.args(["commit", "-q", "--no-verify", "--allow-empty", "-m", message]);
        run(git.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date), b"").ok();
    }

    fn new() -> Self {
        let mut busy = Self { repo: Repo::new(), minute: 0 };
        let (common, moved, odd) = (token(), token(), token());
        let password = format!("{}7{}4", &token()[5..11], &token()[11..17]);
        let padding: String = (0..60).map(|n| format!("line {n} of a file that grows\n")).collect();
        // One file in many versions, with a strong secret and a password that is changed and changed back.
        for version in 0..12 {
            let password = if version % 4 == 2 { password.replace('7', "9") } else { password.clone() };
            let text = format!("{padding}version {version}\n{}db_password = \"{password}\"\n", leak(&common));
            busy.repo.write("app/main.env", text);
            busy.repo
                .write(format!("other/{version}.py"), format!("# {version}\nDB_PASSWORD = \"{password}\"\n"));
            busy.commit(&format!("version {version}"));
        }
        // Moved, in an archive of names, in names themselves, in messages, in a branch name.
        busy.repo.write("old/place.env", leak(&moved));
        busy.commit("to be moved");
        busy.repo.git(["mv", "old/place.env", "app/place.env"]);
        busy.commit(&format!("moved {moved}"));
        busy.repo.write(format!("dir-{odd}/inner/file.txt"), "nothing\n");
        busy.repo.write(format!("dir-{odd}/inner/leak.env"), leak(&token()));
        busy.commit("odd names");
        busy.repo.write(format!("file-{odd}.txt"), "nothing else\n");
        busy.commit("another odd name");
        busy.repo.write(
            "allowed.env",
            format!(
                "{} # gatepost:allow github-pat reason=\"an example of the tests\"\n",
                leak(&common).trim_end()
            ),
        );
        busy.commit("allowed by a comment");
        busy.repo.git(["tag", "-a", "v1", "-m", &format!("release with {common}")]);
        busy.repo.git(["branch", &format!("feature/{}", token())]);
        busy.repo.write("gone.env", leak(&token()));
        busy.commit("to be amended");
        busy.repo.remove("gone.env");
        busy.repo.git(["add", "-A"]);
        busy.repo.git(["commit", "-q", "--amend", "--allow-empty", "-m", "amended"]);
        busy
    }

    /// The repository beside this one, all of its objects included, after `repack` has changed how they are stored.
    fn copy(&self, name: &str, repack: impl Fn(&Path)) -> PathBuf {
        let copy = self.repo.beside(name);
        self.repo.run("cp", ["-r", path(self.repo.root()), path(&copy)], Path::new("/"), b"").ok();
        repack(&copy);
        copy
    }

    fn git_in(&self, directory: &Path, arguments: &[&str]) {
        self.repo.run("git", arguments, directory, b"").ok();
    }

    /// Everything in one pack of deltas, with what no ref leads to.
    fn packed(&self) -> PathBuf {
        self.copy("packed", |at| {
            self.git_in(at, &["repack", "-q", "-a", "-d", "-f", "-k", "--depth=50", "--window=50"]);
        })
    }

    /// Every object in a file of its own, as git wrote them.
    fn loose(&self) -> PathBuf {
        self.copy("loose", |_| {})
    }

    fn scan(&self, directory: &Path, arguments: &[&str]) -> Run {
        let all = ["scan", "--history", "-f", "json"].iter().chain(arguments);
        run(self.repo.command(GATEPOST, directory).args(all), b"")
    }

    /// The digest of the object set of a clone.
    fn digest(&self, directory: &Path) -> String {
        let report: Value = serde_json::from_str(&self.scan(directory, &["--shard", "1/2"]).out).unwrap();
        report["shard"]["objects"].as_str().unwrap().to_owned()
    }

    /// The report of each shard, written to a file.
    fn shards(&self, of: u32, directory: impl Fn(u32) -> PathBuf) -> Vec<PathBuf> {
        (1..=of)
            .map(|index| {
                let file = self.repo.beside(&format!("shard-{index}-{of}.json"));
                let report = self.scan(&directory(index), &["--shard", &format!("{index}/{of}")]);
                assert!([0, 1].contains(&report.code), "{}", report.said());
                std::fs::write(&file, report.out).unwrap();
                file
            })
            .collect()
    }

    fn merge(&self, files: &[PathBuf], arguments: &[&str]) -> Run {
        let files = files.iter().map(|file| path(file));
        let all = ["report", "merge"].into_iter().chain(files).chain(arguments.iter().copied());
        run(self.repo.command(GATEPOST, self.repo.root()).args(all), b"")
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A report without what is not the same on each run.
fn stable(text: &str) -> Value {
    let mut report: Value = serde_json::from_str(text).unwrap();
    for key in ["timing", "scope"] {
        report[key] = json!(null);
    }
    report
}

#[track_caller]
fn assert_same(merged: &Value, whole: &Value, what: &str) {
    for list in ["findings", "suppressed"] {
        let (merged, whole) = (merged[list].as_array().unwrap(), whole[list].as_array().unwrap());
        for (merged, whole) in merged.iter().zip(whole) {
            assert_eq!(merged, whole, "{what}, {list}");
        }
        assert_eq!(merged.len(), whole.len(), "{what}, {list}");
    }
    assert_eq!(merged, whole, "{what}");
}

#[test]
fn all_shards_together_are_the_whole_in_clones_of_any_packing() {
    let busy = Busy::new();
    let (packed, loose) = (busy.packed(), busy.loose());
    let whole = busy.scan(&packed, &[]);
    assert_eq!(whole.code, 1, "{}", whole.said());
    let whole = stable(&whole.out);
    assert!(whole["findings"].as_array().unwrap().len() > 6, "{whole:#}");
    assert_eq!(whole["suppressed"].as_array().unwrap().len(), 1);
    assert_same(&stable(&busy.scan(&loose, &[]).out), &whole, "loose");
    for of in [1, 2, 3, 7, 16] {
        // Every other shard is scanned in the other clone.
        let files = busy.shards(of, |index| if index % 2 == 0 { loose.clone() } else { packed.clone() });
        let merged = busy.merge(&files, &["-f", "json"]);
        assert_eq!(merged.code, 1, "{}", merged.said());
        assert_same(&stable(&merged.out), &whole, &format!("{of} shards"));
    }
}

#[test]
fn exceptions_and_the_baseline_count_as_in_a_whole_run() {
    let mut busy = Busy::new();
    let whole: Value = serde_json::from_str(&busy.scan(busy.repo.root(), &[]).out).unwrap();
    let main = |finding: &&Value| {
        let places = finding["locations"].as_array().unwrap();
        places.iter().any(|at| at["path"] == "app/main.env") && places.len() > 1
    };
    let findings = whole["findings"].as_array().unwrap();
    let excepted = findings.iter().filter(main).find(|one| one["rule"] == "github-pat").unwrap();
    let known = findings.iter().find(|one| one["locations"][0]["path"] == "app/place.env").unwrap();
    let record = |id: &str, scope: &str| {
        format!(
            "\n[[exception]]\nid = \"{id}\"\nrule = \"github-pat\"\n{scope}\nstatus = \"test-credential\"\n\
             reason = \"made for this test\"\nowner = \"@tests\"\napprover = \"@lead\"\ncreated = {}\nexpires = {}\n",
            in_days(-1),
            in_days(90)
        )
    };
    let commit = excepted["locations"][0]["commit"].as_str().unwrap();
    busy.repo.write(
        "gatepost.toml",
        format!(
            "schema = 1\n{}{}{}",
            record("EX-1", "path = \"app/main.env\""),
            record("EX-2", &format!("commit = \"{commit}\"")),
            record("EX-3", "path = \"nowhere/**\"")
        ),
    );
    let print = known["fingerprint"].as_str().unwrap();
    busy.repo
        .write("gatepost-baseline.txt", format!("{print} github-pat\ngp1:aaaaaaaaaaaaaaaa github-pat\n"));
    busy.commit("let some stand");
    let root = busy.repo.root().to_path_buf();
    let whole = busy.scan(&root, &[]);
    let whole = stable(&whole.out);
    let by: Vec<&Value> = whole["suppressed_by"].as_array().unwrap().iter().map(|by| &by["kind"]).collect();
    assert_eq!(by, ["baseline", "exception", "inline"], "{whole:#}");
    assert_eq!(whole["stale_baseline"], json!(["gp1:aaaaaaaaaaaaaaaa"]));
    assert!(
        whole["findings"].as_array().unwrap().iter().any(|one| one["rule"] == "exception-unused"),
        "{whole:#}"
    );
    for of in [1, 5] {
        let merged = busy.merge(&busy.shards(of, |_| root.clone()), &["-f", "json"]);
        assert_same(&stable(&merged.out), &whole, &format!("{of} shards"));
    }
}

#[test]
fn a_shard_shows_no_secret_that_only_another_one_found() {
    let busy = Busy::new();
    let whole = busy.scan(busy.repo.root(), &["--show-secrets"]);
    let whole: Value = serde_json::from_str(&whole.out).unwrap();
    let secrets = whole["findings"].as_array().unwrap().iter().filter_map(|one| one["secret"].as_str());
    let secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= 16).collect();
    assert!(secrets.len() > 5);
    for file in busy.shards(8, |_| busy.repo.root().to_path_buf()) {
        let text = std::fs::read_to_string(&file).unwrap();
        for secret in &secrets {
            assert!(!text.contains(secret), "{}", file.display());
        }
    }
}

/// Reports of two shards of a small history, and what makes them.
struct Two {
    busy: Busy,
    files: Vec<PathBuf>,
}

impl Two {
    fn new() -> Self {
        let mut busy = Busy { repo: Repo::new(), minute: 0 };
        busy.repo.write("a.env", leak(&token()));
        busy.repo.write("b.txt", "b\n");
        busy.commit("feat: begin");
        let files = busy.shards(2, |_| busy.repo.root().to_path_buf());
        Self { busy, files }
    }

    /// The second report after `change`, in a file of its own.
    fn changed(&self, change: impl FnOnce(&mut Value)) -> PathBuf {
        let mut report: Value = serde_json::from_slice(&std::fs::read(&self.files[1]).unwrap()).unwrap();
        change(&mut report);
        let file = self.busy.repo.beside("changed.json");
        std::fs::write(&file, report.to_string()).unwrap();
        file
    }

    #[track_caller]
    fn refused(&self, files: &[PathBuf], words: &[&str]) {
        let merged = self.busy.merge(files, &[]);
        merged.failed(&[2], words);
    }
}

#[test]
fn what_does_not_belong_together_is_refused_with_what_to_do() {
    let two = Two::new();
    let [one, other] = &two.files[..] else { unreachable!() };
    two.refused(std::slice::from_ref(one), &["shard 2/2 is missing", "--shard 2/2"]);
    two.refused(&[one.clone(), other.clone(), one.clone()], &["shard 1/2 is there twice"]);
    let with = |change: fn(&mut Value)| [one.clone(), two.changed(change)];
    two.refused(&with(|r| r["shard"]["of"] = json!(3)), &["not shards of the same number", "changed.json"]);
    two.refused(
        &with(|r| r["shard"]["objects"] = json!("0".repeat(64))),
        &["different sets of objects", "git fsck"],
    );
    two.refused(&with(|r| r["tool"]["policy_digest"] = json!("0".repeat(64))), &["different policies"]);
    two.refused(&with(|r| r["tool"]["ruleset_digest"] = json!("0".repeat(64))), &["different secret rules"]);
    two.refused(
        &with(|r| r["tool"]["version"] = json!("9.9.9")),
        &["written by gatepost 9.9.9", "merge with"],
    );
    two.refused(&with(|r| r["schema"] = json!("gatepost.report/2")), &["gatepost.report/2", "changed.json"]);
    two.refused(&with(|r| drop(r.as_object_mut().unwrap().remove("shard"))), &["no report of a shard"]);
    two.refused(&with(|r| r["complete"] = json!(false)), &["contradicts"]);
    let nowhere = two.busy.repo.beside("nowhere.json");
    two.refused(&[one.clone(), nowhere], &["cannot read the report", "nowhere.json"]);
    let secrets = two.busy.merge(&two.files, &["--show-secrets"]);
    secrets.failed(&[2], &["holds no secrets", "--show-secrets"]);
    let usage = two.busy.merge(&two.files, &["--min-severity", "high"]);
    usage.failed(&[2], &["--min-severity"]);
    for (bad, word) in [("0/2", "K/N"), ("3/2", "K/N"), ("1", "K/N"), ("1/5000", "4096")] {
        two.busy.repo.gatepost(["scan", "--history", "--shard", bad]).failed(&[2], &[word]);
    }
    two.busy.repo.gatepost(["scan", "--shard", "1/2"]).failed(&[2], &["--history"]);
}

#[test]
fn an_incomplete_shard_makes_the_whole_incomplete() {
    let two = Two::new();
    let file = two.changed(|report| {
        report["problems"] = json!([{ "what": "object 12 cannot be read", "place": "x", "fix": "git fsck" }]);
        report["complete"] = json!(false);
    });
    let merged = two.busy.merge(&[two.files[0].clone(), file], &["-f", "json"]);
    let report: Value = serde_json::from_str(&merged.out).unwrap();
    assert_eq!(
        (merged.code, &report["complete"], &report["result"]),
        (1, &json!(false), &json!("violations"))
    );
    let merged = two.busy.merge(&two.files, &[]);
    assert_eq!(merged.code, 1, "{}", merged.said());
    assert!(merged.out.contains("1 error in 2 blobs, 1 commit"), "{}", merged.out);
    assert_eq!(two.busy.merge(&two.files, &["--exit-zero"]).code, 0);
}

#[test]
fn the_digest_is_of_what_refs_lead_to_and_the_clone_has() {
    let mut busy = Busy { repo: Repo::new(), minute: 0 };
    for version in 0..4 {
        busy.repo.write("a.txt", format!("version {version}\n").repeat(20));
        busy.repo.write(format!("dir/{version}.txt"), format!("{version}\n"));
        busy.commit(&format!("feat: {version}"));
    }
    let here = busy.digest(busy.repo.root());
    let packed = busy.copy("packed", |at| busy.git_in(at, &["gc", "-q", "--prune=now", "--aggressive"]));
    assert_eq!(busy.digest(&packed), here);
    // What no ref leads to is nobody's business but that of who scans it.
    busy.repo.run("git", ["hash-object", "-w", "--stdin"], &packed, b"garbage\n").ok();
    assert_eq!(busy.digest(&packed), here);
    // A blob of the first commit, which every later tree may or may not name.
    let blob = busy.repo.git(["rev-parse", "HEAD~3:a.txt"]);
    let damaged = busy.copy("damaged", |at| {
        std::fs::remove_file(at.join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    });
    for shard in ["1/2", "2/2"] {
        let run = busy.scan(&damaged, &["--shard", shard]);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!((run.code, &report["complete"]), (3, &json!(false)), "{}", run.said());
        assert_ne!(report["shard"]["objects"], json!(here));
    }
    let shallow = busy.repo.beside("shallow");
    let url = format!("file://{}", busy.repo.root().display());
    busy.repo.run("git", ["clone", "-q", "--depth=2", &url, path(&shallow)], Path::new("/"), b"").ok();
    let run = busy.scan(&shallow, &["--shard", "1/2", "--allow-shallow"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_ne!(report["shard"]["objects"], json!(here));
    busy.commit("feat: one more");
    assert_ne!(busy.digest(busy.repo.root()), here);
}
