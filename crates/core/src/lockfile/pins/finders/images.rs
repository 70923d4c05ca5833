//! Images of containers that are named by a tag: in Dockerfiles, Compose files, manifests of Kubernetes and the files of CI
//! systems. A digest (`NAME@sha256:…`, OCI distribution specification) is the only name of an image that does not move.

use super::super::loose::{Finder, Hold, Loose, Wanted};
use super::places::{is_image_build, is_pipeline, is_yaml};
use crate::code::CodeInfo;
use crate::lockfile::Source;
use crate::lockfile::data::{Value, yaml_documents};
use crate::lockfile::file_name;
use crate::severity::Severity;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-002",
        name: "image-not-pinned",
        severity: Severity::High,
        summary: "An image of a container is named by a tag and not by its digest.",
        why: "Whoever can push the tag decides what is built and run, and two builds of one commit are not the same.",
        fix: "Write the digest behind the name, and keep the tag for people: NAME:TAG@sha256:…",
        fires: "FROM alpine:3.20\n",
        silent: "FROM scratch\n",
    },
    key: "images",
    options: "",
    example_path: "Dockerfile",
    reads,
    find,
};

/// What a file is, by its path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Dockerfile,
    /// Every `image` in it is one.
    Yaml,
    /// It may be a manifest of Kubernetes.
    PerhapsKubernetes,
}

fn form(path: &str) -> Option<Form> {
    if is_image_build(path) {
        return Some(Form::Dockerfile);
    }
    if !is_yaml(path) {
        return None;
    }
    let name = file_name(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_compose = ["compose", "docker-compose"].iter().any(|word| {
        stem == *word || stem.starts_with(&format!("{word}.")) || stem.starts_with(&format!("{word}-"))
    });
    Some(if is_compose || is_pipeline(path) { Form::Yaml } else { Form::PerhapsKubernetes })
}

fn reads(path: &str) -> bool {
    form(path).is_some()
}

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    match form(&source.path) {
        Some(Form::Dockerfile) => dockerfile(&source.text, &mut found),
        Some(form) => {
            for document in yaml_documents(&source.text).unwrap_or_default() {
                let is_manifest = document.get("apiVersion").is_some() && document.get("kind").is_some();
                if form == Form::Yaml || is_manifest {
                    walk(&document, &mut found);
                }
            }
        }
        None => {}
    }
    found
}

/// `image: NAME`, `image: { name: NAME }`, `container: NAME` of GitHub and Azure, and `uses: docker://NAME`.
fn walk(value: &Value, found: &mut Vec<Loose>) {
    for entry in value.entries() {
        let named = match entry.key.as_str() {
            "image" => entry.value.text().map(|text| (text, &entry.value)).or_else(|| {
                let name = entry.value.get("name")?;
                Some((name.text()?, name))
            }),
            "container" => entry.value.text().map(|text| (text, &entry.value)),
            "uses" => {
                entry.value.text().and_then(|text| Some((text.strip_prefix("docker://")?, &entry.value)))
            }
            _ => None,
        };
        match named {
            Some((name, at)) => found.extend(loose(name, at.span.clone())),
            None => walk(&entry.value, found),
        }
    }
    value.items().for_each(|item| walk(item, found));
}

/// An image that has no digest; `None`: it has one, or nobody can tell what it is.
fn loose(name: &str, span: Range<usize>) -> Option<Loose> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@');
    if name.is_empty() || !name.chars().all(is_name) || name.contains("@sha") {
        return None;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let tag = last.split_once(':').map(|(_, tag)| tag);
    let (hold, how) = match tag {
        None => (Hold::Nothing, "has neither tag nor digest: it is whatever is `latest`".to_owned()),
        Some("latest") => (Hold::Nothing, "is whatever is `latest`".to_owned()),
        Some(tag) => (Hold::Name, format!("is held by the tag {tag}, and not by a digest")),
    };
    Some(Loose {
        hold,
        key: name.to_owned(),
        what: format!("the image {name} {how}"),
        fix: format!("docker buildx imagetools inspect {name}, and write {name}@sha256:DIGEST"),
        span,
    })
}

/// An instruction of a Dockerfile: its word, what follows, and where that begins.
pub(super) struct Instruction {
    pub(super) word: String,
    pub(super) rest: String,
    pub(super) span: Range<usize>,
}

/// The instructions, lines that end with a backslash joined (docs.docker.com, "Dockerfile reference").
pub(super) fn instructions(text: &str) -> Vec<Instruction> {
    let mut found: Vec<Instruction> = Vec::new();
    let (mut at, mut is_open) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let (content, goes_on) = match bare.strip_suffix('\\') {
            Some(content) => (content, true),
            None => (bare, false),
        };
        match found.last_mut().filter(|_| is_open) {
            Some(open) => {
                open.rest.push(' ');
                open.rest.push_str(content.trim());
            }
            None => {
                let (word, rest) = content.split_once(char::is_whitespace).unwrap_or((content, ""));
                let begin = start + (line.len() - line.trim_start().len());
                found.push(Instruction {
                    word: word.to_ascii_uppercase(),
                    rest: rest.trim().to_owned(),
                    span: begin..start + line.trim_end().len(),
                });
            }
        }
        is_open = goes_on;
    }
    found
}

fn dockerfile(text: &str, found: &mut Vec<Loose>) {
    let mut defaults: HashMap<String, String> = HashMap::new();
    let mut stages: HashSet<String> = HashSet::new();
    let mut stage_count = 0_usize;
    for instruction in instructions(text) {
        let words: Vec<&str> = instruction.rest.split_whitespace().collect();
        match instruction.word.as_str() {
            // Only what stands before the first stage is known to FROM.
            "ARG" if stage_count == 0 => {
                for word in &words {
                    if let Some((name, value)) = word.split_once('=') {
                        defaults.insert(name.to_owned(), value.trim_matches(['"', '\'']).to_owned());
                    }
                }
            }
            "FROM" => {
                let mut names = words.iter().filter(|word| !word.starts_with("--"));
                let image = names.next().copied().unwrap_or_default();
                let resolved = with_defaults(image, &defaults);
                let is_own = resolved == "scratch" || stages.contains(&resolved.to_ascii_lowercase());
                if !is_own {
                    found.extend(loose(&resolved, instruction.span.clone()));
                }
                if names.next().is_some_and(|word| word.eq_ignore_ascii_case("as"))
                    && let Some(name) = names.next()
                {
                    stages.insert(name.to_ascii_lowercase());
                }
                stage_count += 1;
            }
            "COPY" | "ADD" | "RUN" => {
                for image in words.iter().filter_map(|word| from_option(word)) {
                    let is_stage =
                        image.parse::<usize>().is_ok() || stages.contains(&image.to_ascii_lowercase());
                    if !is_stage {
                        found.extend(loose(&with_defaults(image, &defaults), instruction.span.clone()));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The image of `--from=IMAGE` and of `--mount=type=bind,from=IMAGE`.
fn from_option(word: &str) -> Option<&str> {
    if let Some(image) = word.strip_prefix("--from=") {
        return Some(image);
    }
    word.strip_prefix("--mount=")?.split(',').find_map(|part| part.strip_prefix("from="))
}

/// `$NAME`, `${NAME}` and `${NAME:-default}` as they are when nobody sets them; what has no default stays as it is, and
/// nobody can tell what it will be.
fn with_defaults(image: &str, defaults: &HashMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = image;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, default, tail) = match after.strip_prefix('{') {
            Some(braced) => {
                let Some((inside, tail)) = braced.split_once('}') else { return image.to_owned() };
                let (name, default) = inside.split_once(":-").map_or((inside, None), |(n, d)| (n, Some(d)));
                (name, default, tail)
            }
            None => {
                let end =
                    after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
                let (name, tail) = after.split_at(end);
                (name, None, tail)
            }
        };
        match defaults.get(name).map(String::as_str).or(default) {
            Some(value) => out.push_str(value),
            None => return image.to_owned(),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}
