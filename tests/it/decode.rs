//! Tokens that do not stand in a file as they are: encoded, in pieces, or in the file's name.

use crate::support::{Repo, leak, token};
use std::collections::BTreeMap;

pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let three = [0, 1, 2].map(|at| group.get(at).copied().unwrap_or(0));
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// gzip without compression: one stored block (RFC 1951, section 3.2.4), and a sum that no reader of a part needs.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
    out
}

fn each(text: &str, escape: impl Fn(u8) -> String) -> String {
    text.bytes().map(escape).collect()
}

/// The secrets of a report: value, decoders, path, commit, first line and bytes.
fn report(run: &crate::support::Run) -> Vec<serde_json::Value> {
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    report["findings"].as_array().unwrap().clone()
}

#[test]
fn nothing_hides_in_an_encoding() {
    let repo = Repo::new();
    repo.write("a.txt", "hello\n");
    repo.commit_all("feat: begin");
    let mut places: BTreeMap<&str, (String, &str)> = BTreeMap::new();
    let mut hide = |place: &'static str, by: &'static str| {
        let token = token();
        places.insert(place, (token.clone(), by));
        token
    };
    let wide = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: String| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    repo.write("le.txt", [&[0xFF, 0xFE][..], &wide(leak(&hide("le.txt", "utf-16le")))].concat());
    repo.write("be.txt", [&[0xFE, 0xFF][..], &big(leak(&hide("be.txt", "utf-16be")))].concat());
    repo.write("bare.txt", wide(leak(&hide("bare.txt", "utf-16le"))));
    repo.write("b64.txt", format!("data: {}\n", base64(leak(&hide("b64.txt", "base64")).as_bytes())));
    let once = base64(leak(&hide("b64b64.txt", "base64 > base64")).as_bytes());
    repo.write("b64b64.txt", format!("data: {}\n", base64(once.as_bytes())));
    let zipped = base64(&gzip(leak(&hide("gz.txt", "base64 > gzip")).as_bytes()));
    repo.write("gz.txt", format!("data: {zipped}\n"));
    let hex = each(&leak(&hide("hex.txt", "hex")), |byte| format!("{byte:02x}"));
    repo.write("hex.txt", format!("data: {hex}\n"));
    let percent = each(&leak(&hide("pct.txt", "percent")), |byte| format!("%{byte:02x}"));
    repo.write("pct.txt", format!("data: {percent}\n"));
    let escaped = each(&leak(&hide("uni.txt", "escapes")), |byte| format!("\\u{byte:04x}"));
    repo.write("uni.txt", format!("data: \"{escaped}\"\n"));
    let entities = each(&leak(&hide("page.html", "entities")), |byte| format!("&#{byte};"));
    repo.write("page.html", format!("<p>{entities}</p>\n"));
    let cut = hide("folded.yml", "continuation");
    let (one, two) = cut.split_at(20);
    repo.write("folded.yml", format!("token: \"{one}\\\n  {two}\"\n"));
    let cut = hide("concat.py", "concatenation");
    let (one, two) = cut.split_at(20);
    repo.write("concat.py", format!("t = \"{one}\" + \"{two}\"\n"));
    let named = format!("key-{}.txt", hide("in the name", ""));
    repo.write(&named, "nothing\n");
    let folder = format!("of-{}", hide("in a directory's name", ""));
    repo.write(format!("{folder}/x/nothing.txt"), "nothing\n");
    repo.commit_all("feat: encode");
    repo.git(["rm", "-q", "-r", "."]);
    repo.write("a.txt", "hello\n");
    repo.commit_all("fix: clean up");

    let run = repo.gatepost(["scan", "--history", "-f", "json", "--show-secrets"]);
    assert_eq!(run.code, 1, "{}", run.said());
    let mut findings = report(&run);
    for (place, (token, by)) in &places {
        let at = findings.iter().position(|finding| finding["secret"] == token.as_str());
        let finding = findings.remove(at.unwrap_or_else(|| panic!("{place} is not found")));
        let location = &finding["locations"][0];
        let decoders: Vec<&str> =
            location["decoded_by"].as_array().unwrap().iter().map(|d| d.as_str().unwrap()).collect();
        assert_eq!(decoders.join(" > "), *by, "{place}");
        assert_eq!(finding["confidence"], "high", "{place}");
        assert!(location["commit"].is_string(), "{place}: {location}");
        let path = location["path"].as_str().unwrap();
        match *place {
            "in the name" => assert_eq!(path, named),
            "in a directory's name" => assert_eq!(path, folder),
            file => assert_eq!(path, file),
        }
    }
    assert_eq!(findings, [] as [serde_json::Value; 0]);
}

#[test]
fn a_commit_with_an_encoded_token_is_refused_and_shown_masked() {
    let repo = Repo::gated();
    let token = token();
    let encoded = base64(format!("token = {token}").as_bytes());
    repo.write("config.yml", format!("data:\n  auth: {encoded}\n"));
    let run = repo.gatepost(["scan", "config.yml"]);
    assert_eq!(run.code, 1, "{}", run.said());
    let said = run.said();
    assert!(said.contains("decoded from: base64") && said.contains("config.yml:2:"), "{said}");
    assert!(!said.contains(&token) && !said.contains(&encoded[12..40]), "{said}");
    repo.git(["add", "."]);
    let commit = repo.try_git(["commit", "-m", "feat: configure"]);
    assert_ne!(commit.code, 0, "{}", commit.said());
    assert!(commit.said().contains("base64"), "{}", commit.said());
    // The same secret, wherever it stands, has one fingerprint.
    let fingerprint = |path: &str, text: &str| {
        repo.write(path, text);
        let run = repo.gatepost(["scan", path, "-f", "json"]);
        report(&run)[0]["fingerprint"].as_str().unwrap().to_owned()
    };
    let plain = fingerprint("plain.env", &leak(&token));
    assert_eq!(fingerprint("encoded.env", &base64(token.as_bytes())), plain);
    assert_eq!(fingerprint("cut.py", &format!("t = '{}' + '{}'\n", &token[..9], &token[9..])), plain);
}

#[test]
fn a_text_in_utf_16_has_the_lines_and_comments_of_the_text() {
    let repo = Repo::new();
    let token = token();
    let text = format!("one\r\n\r\n  github_token = \"{token}\"\r\n");
    let wide = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xFF, 0xFE].into_iter().chain(units).collect::<Vec<u8>>()
    };
    repo.write("wide.txt", wide(&text));
    let run = repo.gatepost(["scan", "wide.txt", "-f", "json"]);
    let span = &report(&run)[0]["locations"][0];
    assert_eq!(span["line"], 3, "{span}");
    let said = repo.gatepost(["scan", "wide.txt"]).said();
    assert!(said.contains("github_token = \"ghp_********\""), "{said}");
    let allowed = text.replace("\"\r\n", "\" # gatepost:allow github-pat reason=\"made for this test\"\r\n");
    repo.write("wide.txt", wide(&allowed));
    repo.gatepost(["scan", "wide.txt"]).ok();
}

#[test]
fn a_policy_says_what_is_decoded() {
    let repo = Repo::new();
    repo.write("x.txt", format!("x: {}\n", base64(leak(&token()).as_bytes())));
    repo.gatepost(["scan", "x.txt"]).refused(&["base64"]);
    for keys in ["decode = [\"hex\"]", "decode-depth = 0"] {
        repo.write("gatepost.toml", format!("schema = 1\n[secrets]\n{keys}\n"));
        repo.gatepost(["scan", "x.txt"]).ok();
    }
    repo.write("gatepost.toml", "schema = 1\n[secrets]\ndecode = [\"base65\"]\n");
    repo.gatepost(["scan", "x.txt"]).failed(&[2], &["base65", "base64"]);
    // Only below one path: a history is scanned for what any overlay wants.
    repo.write(
        "gatepost.toml",
        "schema = 1\n[secrets]\ndecode = []\n[[overlay]]\npaths = [\"deep/**\"]\nsecrets.decode = [\"base64\"]\n",
    );
    repo.write("deep/x.txt", format!("x: {}\n", base64(leak(&token()).as_bytes())));
    repo.commit_all("feat: both");
    let run = repo.gatepost(["scan", "--history", "-f", "json"]);
    let findings = report(&run);
    let paths: Vec<&str> = findings.iter().filter_map(|f| f["locations"][0]["path"].as_str()).collect();
    assert_eq!(paths, ["deep/x.txt"]);
}
