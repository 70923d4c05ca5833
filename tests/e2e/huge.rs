//! What no ordinary repository has: a file of 500 MB, a hundred thousand refs. Slow to make, and therefore here.

use crate::support::{GATEPOST, Repo, Run, leak, token};
use std::io::Write as _;
use std::process::Stdio;

/// What a scan may take, in KiB: 300 MB, and nothing of a file of 500 MB.
const MEMORY: u64 = 300_000;

/// Half a gigabyte of lines, and its size.
fn half_a_gigabyte() -> (impl Iterator<Item = String>, usize) {
    let block = |number: usize| {
        let lines = (0..1000).map(|line| format!("{:04} a line of text in block {:04}\n", line, number % 50));
        lines.collect::<String>()
    };
    let count = 500_000_000 / block(0).len() + 1;
    ((0..count).map(block), count * block(0).len())
}

/// Runs `git fast-import` over what `write` writes; everything goes into packs.
fn import(repo: &Repo, depth: &str, write: impl FnOnce(&mut dyn std::io::Write)) {
    let mut command = repo.command("git", repo.root());
    command.args(["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", depth]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    write(&mut input);
    input.flush().unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}

/// `gatepost scan --history`, and the most memory that it had at a time, in KiB, where the system tells (Linux).
fn scan(repo: &Repo) -> (Run, Option<u64>) {
    let (out, err) = (repo.beside("out"), repo.beside("err"));
    let mut command = repo.command(GATEPOST, repo.root());
    command.args(["scan", "--history", "-f", "json", "--show-secrets"]).stdin(Stdio::null());
    command.stdout(std::fs::File::create(&out).unwrap()).stderr(std::fs::File::create(&err).unwrap());
    let mut child = command.spawn().unwrap();
    let (status, mut peak) = (format!("/proc/{}/status", child.id()), None);
    let code = loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let size = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            peak = peak.max(size);
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap_or(-1);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    let read = |path| std::fs::read_to_string(path).unwrap();
    (Run { code, out: read(out), err: read(err) }, peak)
}

/// The scan is whole but for one file that is too large, finds the tokens, and takes little memory.
#[track_caller]
fn holds(repo: &Repo, tokens: &[&String], too_large: u64) {
    let (run, peak) = scan(repo);
    assert_eq!(run.code, i32::from(!tokens.is_empty()), "{}", run.said());
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["complete"], true, "{}", run.out);
    assert_eq!(report["findings"].as_array().unwrap().len(), tokens.len(), "{}", run.out);
    assert!(tokens.iter().all(|token| run.out.contains(token.as_str())), "{}", run.out);
    let skipped = &report["coverage"]["skipped"];
    match too_large {
        0 => assert_eq!(skipped.as_array().unwrap().len(), 0),
        count => {
            assert_eq!((&skipped[0]["reason"], &skipped[0]["count"]), (&"too-large".into(), &count.into()));
        }
    }
    if cfg!(target_os = "linux") {
        let peak = peak.unwrap();
        assert!(peak > 1000 && peak < MEMORY, "{peak} KiB");
    }
}

#[test]
fn half_a_gigabyte_that_small_files_are_edits_of() {
    let repo = Repo::new();
    let tokens: Vec<String> = (0..3).map(|_| token()).collect();
    let (blocks, size) = half_a_gigabyte();
    import(&repo, "--depth=1", |input| {
        let mut block = String::new();
        write!(input, "blob\nmark :1\ndata {size}\n").unwrap();
        for text in blocks {
            input.write_all(text.as_bytes()).unwrap();
            block = text;
        }
        for (number, token) in tokens.iter().enumerate() {
            let text = format!("{}{}{block}", block.repeat(number + 1), leak(token));
            write!(input, "\nblob\nmark :{}\ndata {}\n{text}", number + 2, text.len()).unwrap();
        }
        let commit =
            "\ncommit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 11\nfeat: begin\n";
        writeln!(input, "{commit}M 100644 :1 large.txt").unwrap();
        for number in 0..tokens.len() {
            writeln!(input, "M 100644 :{} small{number}.txt", number + 2).unwrap();
        }
    });
    let large = repo.git(["rev-parse", "main:large.txt"]);
    let listed = repo.git(["rev-parse", "main:small0.txt", "main:small1.txt", "main:small2.txt"]);
    let packs = std::fs::read_dir(repo.root().join(".git/objects/pack")).unwrap();
    let index =
        packs.map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "idx").unwrap();
    let entries = repo.git(["verify-pack", "-v", index.to_str().unwrap()]);
    let edits = entries.lines().filter(|line| line.ends_with(&format!(" 1 {large}")));
    let edits: Vec<&str> = edits.map(|line| line.split(' ').next().unwrap()).collect();
    assert!(!edits.is_empty() && edits.iter().all(|id| listed.contains(id)), "{entries}");
    holds(&repo, &tokens.iter().collect::<Vec<_>>(), 1);
}

#[test]
fn half_a_gigabyte_loose_and_packed() {
    let repo = Repo::new();
    let token = token();
    repo.write("app.env", leak(&token));
    std::fs::File::create(repo.root().join("zeros.bin")).unwrap().set_len(500_000_000).unwrap();
    repo.commit_all("feat: begin");
    holds(&repo, &[&token], 1);
    std::fs::remove_file(repo.root().join("zeros.bin")).unwrap();
    repo.git(["repack", "-q", "-a", "-d"]);
    holds(&repo, &[&token], 1);
}

/// In a repository with a reftable, and in one with `packed-refs` that is cloned from it; without reftables (before
/// Git 2.45) in the second form alone.
#[test]
fn a_hundred_thousand_refs() {
    const REFS: usize = 100_000;
    let repo = Repo::new();
    let token = token();
    std::fs::remove_dir_all(repo.root().join(".git")).unwrap();
    let has_reftable = repo.try_git(["init", "-q", "-b", "main", "--ref-format=reftable"]).code == 0;
    if !has_reftable {
        repo.git(["init", "-q", "-b", "main"]);
    }
    import(&repo, "--depth=50", |input| {
        for number in 0..1000 {
            let text = if number == 500 { leak(&token) } else { format!("{number}\n") };
            write!(
                input,
                "commit refs/heads/main\nmark :{mark}\ncommitter A <a@example.com> {time} +0000\ndata 10\nfeat: more\n\
                 M 100644 inline file{file}.txt\ndata {length}\n{text}\n",
                mark = number + 1,
                time = 1_700_000_000 + number,
                file = number % 10,
                length = text.len(),
            )
            .unwrap();
        }
    });
    let commits = repo.git(["rev-list", "main"]);
    let mut tips = commits.lines().cycle();
    let create = |number| format!("create refs/tags/v{number} {}\n", tips.next().unwrap());
    let updates: String = (0..REFS).map(create).collect();
    repo.run("git", ["update-ref", "--stdin"], repo.root(), updates.as_bytes()).ok();
    repo.git(["pack-refs", "--all"]);
    holds(&repo, &[&token], 0);
    if has_reftable {
        let bare = repo.beside("bare.git");
        repo.git(["clone", "-q", "--mirror", "--ref-format=files", ".", bare.to_str().unwrap()]);
        std::fs::remove_dir_all(repo.root().join(".git")).unwrap();
        std::fs::rename(bare, repo.root().join(".git")).unwrap();
        let packed = std::fs::read_to_string(repo.root().join(".git/packed-refs")).unwrap();
        assert!(packed.lines().count() > REFS);
        holds(&repo, &[&token], 0);
    }
}
