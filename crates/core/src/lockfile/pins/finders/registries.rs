//! Where packages are fetched from: settings of package managers, manifests and locks.
//!
//! A registry by plain http, or without its certificate being looked at, hands over what somebody on the way puts there. One
//! that is not on the list of the organisation is nobody's choice. And a name of the organisation that is asked for anywhere
//! but at its own host is how dependency confusion works: whoever registers the name in public is installed.

use super::super::config::Internal;
use super::super::loose::{Finder, Hold, Loose, Wanted};
use super::registry_lines::{RegistryLine, lines};
use crate::code::CodeInfo;
use crate::lockfile::{LockedOrigin, Role, Source, ecosystems::ECOSYSTEMS};
use crate::severity::Severity;

pub(super) const HOSTS: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-013",
        name: "registry-not-allowed",
        severity: Severity::High,
        summary: "Packages are fetched without encryption, or from a host that the policy does not name.",
        why: "A registry decides what is installed: one that nobody has chosen, or that anybody on the way can speak for, is a way in.",
        fix: "Use https, and a host of `registry-hosts`.",
        fires: "registry=http://npm.example.org/\n",
        silent: "registry=https://npm.example.org/\n",
    },
    key: "registries",
    options: "",
    example_path: ".npmrc",
    reads,
    find: hosts,
};

pub(super) const NAMES: Finder = Finder {
    info: CodeInfo {
        code: "GP-PIN-014",
        name: "internal-name-elsewhere",
        severity: Severity::Critical,
        summary: "A package of the own organisation is asked for, or locked, at another host than its own.",
        why: "Whoever registers the name in public is installed in its place: dependency confusion.",
        fix: "Have the name resolve from the internal host alone: a scope with its own registry, an explicit index.",
        fires: "@acme:registry=https://registry.npmjs.org/\n",
        silent: "@acme:registry=https://npm.acme.example/\n",
    },
    key: "internal-names",
    options: "internal-names = \"deny\"\n\n[[pins.internal]]\nnames = [\"@acme/*\"]\nhosts = [\"npm.acme.example\"]",
    example_path: ".npmrc",
    reads,
    find: names,
};

fn reads(path: &str) -> bool {
    super::registry_lines::reads(path)
        || ECOSYSTEMS.iter().any(|ecosystem| ecosystem.role(path).is_some_and(Role::may_be_lock))
}

/// The host of an address, in lower case and without a user, a password and a port.
fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://").map(|(_, rest)| rest).or_else(|| url.strip_prefix("//"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// Whether a host is on a list, whose entries may begin with `*.`.
fn is_listed(host: &str, list: &[String]) -> bool {
    list.iter().any(|entry| match entry.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => entry.eq_ignore_ascii_case(host),
    })
}

fn is_plain(url: &str) -> bool {
    let is_own = |host: String| matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    url.starts_with("http://") && !host(url).is_some_and(is_own)
}

/// The address without what a lock puts in front of it.
fn bare(url: &str) -> &str {
    ["registry+", "sparse+", "git+"].iter().find_map(|prefix| url.strip_prefix(prefix)).unwrap_or(url)
}

struct Fetched {
    name: String,
    url: String,
    span: std::ops::Range<usize>,
}

/// What a lock fetches from where.
fn fetched(source: &Source) -> Vec<Fetched> {
    let known =
        ECOSYSTEMS.iter().filter(|ecosystem| ecosystem.role(&source.path).is_some_and(Role::may_be_lock));
    let locked = known.into_iter().find_map(|ecosystem| ecosystem.locked(source).ok()).unwrap_or_default();
    let from = |origin| match origin {
        LockedOrigin::Registry(url) => url,
        LockedOrigin::Git { url, .. } | LockedOrigin::Url(url) => Some(url),
        LockedOrigin::Path(_) => None,
    };
    let all = locked.into_iter().filter_map(|locked| {
        let url = bare(&from(locked.origin)?).to_owned();
        Some(Fetched { name: locked.name, url, span: locked.span })
    });
    all.collect()
}

fn hosts(source: &Source, wanted: &Wanted<'_>) -> Vec<Loose> {
    let allowed = &wanted.config.registry_hosts;
    let mut found = Vec::new();
    let mut judge = |what: &str, url: &str, span: &std::ops::Range<usize>, key: String| {
        let why = match host(url) {
            _ if is_plain(url) => "without encryption".to_owned(),
            Some(host) if !allowed.is_empty() && !is_listed(&host, allowed) => {
                format!("and {host} is not in registry-hosts")
            }
            _ => return,
        };
        found.push(Loose {
            hold: Hold::Nothing,
            key,
            what: format!("{what} comes from {}, {why}", without_password(url)),
            fix: "use https, and a host that the policy names in registry-hosts".to_owned(),
            span: span.clone(),
        });
    };
    for RegistryLine { url, span, .. } in lines(source).iter().filter(|line| !line.url.is_empty()) {
        judge("what this file names", url, span, without_password(url));
    }
    for Fetched { name, url, span } in fetched(source) {
        // Of a lock one word for each host: thousands of lines have the same one.
        let key = host(&url).unwrap_or_default();
        judge(&name, &url, &span, key);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|loose| seen.insert(loose.key.clone()));
    for line in lines(source).into_iter().filter(|line| line.is_unverified) {
        found.push(Loose {
            hold: Hold::Nothing,
            key: format!("unverified {}", without_password(&line.url)),
            what: "certificates of registries are not looked at".to_owned(),
            fix: "take the setting out, and give the tool the certificate of the registry instead".to_owned(),
            span: line.span,
        });
    }
    found
}

/// An address as it may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => format!("{scheme}://{}", rest.get(at + 1..).unwrap_or_default()),
        None => url.to_owned(),
    }
}

fn names(source: &Source, wanted: &Wanted<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    let mut tell = |name: &str, place: &str, internal: &Internal, span: &std::ops::Range<usize>| {
        found.push(Loose {
            hold: Hold::Nothing,
            key: format!("{name} {place}"),
            what: format!("{name} is a name of the own organisation, and comes from {place}"),
            fix: format!("have it come from {} alone", internal.hosts.join(" or ")),
            span: span.clone(),
        });
    };
    let settings = lines(source);
    for internal in &wanted.config.internal {
        for line in settings.iter().filter(|line| !line.url.is_empty()) {
            let (Some(scope), Some(host)) = (&line.scope, host(&line.url)) else { continue };
            let probe = format!("{scope}/x");
            if internal.is_name(&probe) && !is_listed(&host, &internal.hosts) {
                tell(&format!("{scope}/*"), &host, internal, &line.span);
            }
        }
        for fetched in fetched(source) {
            if let Some(host) = host(&fetched.url)
                && internal.is_name(&fetched.name)
                && !is_listed(&host, &internal.hosts)
            {
                tell(&fetched.name, &host, internal, &fetched.span);
            }
        }
        // pip takes the highest version of all its indexes, whichever it comes from.
        let is_own =
            |line: &&RegistryLine| host(&line.url).is_some_and(|host| is_listed(&host, &internal.hosts));
        let indexes: Vec<&RegistryLine> = settings.iter().filter(|line| line.is_merged).collect();
        if let (Some(other), true) = (indexes.iter().find(|line| !is_own(line)), indexes.iter().any(is_own)) {
            let shown = internal.names.join(", ");
            let place = format!(
                "whichever of several indexes has the highest version, {} among them",
                without_password(&other.url)
            );
            tell(&shown, &place, internal, &other.span);
        }
    }
    found
}
