//! Secrets in archives: every entry is a document of its own, and a finding in it says in which.
//!
//! The bytes of an archive are scanned as they are, too: names, comments and what stands between the entries are seen that way.
//! What is found both ways is told of once, at the place that says more.

use super::detect::{Secrets, Standing};
use super::detection::Detection;
use super::scanner::Scratch;
use crate::SkipReason;
use crate::archive;
use std::collections::HashSet;

/// A secret, and how many formats it is in.
struct Deep {
    level: u32,
    detection: Detection,
}

impl Secrets {
    /// Looks into bytes that are an archive, as far as the policy has it, and adds what is there to `found`, the secrets
    /// of the bytes themselves; those at the level `Off` among them. What is not looked at is told to `skip`, one call for
    /// each thing. Bytes that are no archive cost a look at a few of them. It is for the caller to ask whether the check is
    /// on.
    pub fn detect_inside(
        &self,
        bytes: &[u8],
        found: &mut Vec<Detection>,
        scratch: &mut Scratch,
        skip: &mut dyn FnMut(SkipReason),
    ) {
        let (mut deep, mut cut): (Vec<Deep>, u64) = (Vec::new(), 0);
        let skips = archive::open(bytes, self.archives(), &mut |entry| {
            let mut own = self.detect_as(entry.bytes, Standing::Inside, scratch);
            cut += u64::from(scratch.is_cut());
            // Entries come after those in them.
            let inside = deep.iter().rposition(|other| other.level <= entry.level).map_or(0, |last| last + 1);
            drop_known(&mut own, deep.get(inside..).unwrap_or_default());
            deep.extend(own.into_iter().map(|mut detection| {
                for place in &mut detection.finding.locations {
                    place.inner = entry.names.to_vec();
                }
                Deep { level: entry.level, detection }
            }));
        });
        drop_known(found, &deep);
        found.extend(deep.into_iter().map(|deep| deep.detection));
        (0..cut).for_each(|_| skip(SkipReason::TooLarge));
        for (reason, count) in skips {
            (0..count).for_each(|_| skip(reason));
        }
    }
}

/// Drops what is known from further inside.
fn drop_known(found: &mut Vec<Detection>, inside: &[Deep]) {
    if found.is_empty() || inside.is_empty() {
        return;
    }
    let known: HashSet<_> = inside.iter().map(|deep| deep.detection.identity()).collect();
    found.retain(|detection| !known.contains(&detection.identity()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::packing::{Method, gz, tar, zip};
    use crate::secrets::expand;
    use crate::secrets::tests::{check, judge, only};
    use crate::{DocumentKind, Finding, Fingerprint, RepoPath, Stage};

    fn token(seed: u64) -> String {
        format!("a line\nkey = {}\n", expand("tok_{base62:30}{crc32}", seed))
    }

    fn inner(finding: &Finding) -> Vec<String> {
        let place = finding.locations.first().unwrap();
        place.inner.iter().map(|name| name.escaped().into_owned()).collect()
    }

    fn fingerprint(finding: &Finding) -> &Fingerprint {
        &finding.fingerprint
    }

    #[test]
    fn a_secret_in_an_archive_is_the_same_secret_at_another_place() {
        let check = check(Stage::Scan, "");
        let text = token(1);
        let outside = only(judge(&check, "a.env", text.as_bytes()));
        let packed =
            zip(&[("lib/in.jar", Method::Stored, &zip(&[("a.env", Method::Deflated, text.as_bytes())]))]);
        let inside = only(judge(&check, "app.war", &packed));
        assert_eq!(fingerprint(&inside), fingerprint(&outside));
        assert_eq!(inside.locations[0].path, Some(RepoPath::from("app.war")));
        assert_eq!(inner(&inside), ["lib/in.jar", "a.env"]);
        assert_eq!(inside.locations[0].span, outside.locations[0].span, "the span counts in the entry");
        assert_eq!(inside.locations[0].excerpt, outside.locations[0].excerpt);
        assert!(inside.message.ends_with("in app.war!/lib/in.jar!/a.env"), "{}", inside.message);
    }

    #[test]
    fn what_is_seen_packed_and_unpacked_is_told_once_and_every_entry_is() {
        let check = check(Stage::Scan, "");
        let text = token(1);
        let ball = tar(&[("a/x.env", text.as_bytes()), ("b/x.env", text.as_bytes())]);
        for packed in [ball.clone(), gz("ball.tar", &ball)] {
            let found = judge(&check, "ball", &packed).findings;
            let places: Vec<_> = found.iter().map(inner).collect();
            assert_eq!(places, [["a/x.env"], ["b/x.env"]]);
        }
        // A name in a tar that is packed again is seen in its bytes.
        let name = expand("tok_{base62:30}{crc32}", 2);
        let found = only(judge(&check, "ball", &gz("ball.tar", &tar(&[(&name, b"text")]))));
        assert_eq!(inner(&found), ["ball.tar"]);
    }

    #[test]
    fn what_an_entry_unpacks_to_beyond_the_limit_is_counted_whatever_follows_it() {
        let packed = gz("x", "0 ".repeat(2 << 20).as_bytes());
        let bomb = format!("x: {}\n", data_encoding::BASE64.encode(&packed));
        let check = check(Stage::Scan, "");
        assert_eq!(judge(&check, "a.txt", bomb.as_bytes()).skips, [SkipReason::TooLarge]);
        let archive = zip(&[("a", Method::Stored, bomb.as_bytes()), ("b", Method::Stored, b"nothing\n")]);
        let skips = judge(&check, "a.zip", &archive).skips;
        // In the bytes of the archive, and in the entry.
        assert_eq!(skips, [SkipReason::TooLarge, SkipReason::TooLarge]);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let text = token(1);
        let packed = zip(&[("a", Method::Encrypted, b"x"), ("b", Method::Deflated, text.as_bytes())]);
        let seen = judge(&check(Stage::Scan, ""), "a.zip", &packed);
        assert_eq!((seen.findings.len(), seen.skips), (1, vec![SkipReason::EncryptedArchive]));
        let deep = zip(&[("in.zip", Method::Deflated, &packed)]);
        let seen = judge(&check(Stage::Scan, "[secrets]\narchive-depth = 1"), "a.zip", &deep);
        assert_eq!((seen.findings.len(), seen.skips), (0, vec![SkipReason::ArchiveLimit]));
        let seen = judge(&check(Stage::Scan, "[secrets]\narchive-depth = 0"), "a.zip", &deep);
        assert_eq!((seen.findings.len(), seen.skips), (0, vec![]), "switched off");
        let seen = judge(&check(Stage::Scan, "[secrets]\narchive-max-size = 10"), "a.zip", &packed);
        assert_eq!(seen.skips, [SkipReason::ArchiveLimit, SkipReason::EncryptedArchive]);
    }

    #[test]
    fn a_rule_with_a_path_asks_for_that_of_the_entry() {
        let check = check(Stage::Scan, "");
        let text = expand("api_key = {base62:32}\n", 1);
        let rules = |path: &str, packed: &[u8]| -> Vec<String> {
            judge(&check, path, packed).findings.iter().map(|finding| finding.rule.clone()).collect()
        };
        let named = |name: &str| zip(&[(name, Method::Deflated, text.as_bytes())]);
        assert_eq!(rules("a.zip", &named("etc/acme.conf")), ["acme-conf"]);
        assert_ne!(rules("acme.conf", &named("a.txt")), ["acme-conf"]);
        // What is compressed alone has the name of its file without the ending.
        assert_eq!(rules("acme.conf.gz", &gz("", text.as_bytes())), ["acme-conf"]);
    }

    #[test]
    fn a_comment_in_an_archive_allows_nothing() {
        let text =
            format!("{} # gatepost:allow acme-token reason=\"documented example\"\n", token(1).trim_end());
        for stage in [Stage::Scan, Stage::PreReceive] {
            let outside = judge(&check(stage, ""), "a.env", text.as_bytes());
            assert_eq!(
                (outside.findings.len(), outside.suppressed.len()),
                (usize::from(stage.distrusts_change()), usize::from(!stage.distrusts_change()))
            );
            let finding = only(judge(&check(stage, ""), "a.env.gz", &gz("", text.as_bytes())));
            assert!(finding.fix.iter().any(|step| step.contains("exceptions add")), "{:?}", finding.fix);
            assert!(!finding.fix.iter().any(|step| step.contains("gatepost:allow")), "{:?}", finding.fix);
        }
    }

    #[test]
    fn a_message_is_no_archive() {
        let packed = gz("", token(1).as_bytes());
        let mut sink = crate::sink::Collected::default();
        let document = crate::Document::new(DocumentKind::CommitMessage, &packed);
        crate::Check::document(&check(Stage::Scan, ""), &document, &mut sink);
        assert_eq!((sink.findings.len(), sink.skips), (0, vec![]));
    }
}
