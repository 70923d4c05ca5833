//! Every rule for paths and files, by every way to push: its own examples, one that is refused and one that comes in.

use super::Server;
use super::transport::Way;
use crate::support::run;
use gatepost_core::CodeInfo;
use gatepost_core::files::{CHECK, example_options};
use std::os::unix::fs::{PermissionsExt, symlink};

by!({over_a_folder = File, over_ssh = Ssh, over_http = Http, over_gitolite = Gitolite}: every_rule_holds);

fn every_rule_holds(way: Way) {
    let server = Server::of_alice(way);
    let base = server.repo.head();
    for code in CHECK.codes {
        let options = example_options(code.code).unwrap();
        server.policy(&format!(
            "schema = 1\n[message]\nlevel = \"off\"\n[files]\nlevel = \"deny\"\nbinary = \"deny\"\n{options}\n"
        ));
        let to = format!("HEAD:refs/heads/files/{}", code.name);
        commit(&server, code, &base, code.fires);
        server.refuses(&[&to], &[code.code]);
        commit(&server, code, &base, code.silent);
        server.accepts(&[&to], &["clean"]);
    }
}

/// A commit of an example, on nothing but what the server had at first.
fn commit(server: &Server, code: &CodeInfo, base: &str, example: &str) {
    const PATH: &str = "data/example.dat";
    let repo = &server.repo;
    repo.git(["checkout", "-q", "-f", "-B", "work", base]);
    repo.git(["clean", "-q", "-f", "-d"]);
    let mut link = None;
    match code.name {
        "forbidden-path" | "path-too-long" | "windows-illegal-path" => repo.write(example, "text\n"),
        "required-file-missing" => repo.write(example, "another text\n"),
        "case-clash" => {
            repo.write("docs/README.md", "text\n");
            repo.write(example, "text\n");
        }
        "symlink-outside" => {
            repo.write("data/beside", "text\n");
            symlink(example, repo.root().join(PATH)).unwrap();
        }
        "executable-without-shebang" => {
            repo.write(PATH, example);
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(repo.root().join(PATH), mode).unwrap();
        }
        "new-submodule" => {
            let (mode, path) = example.split_once(' ').unwrap();
            repo.write(path, "text\n");
            link = (mode == "160000").then_some(path);
        }
        "codeowners-invalid" => repo.write(".github/CODEOWNERS", example),
        "file-unowned" => {
            repo.write("CODEOWNERS", example);
            repo.write("config/a.yml", "a: b\n");
        }
        _ => repo.write(PATH, example),
    }
    repo.git(["add", "-A"]);
    if let Some(path) = link {
        repo.git(["update-index", "--add", "--cacheinfo", &format!("160000,{base},{path}")]);
    }
    let mut command = repo.command("git", repo.root());
    run(command.args(["commit", "-q", "-m", "feat: add an example"]), b"").ok();
}
