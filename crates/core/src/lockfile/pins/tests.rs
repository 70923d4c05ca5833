use super::*;
use crate::policy::{Layer, Origin, Policy};
use crate::sink::Collected;
use crate::{Check, Date, Document, DocumentKind, RepoPath, Stage};

/// What a file says under some lines of `[pins]`, when it is new.
fn found(options: &str, path: &str, text: &str) -> Vec<crate::Finding> {
    let text_of_policy = format!("[pins]\n{options}\n");
    let layer = Layer { origin: Origin::File("gatepost.toml".to_owned()), text: text_of_policy };
    let policy = Policy::load(&[layer]).unwrap();
    let judge = Judge::new(&policy, Stage::PreCommit, Date::parse("2026-11-24").unwrap()).unwrap();
    let path = RepoPath::from(path);
    let mut document = Document::new(DocumentKind::File, text.as_bytes());
    document.path = Some(&path);
    let mut sink = Collected::default();
    judge.document(&document, &mut sink);
    sink.findings
}

#[test]
fn every_finder_fires_on_its_example_and_is_silent_on_the_other() {
    for finder in FINDERS {
        let codes = |text: &str| -> Vec<String> {
            let found = found(finder.options, finder.example_path, text);
            found.into_iter().map(|finding| finding.code.to_string()).collect()
        };
        assert_eq!(codes(finder.info.fires), [finder.info.code], "{} fires", finder.info.name);
        assert!(
            !codes(finder.info.silent).iter().any(|code| code == finder.info.code),
            "{}",
            finder.info.name
        );
        assert!(CHECK.keys.iter().any(|key| key.name == finder.key), "[pins] has no `{}`", finder.key);
    }
}

fn messages(path: &str, text: &str) -> Vec<String> {
    found("", path, text)
        .into_iter()
        .map(|finding| format!("{}: {}", finding.severity, finding.message))
        .collect()
}

#[test]
fn images_of_dockerfiles_count_stages_and_scratch_do_not() {
    let digest = "0".repeat(64);
    let text = format!(
        "ARG BASE=alpine:3.20\nARG LATER\nFROM --platform=linux/amd64 golang AS build\nRUN x \\\n  --y\n\
         FROM $BASE AS two\nFROM ${{LATER}}\nFROM build\nFROM a@sha256:{digest}\nCOPY --from=build /x /y\n\
         COPY --from=busybox:1.36 /x /y\nCOPY --from=0 /x /y\nFROM scratch\n"
    );
    assert_eq!(
        messages("docker/app.Dockerfile", &text),
        [
            "high: the image golang has neither tag nor digest: it is whatever is `latest`",
            "medium: the image alpine:3.20 is held by the tag 3.20, and not by a digest",
            "medium: the image busybox:1.36 is held by the tag 1.36, and not by a digest",
        ]
    );
}

#[test]
fn images_of_yaml_count_where_the_file_is_of_that_kind() {
    let kubernetes =
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: registry.example.org:5000/app\n";
    assert_eq!(messages("deploy/pod.yaml", kubernetes).len(), 1);
    assert_eq!(messages("_posts/x.yaml", "image: title\n"), [""; 0]);
    assert_eq!(messages("docker-compose.dev.yml", "services:\n  a:\n    image: redis:7\n").len(), 1);
    assert_eq!(messages(".gitlab-ci.yml", "image:\n  name: python:3.13\njob:\n  image: $IMAGE\n").len(), 1);
    let workflow = "jobs:\n  a:\n    container: node:22\n    steps:\n      - uses: docker://alpine:3\n";
    assert_eq!(messages(".github/workflows/a.yml", workflow).len(), 2);
}

#[test]
fn actions_are_told_by_what_holds_them() {
    let id = "0".repeat(40);
    let text = format!(
        "jobs:\n  a:\n    uses: example/shared/.github/workflows/x.yml@main\n  b:\n    steps:\n      - uses: \
         example/a@v1\n      - uses: example/b@{id} # v1\n      - uses: example/c@abcdef1\n      - uses: ./d\n"
    );
    let said = messages(".github/workflows/ci.yml", &text);
    let severities: Vec<&str> = said.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(severities, ["high", "medium", "low"], "{said:?}");
}

fn commands(path: &str, text: &str) -> Vec<String> {
    let found = found("install-commands = \"warn\"\nimages = \"off\"", path, text);
    found.into_iter().map(|finding| finding.message.split('`').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn commands_that_do_not_hold_to_the_lock_are_found_where_they_stand() {
    let script = "npm ci\nnpm install -g x@1.2.3\nsudo npm i && cargo test --locked; cargo build \\\n  --release\n# npm install\n\
                  CI=1 yarn\npnpm install\npython -m pip install -r requirements.txt\npip install --require-hashes -r a.txt\n\
                  pip install tox==4.1.0\npip install tox\npip install .\nuv sync --locked\ngo get ./...\nnpm install left-pad";
    let block: String = script.lines().map(|line| format!("          {line}\n")).collect();
    let workflow = format!("jobs:\n  a:\n    steps:\n      - run: |\n{block}");
    assert_eq!(
        commands(".github/workflows/ci.yml", &workflow),
        [
            "npm i",
            "cargo build --release",
            "yarn",
            "python -m pip install -r requirements.txt",
            "pip install tox",
            "go get ./..."
        ]
    );
    let image = "FROM scratch\nRUN --mount=type=cache,target=/x pnpm install\nRUN npm ci\n";
    assert_eq!(commands("Dockerfile", image), ["pnpm install"]);
    assert_eq!(commands("Jenkinsfile", "pipeline {\n  sh 'npm install'\n}\n"), ["npm install"]);
}

#[test]
fn registries_are_held_against_the_list_and_internal_names_against_their_hosts() {
    let options = "registry-hosts = [\"registry.example.org\", \"*.acme.example\"]\n\n[[pins.internal]]\n\
                   names = [\"@acme/*\", \"acme-*\"]\nhosts = [\"npm.acme.example\", \"pypi.acme.example\"]";
    let said = |path: &str, text: &str| -> Vec<String> {
        found(options, path, text).into_iter().map(|finding| finding.message).collect()
    };
    let npmrc = "registry=https://registry.example.org/\n@acme:registry=https://npm.acme.example/\n";
    assert_eq!(said(".npmrc", npmrc), [""; 0]);
    let npmrc = "registry=https://user:word@elsewhere.example/\n@acme:registry=https://registry.example.org/\nstrict-ssl=false\n";
    assert_eq!(
        said("web/.npmrc", npmrc),
        [
            "what this file names comes from https://elsewhere.example/, and elsewhere.example is not in registry-hosts",
            "certificates of registries are not looked at",
            "@acme/* is a name of the own organisation, and comes from registry.example.org",
        ]
    );
    let pip = "[global]\nindex-url = https://registry.example.org/simple\nextra-index-url =\n    https://pypi.acme.example/simple\n";
    assert_eq!(said("pip.conf", pip).len(), 1);
    assert_eq!(said("NuGet.config", "<configuration><packageSources><add key=\"a\" value=\"http://x.acme.example/v3\"/></packageSources></configuration>").len(), 1);
    assert_eq!(
        said(".cargo/config.toml", "[registries.own]\nindex = \"sparse+https://other.example/\"\n").len(),
        1
    );
    assert_eq!(said("Gemfile", "source \"https://gems.example/\"\n").len(), 1);
    assert_eq!(
        said(".yarnrc.yml", "npmScopes:\n  acme:\n    npmRegistryServer: https://registry.example.org\n")
            .len(),
        1
    );
}

#[test]
fn parts_of_pipelines_modules_and_charts_are_told_by_what_holds_them() {
    let id = "0".repeat(40);
    let gitlab = format!(
        "include:\n  - project: a/b\n    ref: {id}\n  - project: a/c\n    ref: v1\n  - component: example.org/d/e@~latest\n  \
         - remote: https://example.org/x.yml\n  - local: y.yml\n"
    );
    assert_eq!(messages(".gitlab-ci.yml", &gitlab).len(), 3);
    assert_eq!(messages("Jenkinsfile", "@Library(['a@main', 'b@v2']) _\n").len(), 2);
    assert_eq!(
        messages(".circleci/config.yml", "orbs:\n  a: x/a@1.2.3\n  b: x/b@5.1\n  c: x/c@volatile\n").len(),
        2
    );
    let terraform = format!(
        "module \"a\" {{\n  source = \"git::https://example.org/a.git?ref={id}\"\n}}\nmodule \"b\" {{\n  source = \"x/y/z\"\n  \
         version = \"~> 1.0\"\n}}\nmodule \"c\" {{\n  source = \"x/y/z\"\n  version = \"1.2.3\"\n}}\n"
    );
    assert_eq!(messages("net/main.tf", &terraform).len(), 1);
}
