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
