//! The comparison of what a Gemfile asks for with what its lock has.

use super::gemfile::{Asked, GemSource, Gemfile, Gemspec, gemfile, gemspec};
use super::lock::{Dependency, Lock, LockSource, Requirement, Spec, read};
use super::{INFO, gemspecs};
use crate::lockfile::ecosystem::{Breaks, Drift, Place, Reason, Source, Unclear, Verdict};
use crate::lockfile::tree::{Tree, folder, join};
use crate::text::shell_word;
use std::collections::{HashMap, HashSet};

/// Most files that `eval_gemfile` is followed into.
const MOST_INCLUDED: usize = 16;

/// A gem that is asked for, and the place of that.
struct Root {
    gem: Asked,
    place: Place,
}

struct Judging<'a> {
    tree: &'a Tree<'a>,
    home: &'a str,
    lock_source: &'a Source,
    lock: &'a Lock<'a>,
    by_name: HashMap<&'a str, Vec<(&'a LockSource<'a>, &'a Spec<'a>)>>,
    roots: Vec<Root>,
    sources: Vec<(String, Place)>,
    has_ruby: Option<Place>,
    /// Whether everything that the Gemfile asks for was read.
    is_whole: bool,
}

pub(super) fn judge(tree: &Tree<'_>, manifest: &Source, lock_source: &Source, verdict: &mut Verdict) {
    let lock = read(&lock_source.text);
    if let Some(mark) =
        ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().find_map(|mark| lock_source.text.find(mark))
    {
        let what = "the lock has a mark of a merge conflict";
        let reason = Reason::new(Drift::Conflict, Breaks::Both, what, INFO.make);
        verdict.drift(reason.in_lock(lock_source.place(&(mark..mark))));
        return;
    }
    for (section, span) in &lock.unknown {
        verdict.version_unknown(
            format!("the lock has a section `{section}` that is not known"),
            lock_source.place(span),
        );
    }
    let major = |version: &str| version.split('.').next()?.parse::<u32>().ok();
    if let Some((version, span)) =
        lock.bundled_with.as_ref().filter(|(version, _)| major(version).is_none_or(|m| m > 4))
    {
        verdict
            .version_unknown(format!("the lock was written by Bundler {version}"), lock_source.place(span));
    }
    if !verdict.reasons.is_empty() {
        return;
    }
    if lock.sources.is_empty() && lock.dependencies.is_empty() && !lock_source.text.trim().is_empty() {
        let reason = Reason::new(
            Drift::Unreadable,
            Breaks::Rewrite,
            "nothing in the lock is that of Bundler",
            INFO.make,
        );
        verdict.drift(reason.in_lock(lock_source.whole()));
        verdict.unclear(Unclear::at("nothing in the lock is that of Bundler", lock_source.whole()));
        return;
    }
    let mut by_name: HashMap<&str, Vec<(&LockSource<'_>, &Spec<'_>)>> = HashMap::new();
    for source in &lock.sources {
        for spec in &source.specs {
            by_name.entry(spec.name).or_default().push((source, spec));
        }
    }
    let mut judging = Judging {
        tree,
        home: folder(&manifest.path),
        lock_source,
        lock: &lock,
        by_name,
        roots: Vec::new(),
        sources: Vec::new(),
        has_ruby: None,
        is_whole: true,
    };
    judging.gather(manifest, verdict);
    judging.dependencies(verdict);
    judging.registries(verdict);
    judging.paths(verdict);
    judging.together(verdict);
    judging.ruby(verdict);
}

impl Judging<'_> {
    fn unclear(&mut self, why: String, place: Place, verdict: &mut Verdict) {
        self.is_whole = false;
        verdict.unclear(Unclear::at(why, place));
    }

    /// What the Gemfile and the files that it takes in ask for.
    fn gather(&mut self, manifest: &Source, verdict: &mut Verdict) {
        let mut files = vec![manifest.clone()];
        let mut seen = HashSet::from([manifest.path.to_string()]);
        while let Some(source) = files.pop() {
            let Some(read) = gemfile(&source.text) else {
                self.unclear(
                    format!("{} is more Ruby than can be read", source.path),
                    source.whole(),
                    verdict,
                );
                continue;
            };
            let Gemfile { gems, sources, gemspecs, included, has_ruby, unclear } = read;
            for (what, span) in unclear {
                self.unclear(format!("{} has {what}", source.path), source.place(&span), verdict);
            }
            self.roots.extend(gems.into_iter().map(|gem| Root { place: source.place(&gem.span), gem }));
            self.sources.extend(sources.into_iter().map(|(url, span)| (url, source.place(&span))));
            self.has_ruby = has_ruby.map(|span| source.place(&span)).or_else(|| self.has_ruby.take());
            for (path, name, span) in gemspecs {
                self.own_gem(&path, name.as_deref(), &source.place(&span), verdict);
            }
            for (path, span) in included {
                let path = join(folder(&source.path), &path)
                    .filter(|path| seen.len() < MOST_INCLUDED && seen.insert(path.clone()));
                match path.and_then(|path| self.tree.read(&path).ok()) {
                    Some(source) => files.push(source),
                    None => {
                        let why = format!("{} takes in a file that is not read", source.path);
                        self.unclear(why, source.place(&span), verdict);
                    }
                }
            }
        }
    }

    /// `gemspec`: the gem of the folder itself, and what developing it needs.
    fn own_gem(&mut self, path: &str, name: Option<&str>, place: &Place, verdict: &mut Verdict) {
        let home = join(self.home, path);
        let depth = |path: &str| path.matches('/').count();
        let beside = home.as_deref().map(|home| if home.is_empty() { 0 } else { depth(home) + 1 });
        let specs = home.as_deref().map(|home| gemspecs(self.tree, home)).unwrap_or_default();
        let mut specs: Vec<(Source, Gemspec)> = specs
            .iter()
            .filter(|path| Some(depth(path)) == beside)
            .filter_map(|path| self.gemspec(path))
            .filter(|(_, spec)| name.is_none_or(|name| spec.name.as_deref() == Some(name)))
            .collect();
        let (Some((source, spec)), true) = (specs.pop(), specs.is_empty()) else {
            self.unclear("`gemspec` leads to no gemspec that can be read".to_owned(), place.clone(), verdict);
            return;
        };
        let Some(name) = spec.name else {
            self.unclear(format!("the name in {} is computed", source.path), source.whole(), verdict);
            return;
        };
        if spec.is_unclear {
            self.unclear(format!("{} computes its dependencies", source.path), source.whole(), verdict);
        }
        let own = Asked {
            name,
            requirement: Requirement::new([]),
            written: String::new(),
            source: Some(GemSource::Path(path.to_owned())),
            is_development: false,
            is_for_platforms: false,
            is_certain: true,
            span: 0..0,
        };
        // What the Gemfile asks for itself comes before what developing the gem needs.
        let known: HashSet<&str> = self.roots.iter().map(|root| root.gem.name.as_str()).collect();
        let needs: Vec<Asked> = spec
            .needs
            .into_iter()
            .filter(|gem| gem.is_development && !known.contains(gem.name.as_str()))
            .collect();
        self.roots.push(Root { gem: own, place: place.clone() });
        for gem in needs {
            if gem.requirement.is_none() {
                self.unclear(
                    format!("the requirement of {} is computed", gem.name),
                    source.place(&gem.span),
                    verdict,
                );
            }
            self.roots.push(Root { place: source.place(&gem.span), gem });
        }
    }

    fn gemspec(&self, path: &str) -> Option<(Source, Gemspec)> {
        let source = self.tree.read(path).ok()?;
        let mut spec = gemspec(&source.text)?;
        if spec.version.is_none() {
            spec.version = self.version_file(folder(path));
        }
        Some((source, spec))
    }

    /// The version that a gemspec takes from `lib/…/version.rb`, where there is one such file.
    fn version_file(&self, home: &str) -> Option<String> {
        let lib = if home.is_empty() { "lib".to_owned() } else { format!("{home}/lib") };
        let mut files = self.tree.under(&lib).iter().filter(|path| path.ends_with("/version.rb"));
        let (Some(file), None) = (files.next(), files.next()) else { return None };
        let source = self.tree.read(file).ok()?;
        let mut lines = source.text.lines().filter_map(|line| line.trim().strip_prefix("VERSION"));
        let (Some(rest), None) = (lines.next(), lines.next()) else { return None };
        let rest = rest.trim_start().strip_prefix('=')?.trim().trim_end_matches(".freeze");
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let inner = rest.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(['#', quote, '\\'])).then(|| inner.to_owned())
    }

    fn specs(&self, name: &str) -> &[(&LockSource<'_>, &Spec<'_>)] {
        self.by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The gems asked for against the lock's list of them.
    fn dependencies(&self, verdict: &mut Verdict) {
        let mut listed: HashMap<&str, &Dependency<'_>> = HashMap::new();
        for dependency in &self.lock.dependencies {
            if listed.insert(dependency.name, dependency).is_some() {
                let what = format!("the lock lists {} twice", dependency.name);
                let reason = Reason::new(Drift::Repeated, Breaks::Rewrite, what, INFO.make);
                verdict.drift(
                    reason.dependency(dependency.name).in_lock(self.lock_source.place(&dependency.span)),
                );
            }
        }
        let mut asked = HashSet::new();
        for root in &self.roots {
            asked.insert(root.gem.name.as_str());
            if !root.gem.is_certain {
                continue;
            }
            match listed.get(root.gem.name.as_str()) {
                Some(dependency) => self.listed(root, dependency, verdict),
                None => {
                    let what = format!("{} is asked for, the lock does not have it", named(&root.gem));
                    let reason = Reason::new(Drift::NotLocked, Breaks::Both, what, INFO.make);
                    verdict.drift(
                        reason
                            .dependency(&root.gem.name)
                            .in_manifest(root.place.clone())
                            .expected(&root.gem.written),
                    );
                }
            }
        }
        for dependency in
            self.lock.dependencies.iter().filter(|gem| self.is_whole && !asked.contains(gem.name))
        {
            let what = format!("the lock lists {}, which nothing asks for", dependency.name);
            let reason = Reason::new(Drift::NotAskedFor, Breaks::Both, what, INFO.make);
            verdict
                .drift(reason.dependency(dependency.name).in_lock(self.lock_source.place(&dependency.span)));
        }
    }

    fn listed(&self, root: &Root, dependency: &Dependency<'_>, verdict: &mut Verdict) {
        let Root { gem, place } = root;
        let drift = |drift: Drift, breaks: Breaks, what: String| {
            Reason::new(drift, breaks, what, INFO.make)
                .dependency(&gem.name)
                .in_manifest(place.clone())
                .in_lock(self.lock_source.place(&dependency.span))
        };
        let recorded = Requirement::of_lock(dependency.requirement);
        if let (Some(asked), Some(recorded)) = (&gem.requirement, &recorded)
            && asked != recorded
        {
            let breaks = if asked.is_same(recorded) { Breaks::Rewrite } else { Breaks::Both };
            let what = format!("{} is asked for at `{asked}`, the lock wrote down `{recorded}`", gem.name);
            verdict.drift(
                drift(Drift::RecordStale, breaks, what)
                    .expected(asked.to_string())
                    .found(recorded.to_string()),
            );
        }
        if gem.source.is_some() != dependency.is_pinned {
            let what = if dependency.is_pinned {
                format!("the lock has {} from a source of its own, the Gemfile from no such", gem.name)
            } else {
                format!(
                    "{} is asked for from a source of its own, and the lock does not have it from there",
                    gem.name
                )
            };
            verdict.drift(drift(Drift::LockedDifferently, Breaks::Both, what));
        } else if let Some(source) = &gem.source {
            let locked = self.specs(&gem.name);
            if *source == GemSource::Unknown {
                verdict.unclear(Unclear::at(
                    format!("where {} comes from is computed", gem.name),
                    place.clone(),
                ));
            } else if !locked.is_empty() && !locked.iter().any(|(of, _)| self.is_from(of, source)) {
                let what = format!("the lock has {} from another source than it is asked for from", gem.name);
                verdict.drift(drift(Drift::LockedDifferently, Breaks::Both, what));
            }
        }
        let specs = self.specs(&gem.name);
        if specs.is_empty() && !gem.is_for_platforms && gem.name != "bundler" {
            let what = format!("the lock lists {} and has no version of it", gem.name);
            verdict.drift(drift(Drift::LockIncomplete, Breaks::Both, what));
        } else if let (Some(asked), Some((_, spec))) = (&gem.requirement, specs.first())
            && !specs.iter().any(|(_, spec)| asked.allows(spec.version))
        {
            let why = format!(
                "{} is asked for at `{asked}` and locked at {}: what Bundler makes of that hangs on its version",
                gem.name, spec.version
            );
            verdict.unclear(Unclear::at(why, place.clone()));
        }
    }

    fn is_from(&self, locked: &LockSource<'_>, asked: &GemSource) -> bool {
        let remote = locked.remotes().next().unwrap_or_default();
        match (locked.kind, asked) {
            ("PATH", GemSource::Path(path)) => {
                remote == path
                    || join(self.home, remote).is_some_and(|remote| join(self.home, path) == Some(remote))
            }
            ("GIT", GemSource::Git { url, options }) => {
                let mut recorded: Vec<(String, String)> = ["branch", "ref", "tag"]
                    .iter()
                    .filter_map(|key| Some(((*key).to_owned(), locked.option(key)?.to_owned())))
                    .collect();
                recorded.sort();
                remote == url && recorded == *options
            }
            ("GEM", GemSource::Registry(url)) => locked.remotes().any(|remote| is_same_url(remote, url)),
            _ => false,
        }
    }

    /// The registries: of all gems, and of those that have one of their own.
    fn registries(&self, verdict: &mut Verdict) {
        let locked: Vec<&LockSource<'_>> =
            self.lock.sources.iter().filter(|source| source.kind == "GEM").collect();
        if !self.is_whole || self.sources.is_empty() || locked.is_empty() {
            return;
        }
        let mut asked: Vec<&str> = self.sources.iter().map(|(url, _)| url.as_str()).collect();
        asked.extend(self.roots.iter().filter_map(|root| match &root.gem.source {
            Some(GemSource::Registry(url)) => Some(url.as_str()),
            _ => None,
        }));
        for source in &locked {
            for remote in source.remotes().filter(|remote| !asked.iter().any(|url| is_same_url(remote, url)))
            {
                let what = format!("the lock has gems from {remote}, which the Gemfile does not name");
                let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, INFO.make);
                verdict.drift(reason.in_lock(self.lock_source.place(&source.span)).found(remote));
            }
        }
        for (url, place) in &self.sources {
            if !locked.iter().any(|source| source.remotes().any(|remote| is_same_url(remote, url))) {
                let what = format!("the Gemfile takes gems from {url}, which the lock does not name");
                let reason = Reason::new(Drift::SettingsDiffer, Breaks::Both, what, INFO.make);
                verdict.drift(reason.in_manifest(place.clone()).expected(url));
            }
        }
    }

    /// Gems that are folders of this tree against their gemspecs.
    fn paths(&self, verdict: &mut Verdict) {
        for source in self.lock.sources.iter().filter(|source| source.kind == "PATH") {
            let Some(home) = source.remotes().next().and_then(|remote| join(self.home, remote)) else {
                let why = "the lock has a gem from a folder that is not in this repository";
                verdict.unclear(Unclear::at(why, self.lock_source.place(&source.span)));
                continue;
            };
            let specs: Vec<(Source, Gemspec)> =
                gemspecs(self.tree, &home).iter().filter_map(|path| self.gemspec(path)).collect();
            for spec in &source.specs {
                let found = specs.iter().find(|(_, found)| found.name.as_deref() == Some(spec.name));
                match found {
                    Some((manifest, found)) => self.path_gem(manifest, found, spec, verdict),
                    None => {
                        let why = format!("there is no gemspec of {} that can be read", spec.name);
                        verdict.unclear(Unclear::at(why, self.lock_source.place(&spec.span)));
                    }
                }
            }
        }
    }

    fn path_gem(&self, manifest: &Source, found: &Gemspec, spec: &Spec<'_>, verdict: &mut Verdict) {
        let stale = |what: String| {
            Reason::new(Drift::RecordStale, Breaks::Both, what, INFO.make)
                .dependency(spec.name)
                .in_manifest(manifest.whole())
                .in_lock(self.lock_source.place(&spec.span))
        };
        match &found.version {
            Some(version) if version != spec.version => {
                let what =
                    format!("{} is {version} in its gemspec, the lock has {}", spec.name, spec.version);
                verdict.drift(stale(what).expected(version).found(spec.version));
            }
            Some(_) => {}
            None => {
                let why = format!("the version in {} is computed", manifest.path);
                verdict.unclear(Unclear::at(why, manifest.whole()));
            }
        }
        let needs: Vec<&Asked> = found.needs.iter().filter(|gem| !gem.is_development).collect();
        if found.is_unclear || needs.iter().any(|gem| gem.requirement.is_none()) {
            verdict.unclear(Unclear::at(
                format!("{} computes its dependencies", manifest.path),
                manifest.whole(),
            ));
            return;
        }
        let locked: HashMap<&str, &Dependency<'_>> = spec.needs.iter().map(|gem| (gem.name, gem)).collect();
        for gem in &needs {
            let recorded =
                locked.get(gem.name.as_str()).map(|recorded| Requirement::of_lock(recorded.requirement));
            if matches!((&recorded, &gem.requirement), (Some(Some(recorded)), Some(asked)) if recorded.is_same(asked))
            {
                continue;
            }
            let what = format!(
                "{} needs {} by its gemspec, the lock did not write that down",
                spec.name,
                named(gem)
            );
            verdict.drift(stale(what).in_manifest(manifest.place(&gem.span)).expected(&gem.written));
        }
        let names: HashSet<&str> = needs.iter().map(|gem| gem.name.as_str()).collect();
        for gem in spec.needs.iter().filter(|gem| !names.contains(gem.name)) {
            let what = format!("{} needs {} by the lock, and not by its gemspec", spec.name, gem.name);
            verdict.drift(stale(what).in_lock(self.lock_source.place(&gem.span)));
        }
    }

    /// Whether what locked gems need is locked, and whether anything is that nothing needs.
    fn together(&self, verdict: &mut Verdict) {
        let mut seen = HashSet::new();
        for spec in self.lock.sources.iter().flat_map(|source| &source.specs) {
            if !seen.insert((spec.name, spec.version, spec.platform)) {
                verdict.unclear(Unclear::at(
                    format!("the lock has {} {} twice", spec.name, spec.version),
                    self.lock_source.place(&spec.span),
                ));
            }
        }
        let by_name = &self.by_name;
        for (_, spec) in by_name.values().flatten() {
            for need in spec.needs.iter().filter(|need| need.name != "bundler") {
                let Some(found) = by_name.get(need.name) else {
                    let what = format!(
                        "{} {} needs {}, the lock does not have it",
                        spec.name, spec.version, need.name
                    );
                    let mend = format!("bundle lock --update {} --conservative", shell_word(spec.name));
                    let reason = Reason::new(Drift::LockIncomplete, Breaks::Both, what, mend);
                    verdict.drift(reason.dependency(need.name).in_lock(self.lock_source.place(&need.span)));
                    continue;
                };
                let asked = Requirement::of_lock(need.requirement);
                if !asked.is_some_and(|asked| found.iter().any(|(_, found)| asked.allows(found.version))) {
                    let why = format!(
                        "{} needs {} `{}` and the lock has it otherwise: what Bundler makes of that hangs on its version",
                        spec.name, need.name, need.requirement
                    );
                    verdict.unclear(Unclear::at(why, self.lock_source.place(&need.span)));
                }
            }
        }
        let mut reached: HashSet<&str> = HashSet::new();
        let mut open: Vec<&str> = self.lock.dependencies.iter().map(|gem| gem.name).collect();
        while let Some(name) = open.pop() {
            if reached.insert(name) {
                let needs = by_name.get(name).into_iter().flatten().flat_map(|(_, spec)| &spec.needs);
                open.extend(needs.map(|need| need.name));
            }
        }
        for (_, spec) in by_name.values().flatten().filter(|(_, spec)| !reached.contains(spec.name)) {
            // A folder of several gems has those too that nobody asked for.
            let what = format!("the lock has {} {}, which nothing needs", spec.name, spec.version);
            let reason = Reason::new(Drift::NotAskedFor, Breaks::Rewrite, what, INFO.make);
            verdict.drift(reason.dependency(spec.name).in_lock(self.lock_source.place(&spec.span)));
        }
    }

    fn ruby(&self, verdict: &mut Verdict) {
        let what = match (&self.has_ruby, &self.lock.ruby) {
            (Some(_), None) => "the Gemfile names a version of Ruby, and the lock wrote none down",
            (None, Some(_)) if self.is_whole => {
                "the lock wrote a version of Ruby down, and the Gemfile names none"
            }
            _ => return,
        };
        let mut reason = Reason::new(Drift::SettingsDiffer, Breaks::Rewrite, what, INFO.make);
        reason.manifest.clone_from(&self.has_ruby);
        let place = self.lock.ruby.as_ref().map(|(_, span)| self.lock_source.place(span));
        verdict.drift(reason.in_lock(place.unwrap_or_else(|| self.lock_source.whole())));
    }
}

fn named(gem: &Asked) -> String {
    if gem.written.is_empty() { gem.name.clone() } else { format!("{} `{}`", gem.name, gem.written) }
}

fn is_same_url(one: &str, two: &str) -> bool {
    one.trim_end_matches('/') == two.trim_end_matches('/')
}
