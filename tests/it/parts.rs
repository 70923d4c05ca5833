//! Credentials of several parts, secrets that stand in several places, and what each level of confidence does, through
//! the built binaries.

use crate::ci::report;
use crate::support::Repo;
use gatepost_core::secrets::expand;
use serde_json::Value;

/// The findings of a scan: files, `--staged`, `--history` or a range.
fn scan(repo: &Repo, what: &[&str]) -> Vec<Value> {
    let report = report(&repo.gatepost(["scan", "-f", "json", "--show-secrets"].iter().chain(what)));
    assert_eq!(report["complete"], true, "{report:#}");
    report["findings"].as_array().unwrap().clone()
}

/// The findings with this secret: rule, severity, confidence and level of each.
fn about<'f>(findings: &'f [Value], secret: &str) -> Vec<(&'f Value, [&'f str; 4])> {
    let words = |finding: &'f Value| {
        ["rule", "severity", "confidence", "level"].map(|key| finding[key].as_str().unwrap())
    };
    findings.iter().filter(|f| f["secret"] == secret).map(|f| (f, words(f))).collect()
}

/// `path:line` of each place, and the rule that the place is a finding of by itself.
fn places(finding: &Value) -> Vec<String> {
    let place = |at: &Value| {
        let rule = at["rule"].as_str().map(|rule| format!(" {rule}")).unwrap_or_default();
        format!("{}:{}{rule}", at["path"].as_str().unwrap(), at["line"])
    };
    finding["locations"].as_array().unwrap().iter().map(place).collect()
}

/// An AWS key ID and its secret.
fn pair(seed: u64) -> (String, String) {
    (expand("AKIA{base32:16}", seed), expand("{base62:13}3{base62:12}aZ{base62:12}/", seed)[..40].to_owned())
}

#[test]
fn near_one_another_the_parts_of_a_credential_are_worse_and_both_places_are_told() {
    let repo = Repo::new();
    let (sid, token) = (expand("AC{hex:32}", 1), expand("{hex:32}", 2));
    let text = |between: usize| {
        format!("TWILIO_ACCOUNT_SID={sid}\n{}TWILIO_AUTH_TOKEN={token}\n", "# a line\n".repeat(between))
    };
    repo.write("far.env", text(8));
    let far = scan(&repo, &["."]);
    // An account SID is no secret: it is noted, and no more.
    assert_eq!(about(&far, &sid)[0].1, ["twilio-account-sid", "info", "low", "note"]);
    let (finding, words) = about(&far, &token)[0];
    assert_eq!(words, ["twilio-auth-token", "critical", "medium", "warn"]);
    assert!(finding["locations"][0].get("parts").is_none());

    repo.remove("far.env");
    repo.write("near.env", text(7));
    let near = scan(&repo, &["."]);
    assert_eq!(near.len(), 2, "{near:#?}");
    let (finding, words) = about(&near, &token)[0];
    assert_eq!(words, ["twilio-auth-token", "critical", "high", "deny"]);
    assert_eq!(places(finding), ["near.env:9"]);
    let parts = finding["locations"][0]["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 1);
    let part = ["rule", "name", "line", "column", "end_line", "end_column"].map(|key| parts[0][key].clone());
    let end = 20 + sid.len();
    let expected = serde_json::json!(["twilio-account-sid", "Twilio account SID", 1, 20, 1, end]);
    assert_eq!(Value::from(part.to_vec()), expected);
    let said = repo.gatepost(["scan", "."]).failed(&[1], &[]).said();
    assert!(said.contains("= with: the Twilio account SID at line 1\n"), "{said}");
    assert!(!said.contains(&token), "{said}");
}

#[test]
fn a_secret_that_nothing_names_is_one_beside_its_key_id() {
    let repo = Repo::new();
    let (id, secret) = pair(1);
    repo.write("keys.csv", format!("Access key ID,Secret access key\n{id},{secret}\n"));
    repo.write("noise.txt", format!("{}\n", pair(2).1));
    let found = scan(&repo, &["."]);
    assert_eq!(found.len(), 2, "{found:#?}");
    let (secret, words) = about(&found, &secret)[0];
    assert_eq!(words, ["aws-key-pair", "critical", "high", "deny"]);
    assert_eq!(secret["locations"].as_array().unwrap().len(), 1);
    let (id, words) = about(&found, &id)[0];
    assert_eq!(words, ["aws-access-key", "critical", "high", "deny"]);
    assert_eq!(id["locations"][0]["parts"][0]["line"], 2);
}

/// The history is read by what each version adds to the one before: what is near may come with another version than
/// what it is near to.
#[test]
fn a_history_sees_the_parts_whichever_version_brought_them() {
    let repo = Repo::new();
    let (sid, token) = (expand("AC{hex:32}", 5), expand("{hex:32}", 6));
    let filler: String = (0..400).map(|line| format!("setting_{line} = {line}\n")).collect();
    let secret = format!("{filler}TWILIO_AUTH_TOKEN={token}\n{}{filler}", "# a line\n".repeat(5));
    repo.write("a.env", &secret);
    repo.commit_all("feat: one");
    let before = scan(&repo, &["--history"]);
    assert_eq!(about(&before, &token)[0].1, ["twilio-auth-token", "critical", "medium", "warn"]);
    repo.write("a.env", secret.replacen("# a line\n# a", &format!("# a line\nSID={sid} # twilio\n# a"), 1));
    repo.commit_all("feat: two");
    for pack in [false, true] {
        if pack {
            repo.git(["gc", "-q", "--aggressive"]);
        }
        let found = scan(&repo, &["--history"]);
        let about = about(&found, &token);
        assert_eq!(about.len(), 1, "{found:#?}");
        assert_eq!(about[0].1, ["twilio-auth-token", "critical", "high", "deny"]);
        // Where it came in first, and where its other half came in.
        assert_eq!(places(about[0].0), ["a.env:401", "a.env:401"]);
        let at = |index: usize| about[0].0["locations"][index]["parts"][0]["line"].as_u64();
        let mut lines = [at(0), at(1)];
        lines.sort_unstable();
        assert_eq!(lines, [None, Some(403)]);
    }
    // In a file that had the secret already, its other half makes it another matter.
    let range = scan(&repo, &["--range", "HEAD~1..HEAD"]);
    assert_eq!(about(&range, &token)[0].1[3], "deny");
}

#[test]
fn one_secret_in_many_places_is_one_finding_whichever_rules_see_it() {
    let repo = Repo::new();
    let (id, secret) = pair(3);
    // Named by the vendor, named by nobody in particular, and in the header of a request.
    let files = [
        ("b/aws.env", format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n")),
        ("a.ini", format!("[s3]\nsecret_token = \"{secret}\"\n")),
        ("c.yaml", format!("one: 1\ntwo: 2\nsecret_token: \"{secret}\"\n")),
    ];
    for (path, text) in &files {
        repo.write(path, text);
    }
    repo.git(["add", "-A"]);
    let expected =
        ["a.ini:2 generic-credential", "b/aws.env:2", "c.yaml:3 generic-credential"].map(str::to_owned);
    let check = |what: &[&str]| {
        let found = scan(&repo, what);
        let about = about(&found, &secret);
        assert_eq!(about.len(), 1, "{what:?}: {found:#?}");
        assert_eq!(about[0].1, ["aws-secret-access-key", "critical", "high", "deny"], "{what:?}");
        assert_eq!(places(about[0].0), expected, "{what:?}");
        // The key ID is near the one, and not near the others.
        let parts = about[0].0["locations"].as_array().unwrap().iter().map(|at| at.get("parts").is_some());
        assert_eq!(parts.collect::<Vec<_>>(), [false, true, false], "{what:?}");
    };
    check(&["."]);
    check(&["--staged"]);
    let said = repo.gatepost(["run", "pre-commit"]).refused(&["2 errors (2 secrets in 4 places)"]).said();
    assert!(said.contains("= also at: b/aws.env:2:23\n"), "{said}");
    repo.commit_all("feat: add them");
    check(&["--history"]);
}

#[test]
fn what_is_allowed_at_one_place_hides_no_other() {
    let repo = Repo::new();
    let (id, secret) = pair(4);
    repo.write("aws.env", format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n"));
    let allowed = "gatepost:allow generic-credential reason=\"a value made for this test\"";
    repo.write("a.ini", format!("secret_token = \"{secret}\" # {allowed}\n"));
    repo.write("b.ini", format!("secret_token = \"{secret}\"\n"));
    let run = repo.gatepost(["scan", "-f", "json", "--show-secrets", "."]).failed(&[1], &[]);
    let whole = report(&run);
    let found = whole["findings"].as_array().unwrap();
    let about = about(found, &secret);
    assert_eq!(about.len(), 1, "{found:#?}");
    assert_eq!(places(about[0].0), ["aws.env:2", "b.ini:1 generic-credential"]);
    let suppressed = whole["suppressed"].as_array().unwrap();
    assert_eq!(suppressed.len(), 1, "{suppressed:#?}");
    assert_eq!(
        (suppressed[0]["rule"].as_str(), places(&suppressed[0])),
        (Some("generic-credential"), vec!["a.ini:1".to_owned()])
    );

    // A baseline has every place by what it is known as, and one with the specific finding alone is not one of the others.
    repo.commit_all("feat: add them");
    repo.gatepost(["baseline", "create"]).ok();
    repo.gatepost(["scan", "."]).ok();
    repo.remove("aws.env");
    repo.gatepost(["scan", "."]).ok();
}

#[test]
fn many_places_are_counted_and_listed() {
    let repo = Repo::new();
    let secret = pair(5).1;
    for number in 0..19 {
        repo.write(format!("{number:02}.env"), format!("AWS_SECRET_ACCESS_KEY={secret}\n"));
    }
    let said = repo.gatepost(["scan", "."]).failed(&[1], &["1 error (1 secret in 19 places)"]).said();
    assert!(said.contains("and 13 more (-v or -f json lists all)"), "{said}");
    assert!(said.contains("AWS secret access key in 00.env"), "{said}");
    let said = repo.gatepost(["scan", "-v", "."]).failed(&[1], &[]).said();
    assert!(said.contains("18.env:1:23") && !said.contains(" more ("), "{said}");
    let found = scan(&repo, &["."]);
    assert_eq!(found[0]["locations"].as_array().unwrap().len(), 19);
}
