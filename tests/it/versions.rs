//! A push that brings many versions of its files is judged by what is new in each of them. What comes out has to be what
//! comes out of judging every version whole.

use crate::decode::base64;
use crate::receive::{HOOK, Server};
use crate::support::{leak, token};
use serde_json::Value;

/// What both servers have in force.
const POLICY: &str = r#"
schema = 1
enforce = false

[secrets]
max-file-size = "20 KiB"
exclude = [{ path = "skipped/**", reason = "it is made by a test" }]
"#;

/// With settings of its own for some paths, every version is judged whole.
const WHOLE: &str = "\n[[overlay]]\npaths = [\"nowhere/**\"]\nfiles.level = \"off\"\n";

/// What the hook reports of everything that `main` has, as if nothing of it had been there.
fn judged(server: &Server, policy: &str) -> Value {
    server.policy(policy);
    let line = format!("{} {} refs/heads/main\n", "0".repeat(40), server.repo.head());
    let run = server.repo.run(HOOK, ["-f", "json"], &server.bare, line.as_bytes()).ok();
    let mut report: Value = serde_json::from_str(&run.out).unwrap();
    for key in ["timing", "tool"] {
        report.as_object_mut().unwrap().remove(key);
    }
    report
}

fn lines(count: usize, what: &str) -> String {
    (0..count).map(|number| format!("{what} {number} = \"{}\"\n", number * 7919)).collect()
}

#[test]
fn versions_are_judged_as_if_each_was_looked_at_whole() {
    let server = Server::empty();
    let (first, second) = (leak(&token()), leak(&token()));
    let (top, end) = (lines(60, "setting"), lines(60, "option"));
    let allowed = format!("# gatepost:allow github-pat reason=\"a test\"\n{first}");
    let middles = [
        "",
        "a = 1\n",
        &first,
        "a = 1\n",
        &second,
        &format!("{first}{second}"),
        &format!("a = 1\n{first}"),
        &format!("b = 2\n{first}"),
        &allowed,
        &format!("c = 3\n{allowed}"),
        &format!("blob = \"{}\"\n", base64(second.as_bytes())),
        &lines(1200, "large"),
        &format!("{}{second}", lines(1200, "large")),
        &second,
        "",
    ];
    for (number, middle) in middles.iter().enumerate() {
        for path in ["app.env", "other/app.env", "skipped/app.env"] {
            server.repo.write(path, format!("{top}{middle}{end}"));
        }
        server.repo.write("plain.txt", format!("{top}line {number}\n{end}{}", lines(number, "more")));
        server.repo.commit_all(&format!("feat: version {number}"));
    }
    for number in 0..6 {
        server.repo.write("app.env", format!("{}{top}{number}{second}{end}", lines(number, "before")));
        server.repo.commit_all(&format!("fix: version {number} of another kind"));
    }
    server.take_in();
    server.repo.run("git", ["update-ref", "-d", "refs/heads/main"], &server.bare, b"").ok();

    let (quick, whole) = (judged(&server, POLICY), judged(&server, &format!("{POLICY}{WHOLE}")));
    assert_eq!(quick, whole);
    // The comparison is of something.
    let rows = |key: &str| quick[key].as_array().unwrap().len();
    assert!(rows("findings") >= 2, "{quick:#}");
    assert_eq!(quick["coverage"]["commits"], 22);
    let skips = quick["coverage"]["skipped"].as_array().unwrap();
    for reason in ["excluded", "too-large"] {
        assert!(skips.iter().any(|skip| skip["reason"] == reason), "{reason}: {skips:?}");
    }
}
