//! A real formatter over real files: `python3 -m json.tool`, which is there wherever the frameworks' programs are.

use crate::support::{Repo, token};
use std::collections::BTreeMap;

/// The fingerprint of each secret of the work tree.
fn prints(repo: &Repo) -> BTreeMap<String, String> {
    let run = repo.gatepost(["scan", ".", "-f", "json", "--show-secrets"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings.iter().map(|finding| (text(finding, "secret"), text(finding, "fingerprint"))).collect()
}

#[test]
fn a_formatter_changes_no_fingerprint() {
    let (token, other) = (token(), token());
    let password = format!("{}7{}4", &other[5..14], &other[14..23]);
    let text =
        format!("{{\"app\": {{\"password\": \"{password}\",\n\"github\":\"{token}\"}}, \"port\": 5432}}\n");
    for keyed in [true, false] {
        let repo = Repo::new();
        if keyed {
            repo.gatepost(["init"]).ok();
        }
        let format = |style: &str| {
            repo.write("in.json", &text);
            let arguments = ["-m", "json.tool", style, "in.json", "out.json"];
            repo.run("python3", arguments, repo.root(), b"").ok();
            repo.remove("in.json");
            let prints = prints(&repo);
            assert_eq!(prints.len(), 2, "{prints:#?}");
            prints
        };
        let first = format("--indent=4");
        assert_eq!(format("--tab"), first);
        assert_eq!(format("--indent=1"), first);
        // In one line the members are one another's neighbours: without a key, that is another place.
        assert_eq!(format("--compact") == first, keyed);
        assert_eq!(format("--compact").get(&token), first.get(&token));
    }
}
