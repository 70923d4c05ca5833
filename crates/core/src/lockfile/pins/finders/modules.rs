//! Modules of Terraform and `OpenTofu` that come from elsewhere (developer.hashicorp.com, "Module sources"): of a repository of
//! Git by `?ref=`, of a registry by `version`. The lock of Terraform holds providers alone.

use super::super::loose::{Finder, Hold, Loose, Wanted};
use super::held_by;
use crate::code::CodeInfo;
use crate::lockfile::{Source, file_name};
use crate::severity::Severity;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use std::ops::Range;

pub(super) const FINDER: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-005",
        name: "module-not-pinned",
        severity: Severity::High,
        summary: "A module of Terraform comes from elsewhere, and nothing says which one.",
        why: "No lock holds modules: the next init takes what is there, and plans with it.",
        fix: "Write `?ref=` with the full commit id; of a registry write one `version`.",
        fires: "module \"net\" {\n  source = \"git::https://example.org/net.git\"\n}\n",
        silent: "module \"net\" {\n  source = \"./net\"\n}\n",
    },
    key: "modules",
    options: "",
    example_path: "main.tf",
    reads: |path| [".tf", ".tofu"].iter().any(|end| file_name(path).ends_with(end)),
    find,
};

fn find(source: &Source, _: &Wanted<'_>) -> Vec<Loose> {
    let Ok(body) = source.text.parse::<Body>() else { return Vec::new() };
    let blocks = body.iter().filter_map(Structure::as_block);
    blocks.filter(|block| block.ident.as_str() == "module").filter_map(|block| loose(&block.body)).collect()
}

fn text<'b>(body: &'b Body, name: &str) -> Option<(&'b str, Range<usize>)> {
    let attribute = body.get_attribute(name)?;
    let Expression::String(text) = &attribute.value else { return None };
    Some((text.as_str(), hcl_edit::Span::span(text).unwrap_or_default()))
}

fn loose(body: &Body) -> Option<Loose> {
    let (source, span) = text(body, "source")?;
    if source.starts_with("./") || source.starts_with("../") || source.starts_with('/') {
        return None;
    }
    let is_git = source.starts_with("git::")
        || source.starts_with("git@")
        || source.starts_with("github.com/")
        || source.starts_with("bitbucket.org/")
        || source.starts_with("hg::");
    if is_git {
        let (name, query) = source.split_once('?').unwrap_or((source, ""));
        let at = query.split('&').find_map(|part| part.strip_prefix("ref=")).unwrap_or_default();
        let (hold, how) = held_by(at)?;
        return Some(Loose {
            hold,
            key: source.to_owned(),
            what: format!("the module {name} is held {how}, and not by a full commit id"),
            fix: format!("write source = \"{name}?ref=COMMIT\""),
            span,
        });
    }
    if source.contains("://") || source.contains("::") {
        // An archive of an address: nothing says which one.
        return Some(Loose {
            hold: Hold::Nothing,
            key: source.to_owned(),
            what: format!("the module {source} is whatever stands there at the next init"),
            fix: "take it from a repository by its commit id, or from a registry by its version".to_owned(),
            span,
        });
    }
    let version = text(body, "version").map(|(version, _)| version.trim());
    let (hold, how) = match version {
        None | Some("") => (Hold::Nothing, "has no version: the newest is taken".to_owned()),
        Some(version) => {
            let exact = version.strip_prefix('=').unwrap_or(version).trim();
            let is_exact =
                exact.starts_with(|c: char| c.is_ascii_digit()) && !exact.contains([',', '>', '<', '~']);
            if is_exact {
                return None;
            }
            (Hold::Name, format!("is held by the range {version}"))
        }
    };
    Some(Loose {
        hold,
        key: format!("{source} {}", version.unwrap_or_default()),
        what: format!("the module {source} {how}"),
        fix: "write one version: version = \"1.2.3\"".to_owned(),
        span,
    })
}
