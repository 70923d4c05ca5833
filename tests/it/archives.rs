//! Secrets in archives, at every gate: what is packed is judged as what is not, and what cannot be unpacked is counted.

use crate::packing::{Method, bz2, gz, tar, xz, zip, zst};
#[cfg(unix)]
use crate::receive::Server;
use crate::support::{GATEPOST, Repo, Run, leak, token};
use serde_json::Value;
use std::collections::BTreeMap;

/// The report as JSON, and the secrets in it by value: where they stand.
struct Seen {
    report: Value,
    places: BTreeMap<String, Vec<String>>,
}

impl Seen {
    fn new(run: &Run) -> Self {
        let report: Value =
            serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.said()));
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in report["findings"].as_array().unwrap() {
            let of_it = places.entry(finding["secret"].as_str().unwrap_or_default().to_owned()).or_default();
            for place in finding["locations"].as_array().unwrap() {
                let inner =
                    place["inner"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
                let path = place["path"].as_str().or(place["subject"].as_str());
                of_it.push(path.into_iter().chain(inner).collect::<Vec<_>>().join("!/"));
            }
        }
        Self { report, places }
    }

    /// How many things were skipped for a reason.
    fn skipped(&self, reason: &str) -> u64 {
        let rows = self.report["coverage"]["skipped"].as_array().unwrap();
        rows.iter().find(|row| row["reason"] == reason).map_or(0, |row| row["count"].as_u64().unwrap())
    }
}

fn scan(repo: &Repo, arguments: &[&str]) -> Seen {
    let common = ["scan", "-f", "json", "--show-secrets", "--no-config"];
    Seen::new(&repo.gatepost(common.iter().chain(arguments)))
}

/// One file of each kind, the token that it holds, and where in it that stands.
fn files() -> Vec<(&'static str, Vec<u8>, String, &'static str)> {
    type Pack = fn(&[u8]) -> Vec<u8>;
    let kinds: [(&str, Pack, &str); 10] = [
        ("a.zip", |text| zip(&[("in/conf.env", Method::Deflated, text)]), "a.zip!/in/conf.env"),
        (
            "b.jar",
            |text| zip(&[("META-INF/x", Method::Stored, b"x"), ("app.env", Method::Deflated, text)]),
            "b.jar!/app.env",
        ),
        ("c.tar.gz", |text| gz("c.tar", &tar(&[("dir/conf.env", text)])), "c.tar.gz!/dir/conf.env"),
        ("d.xz", xz, "d.xz!/content"),
        ("e.zst", zst, "e.zst!/content"),
        ("f.bz2", bz2, "f.bz2!/content"),
        ("g.txt.gz", |text| gz("g.txt", text), "g.txt.gz!/g.txt"),
        ("h.tar", |text| tar(&[("conf.env", text)]), "h.tar!/conf.env"),
        (
            "i.tar.xz",
            |text| xz(&tar(&[("lib/in.jar", &zip(&[("conf.env", Method::Deflated, text)]))])),
            "i.tar.xz!/lib/in.jar!/conf.env",
        ),
        // What it is called does not count.
        ("j.txt", |text| zip(&[("conf.env", Method::Bz2, text)]), "j.txt!/conf.env"),
    ];
    kinds
        .into_iter()
        .map(|(name, pack, place)| {
            let token = token();
            (name, pack(leak(&token).as_bytes()), token, place)
        })
        .collect()
}

#[test]
fn every_kind_is_opened_in_files_in_the_index_and_in_a_range() {
    let (repo, files) = (Repo::new(), files());
    repo.commit_all("feat: begin");
    let base = repo.head();
    for (name, bytes, ..) in &files {
        repo.write(name, bytes);
    }
    let expected: BTreeMap<String, Vec<String>> =
        files.iter().map(|(_, _, token, place)| (token.clone(), vec![(*place).to_owned()])).collect();
    assert_eq!(scan(&repo, &[]).places, expected);
    repo.git(["add", "-A"]);
    assert_eq!(scan(&repo, &["--staged"]).places, expected);
    repo.commit_all("feat: pack");
    let range = scan(&repo, &["--range", &format!("{base}..HEAD")]);
    assert_eq!(range.places, expected);
    assert_eq!(range.report["coverage"]["skipped"].as_array().unwrap().len(), 0);
}

#[test]
fn a_history_names_the_commit_and_the_path_of_the_archive() {
    let (repo, files) = (Repo::new(), files());
    repo.commit_all("feat: begin");
    for (name, bytes, ..) in &files {
        repo.write(name, bytes);
    }
    let commit = repo.commit_all("feat: pack");
    for (name, ..) in &files {
        repo.remove(name);
    }
    repo.commit_all("fix: unpack");
    // An archive with another version, which Git may store as an edit of the first.
    let (one, two) = (token(), token());
    for token in [&one, &two] {
        repo.write("k.tar", tar(&[("pad", &[b'x'; 4000]), ("conf.env", leak(token).as_bytes())]));
        repo.commit_all("feat: pack again");
    }
    repo.git(["gc", "-q"]);
    let seen = scan(&repo, &["--history"]);
    for (_, _, token, place) in &files {
        assert_eq!(seen.places[token], [*place]);
    }
    for token in [one, two] {
        assert_eq!(seen.places[&token], ["k.tar!/conf.env"]);
    }
    for finding in seen.report["findings"].as_array().unwrap() {
        let place = &finding["locations"][0];
        if place["path"] != "k.tar" {
            assert_eq!(
                (&place["commit"], &place["in_tip"]),
                (&Value::from(commit.as_str()), &Value::from(false))
            );
        }
        assert_eq!((&place["line"], &place["column"]), (&Value::from(1), &Value::from(17)));
    }
    assert_eq!(seen.report["complete"], true);
}

#[test]
fn standard_input_and_a_blob_in_no_commit_are_opened() {
    let repo = Repo::new();
    let secret = token();
    let packed = gz("x.env", leak(&secret).as_bytes());
    let arguments = ["scan", "--stdin", "-f", "json", "--show-secrets", "--no-config"];
    let seen = Seen::new(&repo.run(GATEPOST, arguments, repo.root(), &packed));
    assert_eq!(seen.places[&secret], ["standard input!/x.env"]);
    let id = repo.run("git", ["hash-object", "-w", "--stdin"], repo.root(), &packed).ok().out;
    let seen = scan(&repo, &["--history"]);
    assert_eq!(seen.places[&secret], [format!("blob {}, in no commit!/x.env", id.trim())]);
}

#[test]
fn a_commit_with_a_packed_secret_is_refused_and_the_place_shown() {
    let repo = Repo::gated();
    let secret = token();
    repo.write(
        "lib/app.jar",
        zip(&[("conf/x.env", Method::Deflated, format!("\n\n{}", leak(&secret)).as_bytes())]),
    );
    repo.git(["add", "-A"]);
    let run = repo.try_git(["commit", "-m", "feat: pack"]).refused(&["lib/app.jar!/conf/x.env:3:17"]);
    assert!(!run.said().contains(&secret));
    // An exclude and an exception by path are about the file in the repository.
    let policy = "schema = 1\n[[secrets.exclude]]\npath = \"lib/**\"\nreason = \"built elsewhere\"\n";
    repo.write("gatepost.toml", policy);
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: pack"]).ok();
}

#[cfg(unix)]
#[test]
fn a_push_with_a_packed_secret_is_refused() {
    let server = Server::new();
    let inner = zip(&[("conf/x.env", Method::Deflated, leak(&token()).as_bytes())]);
    server.repo.write("app.tar.gz", gz("app.tar", &tar(&[("lib/in.jar", &inner)])));
    server.repo.commit_all("feat: pack");
    server.refuses(&["main"], &["app.tar.gz!/lib/in.jar!/conf/x.env:1:17"]);
}

#[test]
fn a_new_version_of_an_archive_brings_only_what_it_adds() {
    let repo = Repo::gated();
    let old = leak(&token());
    repo.write("a.zip", zip(&[("old.env", Method::Deflated, old.as_bytes())]));
    repo.commit_all("feat: pack");
    repo.write("a.zip", zip(&[("old.env", Method::Deflated, old.as_bytes()), ("b", Method::Stored, b"b")]));
    repo.git(["add", "-A"]);
    repo.try_git(["commit", "-m", "feat: pack more"]).ok();
    let new = leak(&token());
    repo.write(
        "a.zip",
        zip(&[("old.env", Method::Deflated, old.as_bytes()), ("b", Method::Stored, new.as_bytes())]),
    );
    repo.git(["add", "-A"]);
    let said = repo.try_git(["commit", "-m", "feat: pack more"]).refused(&["a.zip!/b:1:17"]).said();
    assert!(!said.contains("old.env"), "{said}");
}

#[test]
fn what_is_not_unpacked_is_counted_and_stays_clean() {
    let repo = Repo::new();
    let secret = token();
    let text = leak(&secret);
    let zeros = [text.as_bytes(), &vec![0; 16 << 20]].concat();
    repo.write("bomb.zip", zip(&[("zeros", Method::Deflated, &zeros)]));
    repo.write("sealed.zip", zip(&[("x", Method::Encrypted, b"cipher text")]));
    repo.write("odd.zip", zip(&[("x", Method::Unknown, b"packed")]));
    repo.write("cut.gz", {
        let packed = gz("x", &[text.as_bytes(), &b"0123456789 and more of it\n".repeat(2000)].concat());
        packed[..packed.len() - 20].to_vec()
    });
    let deep = (0..5).fold(text.clone().into_bytes(), |inner, _| zip(&[("a.zip", Method::Stored, &inner)]));
    repo.write("deep.zip", zip(&[("a.zip", Method::Deflated, &deep)]));
    repo.commit_all("feat: pack");
    for arguments in [&[][..], &["--history"]] {
        let seen = scan(&repo, arguments);
        // What came out before the end is judged.
        let mut places = seen.places[&secret].clone();
        places.sort();
        assert_eq!(places[..2], ["bomb.zip!/zeros", "cut.gz!/x"], "{arguments:?}");
        for reason in ["ratio", "limit"] {
            assert_eq!(seen.skipped(&format!("archive-{reason}")), 1, "{reason} {arguments:?}");
        }
        for reason in ["encrypted", "unsupported", "unreadable"] {
            assert_eq!(seen.skipped(&format!("{reason}-archive")), 1, "{reason} {arguments:?}");
        }
        assert_eq!(seen.report["complete"], true);
    }
    repo.remove("bomb.zip");
    repo.remove("cut.gz");
    repo.remove("deep.zip");
    let run = repo.gatepost(["scan", "--no-config"]).ok();
    assert!(
        run.said().contains("2 skipped (1 encrypted in archives, 1 packed in unknown ways)"),
        "{}",
        run.said()
    );
}

#[test]
fn the_policy_says_how_far() {
    let repo = Repo::new();
    let text = leak(&token());
    repo.write(
        "a.zip",
        zip(&[("b.zip", Method::Deflated, &zip(&[("x", Method::Deflated, text.as_bytes())]))]),
    );
    repo.commit_all("feat: pack");
    for (policy, code, skipped) in [
        ("", 1, 0),
        ("archive-depth = 2", 1, 0),
        ("archive-depth = 1", 0, 1),
        ("archive-depth = 0", 0, 0),
        ("archive-max-size = \"10 B\"", 0, 1),
    ] {
        repo.write("gatepost.toml", format!("schema = 1\n[secrets]\n{policy}\n"));
        for arguments in [&["scan", "-f", "json"][..], &["scan", "-f", "json", "--history"]] {
            let run = repo.gatepost(arguments);
            assert_eq!(run.code, code, "{policy} {arguments:?}: {}", run.said());
            let limit = Seen::new(&run).skipped("archive-limit");
            assert!(limit >= skipped && (limit > 0) == (skipped > 0), "{policy} {arguments:?}: {limit}");
        }
    }
    repo.write("gatepost.toml", "schema = 1\n[secrets]\narchive-depth = 99\n");
    repo.gatepost(["scan"]).failed(&[2], &["secrets.archive-depth", "from 0 to 8"]);
}
