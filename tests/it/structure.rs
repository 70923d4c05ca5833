//! What a proof in a secret does to its finding, as somebody sees it who runs the scanner.

use crate::ci::report;
use crate::support::{GATEPOST, Repo, Run, leak, token};
use gatepost_core::secrets::expand;

fn scan(text: &str, more: &[&str]) -> Run {
    let repo = Repo::new();
    let mut arguments = vec!["scan", "--stdin", "--name", "app.env"];
    arguments.extend(more);
    repo.run(GATEPOST, &arguments, repo.root(), text.as_bytes())
}

/// The one finding of a scan: its confidence, its severity and its reasons.
fn finding(text: &str) -> (String, String, String) {
    let run = scan(text, &["-f", "json"]);
    let report = report(&run);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{}", run.said());
    let text = |key: &str| findings[0][key].as_str().unwrap().to_owned();
    let why: Vec<&str> =
        findings[0]["why"].as_array().unwrap().iter().filter_map(|why| why.as_str()).collect();
    (text("confidence"), text("severity"), why.join(" "))
}

/// A token whose last character, part of its checksum, is another one.
fn broken(token: &str) -> String {
    let (rest, last) = token.split_at(token.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

#[test]
fn a_broken_checksum_lowers_confidence_and_the_report_says_why() {
    let good = token();
    let bad = broken(&good);
    let (confidence, _, why) = finding(&leak(&good));
    assert_eq!(confidence, "high");
    assert!(why.contains("Its checksum is right, so it was issued in this form."), "{why}");
    let (confidence, _, why) = finding(&leak(&bad));
    assert_eq!(confidence, "medium");
    assert!(why.contains("Its checksum is wrong: it is cut off, altered or made up."), "{why}");

    // For people, side by side: the good one blocks, the broken one warns, and each says why.
    let both = format!("{}{}", leak(&good), leak(&bad));
    let run = scan(&both, &[]);
    run.failed(&[1], &["Its checksum is right", "Its checksum is wrong: it is cut off, altered or made up."]);
    scan(&leak(&bad), &[]).failed(&[0], &["Its checksum is wrong"]);
    scan(&leak(&bad), &["--min-confidence", "high"]).failed(&[0], &[]);
}

#[test]
fn facts_are_told_and_secrets_are_not() {
    let id = expand("{aws-key-id}", 3);
    let (_, _, why) = finding(&format!("key = {id}\n"));
    assert!(why.contains("It is of the AWS account "), "{why}");
    assert!(!why.contains(&id), "{why}");
    let run = scan(&format!("key = {id}\n"), &[]);
    assert!(run.said().contains("AWS account") && !run.said().contains(&id), "{}", run.said());

    let (confidence, _, why) = finding(&format!("t: {}\n", expand("pypi-{macaroon:pypi.org}", 3)));
    assert_eq!(confidence, "high");
    assert!(
        why.contains("It is a macaroon of pypi.org, complete with its signature; one caveat limits it."),
        "{why}"
    );
    let (confidence, _, why) = finding(&format!("t: {}\n", expand("pypi-AgEIcHlwaS5vcmc{base64url:120}", 3)));
    assert_eq!(confidence, "medium");
    assert!(why.contains("cut off, altered or made up"), "{why}");
}

#[test]
fn encrypted_keys_weigh_less() {
    let open = expand("{openssh}\n", 3);
    let locked = expand("{openssh:aes256-ctr}\n", 3);
    let (_, severity, why) = finding(&open);
    assert_eq!(severity, "critical");
    assert!(why.contains("It is a key of type ssh-ed25519, in full and without a pass phrase."), "{why}");
    let (_, severity, why) = finding(&locked);
    assert_eq!(severity, "high");
    assert!(why.contains("It is encrypted with aes256-ctr"), "{why}");
}

#[test]
fn a_rule_says_whether_a_failed_proof_drops_and_errors_name_what_is_known() {
    let rule = |structure: &str| {
        format!(
            "provider = \"Acme\"\n[[rules]]\nid = \"acme-card\"\nname = \"Card\"\ndescription = \"d\"\nseverity = \"high\"\n\
             confidence = \"medium\"\nregex = '''\\bcard ([0-9]{{16}})\\b'''\nstrong = false\nrisk = \"r\"\nfix = [\"f\"]\n\
             reference = \"https://example.com\"\nexamples = [\"card {{luhn:16}}\", \"a card {{luhn:16}}\"]\n\
             counter-examples = [\"card\", \"card 4083952617740193\"]\n[rules.structure]\n{structure}\n"
        )
    };
    let repo = Repo::new();
    let test = |structure: &str| {
        repo.write("rules.toml", rule(structure));
        repo.gatepost(["rules", "test", "rules.toml"])
    };
    test("kind = \"luhn\"\nfails = \"drop\"").failed(&[0], &["0 failed"]);
    // Without it the second counter-example is a finding, of less confidence.
    test("kind = \"luhn\"").failed(&[1], &["card 4083952617740193"]);
    test("kind = \"lunh\"").failed(&[2], &["`lunh` is unknown (did you mean `luhn`?)", "`crc32-base62`"]);
    test("kind = \"luhn\"\nlength = 16").failed(&[2], &["the check `luhn` takes no parameters"]);
    repo.gatepost(["rules", "show", "github-pat"])
        .failed(&[0], &["crc32-base62, prefix 4: the last six characters are the CRC-32"]);
}
