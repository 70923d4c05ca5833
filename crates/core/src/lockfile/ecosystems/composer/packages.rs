//! The packages of a lock: whether they are what composer.json requires, and whether they go together.

use super::package_place;
use super::version::{Constraint, constraint, normalize, normalize_branch, numeric_prefix, stability};
use crate::lockfile::data::{Entry, Value};
use crate::lockfile::ecosystem::{Breaks, Drift, Reason, Source, Unclear, Verdict};
use std::collections::{HashMap, HashSet};

/// A locked package.
pub(super) struct Package<'a> {
    pub(super) value: &'a Value,
    name: String,
    pretty: &'a str,
    /// Its version in normal form, then those of its aliases.
    versions: Vec<String>,
    is_dev: bool,
}

/// A name that a package brings besides its own.
struct Brought {
    package: usize,
    versions: Constraint,
    is_replaced: bool,
}

pub(super) struct Packages<'a> {
    manifest: &'a Source,
    lock: &'a Source,
    root: &'a Value,
    locked: &'a Value,
    packages: Vec<Package<'a>>,
    by_name: HashMap<String, Vec<usize>>,
    brought: HashMap<String, Vec<Brought>>,
    unclear: Vec<Unclear>,
}

/// Whether a name is that of the machine's PHP, an extension, or Composer itself.
pub(super) fn is_platform(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let php = ["php", "php-64bit", "php-ipv6", "php-zts", "php-debug", "hhvm"];
    let composer = ["composer", "composer-plugin-api", "composer-runtime-api"];
    let of_machine = name.starts_with("ext-") || name.starts_with("lib-");
    php.contains(&name.as_str()) || composer.contains(&name.as_str()) || (of_machine && !name.contains('/'))
}

impl<'a> Packages<'a> {
    pub(super) fn new(manifest: &'a Source, lock: &'a Source, root: &'a Value, locked: &'a Value) -> Self {
        let (packages, by_name, brought) = (Vec::new(), HashMap::new(), HashMap::new());
        let mut all = Self { manifest, lock, root, locked, packages, by_name, brought, unclear: Vec::new() };
        let mut aliases: HashMap<String, Vec<&str>> = HashMap::new();
        for alias in locked.get("aliases").into_iter().flat_map(Value::items) {
            if let (Some(of), Some(version)) = (alias.text_of("package"), alias.text_of("alias_normalized")) {
                aliases.entry(of.to_lowercase()).or_default().push(version);
            }
        }
        for (section, is_dev) in [("packages", false), ("packages-dev", true)] {
            for value in locked.get(section).into_iter().flat_map(Value::items) {
                all.add(value, is_dev, &aliases);
            }
        }
        all
    }

    fn add(&mut self, value: &'a Value, is_dev: bool, aliases: &HashMap<String, Vec<&str>>) {
        let pretty = value.get("version").and_then(Value::scalar).unwrap_or_default();
        let name = value.text_of("name").unwrap_or_default().to_lowercase();
        let Some(version) = normalize(pretty).filter(|_| !name.is_empty()) else {
            let why = format!("the lock has `{name}` at `{pretty}`, which is no version that is understood");
            self.unclear.push(Unclear::at(why, self.lock.place(&value.span)));
            return;
        };
        let mut versions = vec![version];
        versions.extend(branch_alias(value, pretty));
        versions.extend(aliases.get(&name).into_iter().flatten().map(|alias| (*alias).to_owned()));
        let package = self.packages.len();
        for (section, is_replaced) in [("replace", true), ("provide", false)] {
            for entry in value.get(section).into_iter().flat_map(Value::entries) {
                let text = entry.value.text().unwrap_or_default();
                let read = match text {
                    "self.version" => {
                        Some(Constraint::Either(versions.iter().map(|of| Constraint::exactly(of)).collect()))
                    }
                    text => constraint(text),
                };
                let Some(versions) = read else { continue };
                let brought = Brought { package, versions, is_replaced };
                self.brought.entry(entry.key.to_lowercase()).or_default().push(brought);
            }
        }
        self.by_name.entry(name.clone()).or_default().push(package);
        self.packages.push(Package { value, name, pretty, versions, is_dev });
    }

    pub(super) fn judge(mut self, verdict: &mut Verdict) {
        for unclear in std::mem::take(&mut self.unclear) {
            verdict.unclear(unclear);
        }
        self.required("require", false, verdict);
        self.required("require-dev", true, verdict);
        self.together(verdict);
        self.twice(verdict);
        self.stabilities(verdict);
        if verdict.reasons.iter().any(|reason| reason.drift == Some(Drift::RecordStale)) {
            self.unasked(verdict);
        }
    }

    /// The packages that answer to a name at a version that is asked for; with `None` at any.
    fn answering(&self, name: &str, asked: Option<&Constraint>) -> std::vec::IntoIter<&Package<'a>> {
        let own = self.by_name.get(name).into_iter().flatten().filter_map(|at| self.packages.get(*at));
        let own = own.filter(|package| {
            asked.is_none_or(|asked| package.versions.iter().any(|version| asked.allows(version)))
        });
        let brought = self.brought.get(name).into_iter().flatten();
        let brought = brought.filter(|brought| asked.is_none_or(|asked| asked.meets(&brought.versions)));
        let found: Vec<&Package<'a>> =
            own.chain(brought.filter_map(|brought| self.packages.get(brought.package))).collect();
        found.into_iter()
    }

    fn root_brings(&self, name: &str) -> bool {
        let is_own = self.root.text_of("name").is_some_and(|own| own.eq_ignore_ascii_case(name));
        let mut sections = ["replace", "provide"].iter().filter_map(|section| self.root.get(section));
        is_own || sections.any(|section| section.entries().any(|entry| entry.key.eq_ignore_ascii_case(name)))
    }

    /// What composer.json requires. What is not only for development must not be locked among what is.
    fn required(&self, section: &str, is_dev: bool, verdict: &mut Verdict) {
        for entry in self.root.get(section).into_iter().flat_map(Value::entries) {
            let asked = entry.value.text().unwrap_or_default();
            if is_platform(&entry.key) || asked == "self.version" {
                continue;
            }
            let place = self.manifest.place(&(entry.span.start..entry.value.span.end));
            let name = entry.key.to_lowercase();
            let Some(constraint) = constraint(asked) else {
                let why = format!("`{asked}`, which {name} is required at, is not understood");
                verdict.unclear(Unclear::at(why, place));
                continue;
            };
            let counts = |package: &&Package<'_>| is_dev || !package.is_dev;
            if self.answering(&name, Some(&constraint)).any(|package| counts(&package)) {
                continue;
            }
            if self.root_brings(&name) {
                let why = format!(
                    "{name} is both required and brought by composer.json itself: versions of Composer differ"
                );
                verdict.unclear(Unclear::at(why, place));
                continue;
            }
            let mend = format!("composer update {} --with-dependencies", crate::text::shell_word(&name));
            let reason = match self.answering(&name, None).find(counts) {
                Some(package) => {
                    let what =
                        format!("{section} asks for {name} `{asked}`, the lock has {}", package.pretty);
                    Reason::new(Drift::LockedDifferently, Breaks::Both, what, mend)
                        .in_lock(package_place(self.lock, package))
                        .found(package.pretty)
                }
                None => match self.answering(&name, None).next() {
                    Some(package) => {
                        let what = format!("require asks for {name}, the lock has it among `packages-dev`");
                        Reason::new(Drift::NotLocked, Breaks::Both, what, mend)
                            .in_lock(package_place(self.lock, package))
                            .found("packages-dev")
                    }
                    None => {
                        let what = format!("{section} asks for {name} `{asked}`, the lock does not have it");
                        Reason::new(Drift::NotLocked, Breaks::Both, what, mend)
                    }
                },
            };
            verdict.drift(reason.dependency(name).in_manifest(place).expected(asked));
        }
    }

    /// What locked packages require, and what they and composer.json do not go together with.
    fn together(&self, verdict: &mut Verdict) {
        for package in &self.packages {
            for entry in package.value.get("require").into_iter().flat_map(Value::entries) {
                self.needed(package, entry, verdict);
            }
            for entry in package.value.get("conflict").into_iter().flat_map(Value::entries) {
                self.conflicting(Some(package), entry, verdict);
            }
        }
        for entry in self.root.get("conflict").into_iter().flat_map(Value::entries) {
            self.conflicting(None, entry, verdict);
        }
        for entry in self.root.get("replace").into_iter().flat_map(Value::entries) {
            let name = entry.key.to_lowercase();
            for package in
                self.by_name.get(&name).into_iter().flatten().filter_map(|at| self.packages.get(*at))
            {
                let what = format!("composer.json replaces {name}, and the lock has it");
                let reason = Reason::new(Drift::NotAskedFor, Breaks::Strict, what, "composer update");
                let at = self.manifest.place(&entry.span);
                verdict.drift(
                    reason.dependency(&name).in_manifest(at).in_lock(package_place(self.lock, package)),
                );
            }
        }
    }

    fn needed(&self, package: &Package<'_>, entry: &Entry, verdict: &mut Verdict) {
        let asked = entry.value.text().unwrap_or_default();
        if is_platform(&entry.key) {
            return;
        }
        let name = entry.key.to_lowercase();
        // To count lines takes a look at the whole lock: only of what is told.
        let place = || self.lock.place(&(entry.span.start..entry.value.span.end));
        let own = || Constraint::Either(package.versions.iter().map(|of| Constraint::exactly(of)).collect());
        let read = if asked == "self.version" { Some(own()) } else { constraint(asked) };
        let Some(constraint) = read else {
            let why = format!("{} requires {name} at `{asked}`, which is not understood", package.name);
            verdict.unclear_for(Breaks::Strict, Unclear::at(why, place()));
            return;
        };
        if self.answering(&name, Some(&constraint)).next().is_some() {
            return;
        }
        if self.root_brings(&name) {
            if constraint != Constraint::Any {
                let why = format!(
                    "{} requires {name}, which this repository is: its version is not in the files",
                    package.name
                );
                verdict.unclear_for(Breaks::Strict, Unclear::at(why, place()));
            }
            return;
        }
        let found = self.answering(&name, None).next().map(|package| package.pretty);
        let has = found.map_or_else(|| "does not have it".to_owned(), |version| format!("has {version}"));
        let what = format!("{} {} requires {name} `{asked}`, the lock {has}", package.name, package.pretty);
        let mend = format!("composer update {} --with-dependencies", crate::text::shell_word(&package.name));
        let mut reason = Reason::new(Drift::LockIncomplete, Breaks::Strict, what, mend);
        reason.found = found.map(str::to_owned);
        verdict.drift(reason.dependency(name).in_lock(place()).expected(asked));
    }

    fn conflicting(&self, package: Option<&Package<'_>>, entry: &Entry, verdict: &mut Verdict) {
        let name = entry.key.to_lowercase();
        let asked = entry.value.text().unwrap_or_default();
        let Some(constraint) = constraint(asked).filter(|_| !is_platform(&name)) else { return };
        let mut others = self.answering(&name, Some(&constraint));
        let other = others.find(|other| package.is_none_or(|package| package.name != other.name));
        let Some(other) = other else { return };
        let by = package.map_or("composer.json", |package| &package.name);
        let what = format!(
            "{by} does not go with {name} `{asked}`, and the lock has {} {}",
            other.name, other.pretty
        );
        let mut reason = Reason::new(Drift::LockIncomplete, Breaks::Strict, what, "composer update");
        reason = reason.dependency(name).in_lock(package_place(self.lock, other)).found(other.pretty);
        if package.is_none() {
            reason = reason.in_manifest(self.manifest.place(&entry.span)).expected(asked);
        }
        verdict.drift(reason);
    }

    /// Two packages of one name, or one that replaces another that is locked too.
    fn twice(&self, verdict: &mut Verdict) {
        for (name, places) in &self.by_name {
            let replaced = self.brought.get(name).into_iter().flatten().filter(|brought| brought.is_replaced);
            let others = replaced.map(|brought| brought.package).filter(|at| !places.contains(at));
            let places: Vec<usize> = places.iter().copied().chain(others).collect();
            let Some((_, rest)) = places.split_first() else { continue };
            for other in rest.iter().filter_map(|at| self.packages.get(*at)) {
                let (drift, what) = if other.name == *name {
                    (Drift::Repeated, format!("the lock has {name} twice"))
                } else {
                    (Drift::LockIncomplete, format!("{} replaces {name}, and the lock has both", other.name))
                };
                let reason = Reason::new(drift, Breaks::Strict, what, "composer update --lock");
                verdict.drift(reason.dependency(name).in_lock(package_place(self.lock, other)));
            }
        }
    }

    /// Whether the lock's own record of stabilities allows what it holds.
    fn stabilities(&self, verdict: &mut Verdict) {
        let least = self.locked.text_of("minimum-stability").unwrap_or("stable").to_ascii_lowercase();
        let least = match least.as_str() {
            "dev" => 20,
            "alpha" => 15,
            "beta" => 10,
            "rc" => 5,
            _ => 0,
        };
        let flags: HashMap<String, u32> = self
            .locked
            .get("stability-flags")
            .into_iter()
            .flat_map(Value::entries)
            .filter_map(|entry| Some((entry.key.to_lowercase(), entry.value.scalar()?.parse().ok()?)))
            .collect();
        for package in &self.packages {
            let is = package.versions.first().map_or(0, |version| stability(version));
            let replaced = package.value.get("replace").into_iter().flat_map(Value::entries);
            let provided = package.value.get("provide").into_iter().flat_map(Value::entries);
            let names = replaced.chain(provided).map(|entry| entry.key.to_lowercase());
            let mut names = std::iter::once(package.name.clone()).chain(names);
            if names.any(|name| is <= *flags.get(&name).unwrap_or(&least)) {
                continue;
            }
            let what = format!(
                "the lock has {} {}, which is less stable than its own `minimum-stability` and `stability-flags` allow",
                package.name, package.pretty
            );
            let reason = Reason::new(Drift::SettingsDiffer, Breaks::Strict, what, "composer update --lock");
            let at = package_place(self.lock, package);
            verdict.drift(reason.dependency(&package.name).in_lock(at).found(package.pretty));
        }
    }

    /// What nothing leads to from composer.json.
    fn unasked(&self, verdict: &mut Verdict) {
        let mut seen: HashSet<usize> = HashSet::new();
        let mut names: Vec<String> = Vec::new();
        for section in ["require", "require-dev"] {
            let entries = self.root.get(section).into_iter().flat_map(Value::entries);
            names.extend(entries.map(|entry| entry.key.to_lowercase()));
        }
        let mut known: HashSet<String> = names.iter().cloned().collect();
        while let Some(name) = names.pop() {
            let own = self.by_name.get(&name).into_iter().flatten().copied();
            let brought = self.brought.get(&name).into_iter().flatten().map(|brought| brought.package);
            for at in own.chain(brought) {
                if !seen.insert(at) {
                    continue;
                }
                let Some(package) = self.packages.get(at) else { continue };
                for entry in package.value.get("require").into_iter().flat_map(Value::entries) {
                    let name = entry.key.to_lowercase();
                    if known.insert(name.clone()) {
                        names.push(name);
                    }
                }
            }
        }
        for (_, package) in self.packages.iter().enumerate().filter(|(at, _)| !seen.contains(at)) {
            let what = format!("the lock has {} {}, which nothing requires", package.name, package.pretty);
            let reason = Reason::new(Drift::NotAskedFor, Breaks::Rewrite, what, "composer update --lock");
            let at = package_place(self.lock, package);
            verdict.drift(reason.dependency(&package.name).in_lock(at).found(package.pretty));
        }
    }
}

/// The version that a branch stands for besides its own: `extra.branch-alias`, or that of the default branch.
fn branch_alias(value: &Value, pretty: &str) -> Option<String> {
    if !pretty.starts_with("dev-") && !pretty.ends_with("-dev") {
        return None;
    }
    for entry in value.at(&["extra", "branch-alias"]).into_iter().flat_map(Value::entries) {
        let target = entry.value.text().unwrap_or_default();
        let Some(branch) = target.strip_suffix("-dev") else { continue };
        let normal = if target == "9999999-dev" { target.to_owned() } else { normalize_branch(branch) };
        let is_narrower = match (numeric_prefix(&entry.key), numeric_prefix(target)) {
            (Some(source), Some(target)) => target.starts_with(&source),
            _ => true,
        };
        if normal.ends_with("-dev") && entry.key.eq_ignore_ascii_case(pretty) && is_narrower {
            return Some(normal);
        }
    }
    let is_default = value.get("default-branch").and_then(Value::bool) == Some(true);
    (is_default && pretty.starts_with("dev-")).then(|| "9999999-dev".to_owned())
}
