//! The page: its markup holds whatever a commit says, and nothing of it is loaded from anywhere.

use super::*;
use crate::testing;
use gatepost_core::RepoPath;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

fn write(report: &Report) -> String {
    let mut out = Vec::new();
    Html.write(report, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The names of the elements between style and script, in order; panics where they do not close.
fn elements(page: &str) -> Vec<String> {
    let body = page.split_once("</style>").unwrap().1.rsplit_once("<script>").unwrap().0;
    let (mut found, mut open) = (Vec::new(), vec!["html".to_owned(), "head".to_owned()]);
    for piece in body.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap();
        assert!(!rest.contains('>'), "{piece}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "{piece}"),
            None if name == "input" => found.push(name.to_owned()),
            None => {
                found.push(name.to_owned());
                open.push(name.to_owned());
            }
        }
    }
    assert_eq!(open, ["html", "body"]);
    found
}

#[test]
fn the_policy_of_the_page_names_its_script() {
    let digest = data_encoding::BASE64.encode(&Sha256::digest(SCRIPT.as_bytes()));
    assert_eq!(SCRIPT_DIGEST, digest, "set SCRIPT_DIGEST to the new one");
    let page = write(&testing::empty());
    assert!(page.contains(&format!("script-src 'sha256-{digest}'")));
    assert!(page.contains(&format!("<script>{SCRIPT}</script>")));
}

#[test]
fn a_full_page_has_every_finding_and_a_clean_one_says_so() {
    let report = testing::full();
    let page = write(&report);
    let found = elements(&page);
    let details = found.iter().filter(|name| *name == "details").count();
    assert_eq!(details, report.findings.len() + report.suppressed.len());
    for text in [
        "ghp_********",
        "commit message of 333333333333:1:1",
        "EX-2026-0007",
        "Jane Doe",
        "2026-11-03",
        "still in HEAD",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("jane@example.com"), "addresses stay out");
    let clean = write(&testing::empty());
    elements(&clean);
    assert!(clean.contains("Nothing was found.") && clean.contains("class=\"verdict pass\""));
}

#[test]
fn nothing_is_loaded() {
    let page = write(&testing::full());
    for word in
        ["src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket", "innerHTML", "eval("]
    {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn untrusted_text_is_text() {
    let mut report = testing::empty();
    let mut finding = testing::one_secret();
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>' onclick='x\u{1b}[2J\u{202e}";
    finding.message = evil.to_owned();
    finding.name = evil.to_owned();
    finding.locations[0].path = Some(RepoPath::from(evil));
    finding.locations[0].excerpt.as_mut().unwrap().text = evil.to_owned();
    report.findings.push(finding);
    report.scope = evil.to_owned();
    report.notices.push(evil.to_owned());
    let page = write(&report);
    elements(&page);
    let body = page.rsplit_once("<script>").unwrap().0;
    assert!(
        !body.contains("<script") && !body.contains("<img") && !body.contains(['\u{1b}', '\u{202e}']),
        "{body}"
    );
}

proptest! {
    #[test]
    fn any_report_is_a_page(report in testing::any_report()) {
        let found = elements(&write(&report));
        let details = found.iter().filter(|name| *name == "details").count();
        prop_assert_eq!(details, report.findings.len() + report.suppressed.len());
    }
}
