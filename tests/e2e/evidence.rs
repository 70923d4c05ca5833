//! Signed records in the hands of a verifier that is not ours: securesystemslib, the library of in-toto and TUF.

use crate::reports::tool;
use crate::support::{Repo, leak, token};

/// Verifies every envelope of a log with a public key in PEM, and prints what each is about. Exits with 1 where one does not verify.
const VERIFY: &str = r#"
import json, sys
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

log, pem = sys.argv[1:]
for line in open(log, encoding="utf-8"):
    data = json.loads(line)["envelope"]
    public = load_pem_public_key(open(pem, "rb").read())
    key = SSlibKey.from_crypto(public, keyid=data["signatures"][0]["keyid"])
    envelope = Envelope.from_dict(data)
    try:
        envelope.verify([key], 1)
    except VerificationError as error:
        print("not verified:", error)
        sys.exit(1)
    assert envelope.payload_type == "application/vnd.in-toto+json", envelope.payload_type
    statement = json.loads(envelope.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1", statement["_type"]
    print(statement["predicate"]["result"], statement["subject"][0]["digest"]["gitCommit"])
"#;

#[test]
fn signed_records_are_verified_by_securesystemslib() {
    let python = tool("bin/python3", "python3 -m venv target/tools");
    let repo = Repo::new();
    repo.write("README.md", "hello\n");
    let base = repo.commit_all("docs: say hello");
    let (folder, key, public) = (repo.beside("evidence"), repo.beside("key.pem"), repo.beside("public.pem"));
    let (key, public) = (key.to_str().unwrap(), public.to_str().unwrap());
    repo.run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", key], repo.root(), b"").ok();
    repo.run("openssl", ["pkey", "-in", key, "-pubout", "-out", public], repo.root(), b"").ok();
    let record = || {
        let all =
            ["run", "ci", "--from-ref", &base, "--evidence", folder.to_str().unwrap(), "--evidence-key", key];
        repo.gatepost(all)
    };
    repo.write("a.txt", "a\n");
    let good = repo.commit_all("feat: add a letter");
    record().ok();
    repo.write("app.env", leak(&token()));
    repo.commit_all("feat: add a token");
    record().failed(&[1], &["github-pat"]);
    let log = folder.join("gatepost.intoto.jsonl");
    let verify = |log: &std::path::Path| {
        repo.run(&python, ["-c", VERIFY, log.to_str().unwrap(), public], repo.root(), b"")
    };
    verify(&log).ok().says(&[&format!("PASS {good}"), "FAIL "]);
    repo.gatepost(["evidence", "verify", folder.to_str().unwrap(), "--key", public]).ok();
    // What is changed verifies nowhere: neither there nor here.
    let text = std::fs::read_to_string(&log).unwrap();
    let payload = text.split("\"payload\":\"").nth(2).unwrap();
    let first = payload.chars().nth(40).unwrap();
    let other = if first == 'A' { 'B' } else { 'A' };
    let changed = format!("{}{other}{}", &payload[..40], &payload[41..]);
    let forged = repo.beside("forged.jsonl");
    std::fs::write(&forged, text.replace(payload, &changed)).unwrap();
    verify(&forged).failed(&[1], &["not verified"]);
    repo.gatepost(["evidence", "verify", forged.to_str().unwrap(), "--key", public])
        .failed(&[1], &["forged.jsonl:2: it is not signed"]);
}
