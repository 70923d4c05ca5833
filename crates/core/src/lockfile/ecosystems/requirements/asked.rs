//! What a compiled file was made from: the files that its command names, with those that they take in, and what each asks for.

use super::super::python::pyproject::{self, Asked};
use super::super::python::{Requirement, normal};
use super::command::{Command, Tool};
use super::entry::{Entry, What};
use super::file::File;
use super::via::of_file;
use crate::lockfile::data::{Value, toml};
use crate::lockfile::tree::{Tree, file_name, folder, join};
use crate::lockfile::{Source, Unclear};
use std::collections::BTreeSet;
use std::ops::Range;

/// Most files that take in one another.
const MOST_FILES: usize = 64;

/// What a compiled file was made from.
#[derive(Debug, Default)]
pub(in super::super) struct Sources {
    /// The files, the first of which the command names first.
    pub(in super::super) files: Vec<String>,
    /// Files that only constrain.
    pub(in super::super) constraints: Vec<String>,
    /// Files that the command, or one of the files, names and that are not there.
    pub(in super::super) missing: Vec<String>,
    /// What is asked for.
    pub(in super::super) asks: Vec<Ask>,
    /// What is constrained.
    pub(in super::super) limits: Vec<Ask>,
    /// What cannot be told of them.
    pub(in super::super) unclear: Vec<Unclear>,
    /// Whether something in them may ask for anything: a folder, an address, a program.
    pub(in super::super) is_open: bool,
}

/// A requirement of a source.
#[derive(Clone, Debug)]
pub(in super::super) struct Ask {
    pub(in super::super) source: Source,
    pub(in super::super) span: Range<usize>,
    /// Its text.
    pub(in super::super) text: String,
    /// How uv names whoever asks, of a project.
    pub(in super::super) asker: Option<String>,
    pub(in super::super) what: Wants,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(in super::super) enum Wants {
    /// A package.
    Package(Requirement),
    /// A file, a folder, a repository; its name, where it says one.
    Elsewhere(Option<String>),
}

impl Sources {
    /// Finds what a file was made from, without reading more than it takes.
    pub(in super::super) fn find(
        tree: &Tree<'_>,
        lock: &str,
        file: &File,
        command: Option<&Command>,
    ) -> Self {
        let mut found = Self::default();
        let (base, names) = start(tree, lock, file, command);
        if names.len() > MOST_FILES {
            found.unclear.push(Unclear::new(format!("{lock} is made from more than {MOST_FILES} files")));
            found.is_open = true;
        }
        let mut seen = BTreeSet::new();
        for name in names.into_iter().take(MOST_FILES) {
            match join(&base, &name).filter(|path| tree.has(path)) {
                Some(path) if path != lock => found.add(tree, &path, command, false, &mut seen),
                _ => found.missing.push(name),
            }
        }
        let limits =
            command.map_or_else(Vec::new, |command| command.values(&["-c", "--constraint", "--constraints"]));
        for name in limits {
            match join(&base, name).filter(|path| tree.has(path)) {
                Some(path) => found.add(tree, &path, command, true, &mut seen),
                None => found.absent(name),
            }
        }
        found
    }

    fn absent(&mut self, name: &str) {
        self.unclear.push(Unclear::new(format!("{name} is not in the repository")));
        self.is_open = true;
    }

    /// Adds a file with those that it takes in; `seen` are the ones that were added before.
    fn add(
        &mut self,
        tree: &Tree<'_>,
        path: &str,
        command: Option<&Command>,
        is_limit: bool,
        seen: &mut BTreeSet<(String, bool)>,
    ) {
        let mut queue = vec![(path.to_owned(), is_limit)];
        while let Some((path, is_limit)) = queue.pop() {
            if !seen.insert((path.clone(), is_limit)) {
                continue;
            }
            if seen.len() > MOST_FILES {
                self.unclear.push(Unclear::new(format!("more than {MOST_FILES} files take in one another")));
                return self.is_open = true;
            }
            let files = if is_limit { &mut self.constraints } else { &mut self.files };
            files.push(path.clone());
            let source = match tree.read(&path) {
                Ok(source) => source,
                Err(unread) => {
                    self.unclear.push(Unclear::new(format!("{path} {unread}")));
                    self.is_open = true;
                    continue;
                }
            };
            match file_name(&path) {
                "pyproject.toml" => self.project(&source, command),
                name if name.ends_with(".cfg") || name.ends_with(".py") => self.program(&source, command),
                _ => self.requirements(tree, &source, is_limit, command, &mut queue),
            }
        }
    }

    fn requirements(
        &mut self,
        tree: &Tree<'_>,
        source: &Source,
        is_limit: bool,
        command: Option<&Command>,
        queue: &mut Vec<(String, bool)>,
    ) {
        let file = File::parse(&source.text);
        let is_uv = command.is_some_and(|command| command.tool == Tool::UvCompile);
        for entry in file.entries.iter().filter(|_| is_uv) {
            if source.text.get(entry.span.clone()).is_some_and(|text| text.contains('\n')) {
                let why = format!("uv may not read a requirement of {} that goes over lines", source.path);
                self.unclear.push(Unclear::at(why, source.place(&entry.span)));
                self.is_open = true;
            }
        }
        for (span, why) in file.wrong.iter().chain(&file.unclear) {
            self.unclear.push(Unclear::at(format!("{}: {why}", source.path), source.place(span)));
            self.is_open = true;
        }
        for include in &file.includes {
            match join(folder(&source.path), &include.path).filter(|path| tree.has(path)) {
                Some(path) => queue.push((path, is_limit || include.is_constraint)),
                None => self.absent(&include.path),
            }
        }
        for entry in file.entries {
            let ask = Ask {
                source: source.clone(),
                span: entry.span.clone(),
                text: entry.text.clone(),
                asker: None,
                what: wants(entry),
            };
            if is_limit { self.limits.push(ask) } else { self.asks.push(ask) }
        }
    }

    /// A `pyproject.toml`, with the extras and groups that the command names.
    fn project(&mut self, source: &Source, command: Option<&Command>) {
        let Ok(document) = toml(&source.text) else {
            self.unclear.push(Unclear::at(format!("{} cannot be read", source.path), source.whole()));
            return self.is_open = true;
        };
        let dynamic = document.at(&["project", "dynamic"]);
        let is_dynamic = dynamic
            .into_iter()
            .flat_map(Value::items)
            .any(|item| matches!(item.text(), Some("dependencies" | "optional-dependencies")));
        if is_dynamic || document.get("project").is_none() {
            let why = format!("what {} asks for is made by its build backend", source.path);
            self.unclear.push(Unclear::at(why, source.whole()));
            self.is_open = true;
        }
        let uv: &[&str] = &["constraint-dependencies", "override-dependencies", "sources", "pip"];
        let is_uv = command.is_some_and(|command| command.tool == Tool::UvCompile);
        for key in uv.iter().filter(|_| is_uv) {
            if let Some(value) = document.at(&["tool", "uv", key]) {
                let why = format!("`tool.uv.{key}` of {} decides too", source.path);
                self.unclear.push(Unclear::at(why, source.place(&value.span)));
                self.is_open = true;
            }
        }
        let own = document.at(&["project", "name"]).and_then(Value::text).map(normal);
        let named = |names: &[&str]| -> BTreeSet<String> {
            let values = command.map_or_else(Vec::new, |command| command.values(names));
            values.iter().flat_map(|value| value.split(',')).map(normal).collect()
        };
        let is_all = command.is_some_and(|command| command.has("--all-extras"));
        let wanted = named(&["--extra"]);
        let mut is_own = false;
        let name = own.as_deref().filter(|_| is_uv);
        let asker = |group: &str| name.map(|name| format!("{name} (pyproject.toml{group})"));
        let plain = |asked: Asked| (asked, asker(""));
        let mut asked: Vec<(Asked, Option<String>)> =
            pyproject::list(document.at(&["project", "dependencies"])).into_iter().map(plain).collect();
        for (extra, list) in pyproject::extras(&document) {
            if is_all || wanted.contains(&extra) {
                asked.extend(list.into_iter().map(plain));
            }
        }
        let groups = named(&["--group", "--only-group"]);
        if groups.iter().any(|group| group.contains(':') || group.contains('/')) {
            self.unclear.push(Unclear::new("the command takes a group of another project"));
            self.is_open = true;
        }
        match pyproject::groups(&document) {
            Ok(all) => {
                for (group, list) in all.into_iter().filter(|(group, _)| groups.contains(group)) {
                    let by = asker(&format!(":{group}"));
                    asked.extend(list.into_iter().map(|asked| (asked, by.clone())));
                }
            }
            Err(why) if !groups.is_empty() => {
                self.unclear.push(Unclear::at(format!("{}: {why}", source.path), source.whole()));
                self.is_open = true;
            }
            Err(_) => {}
        }
        for (Asked { requirement, text, span }, asker) in asked {
            is_own |= requirement.as_ref().is_some_and(|one| Some(&one.name) == own.as_ref());
            self.written(source, requirement, text, span, asker);
        }
        if is_own {
            // An extra that takes in another of the same project: which ones is for the tool to tell.
            let why = format!("{} asks for its own extras", source.path);
            self.unclear.push(Unclear::at(why, source.whole()));
            self.is_open = true;
            self.asks
                .retain(|ask| !matches!(&ask.what, Wants::Package(one) if Some(&one.name) == own.as_ref()));
        }
    }

    fn written(
        &mut self,
        source: &Source,
        requirement: Option<Requirement>,
        text: String,
        span: Range<usize>,
        asker: Option<String>,
    ) {
        use super::super::python::Wanted;
        let what = match requirement {
            Some(Requirement { name, wanted: Wanted::Url(_), .. }) => Wants::Elsewhere(Some(name)),
            Some(requirement) => Wants::Package(requirement),
            None => {
                let why = format!("`{text}` of {} is no requirement", source.path);
                self.unclear.push(Unclear::at(why, source.place(&span)));
                return self.is_open = true;
            }
        };
        self.asks.push(Ask { source: source.clone(), span, text, asker, what });
    }

    /// `setup.cfg` and `setup.py`: the first is read, the second is a program, and beside a `[project]` neither counts.
    fn program(&mut self, source: &Source, command: Option<&Command>) {
        let why = format!("what {} asks for is made by its build backend", source.path);
        self.unclear.push(Unclear::at(why, source.whole()));
        self.is_open = true;
        let has_extras = command.is_some_and(|command| command.has("--extra") || command.has("--all-extras"));
        if file_name(&source.path) == "setup.cfg" && !has_extras {
            for (text, span) in install_requires(&source.text) {
                self.written(source, Requirement::parse(&text), text, span, None);
            }
        }
    }
}

fn wants(entry: Entry) -> Wants {
    match (entry.requirement(), entry.what) {
        (Some(requirement), What::Range(_) | What::Pinned(_)) => Wants::Package(requirement),
        _ => Wants::Elsewhere(entry.name),
    }
}

/// The requirements of `[options] install_requires` that are written down.
fn install_requires(text: &str) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let (mut section, mut is_list, mut start) = ("", false, 0);
    for line in text.split_inclusive('\n') {
        let span = start..start + line.trim_end().len();
        start += line.len();
        let content = line.trim();
        let is_further = line.starts_with([' ', '\t']);
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if !is_further {
            is_list = false;
            if let Some(name) = content.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
                section = name.trim();
                continue;
            }
        }
        let mut value = content;
        if !is_further && section == "options" {
            let Some((key, rest)) = content.split_once(['=', ':']) else { continue };
            is_list = key.trim() == "install_requires";
            value = rest.trim();
        }
        if is_list && !value.is_empty() && !value.starts_with("file:") {
            found.push((value.to_owned(), span));
        }
    }
    found
}

/// The folder in which the command was run, and the sources seen from it.
fn start(tree: &Tree<'_>, lock: &str, file: &File, command: Option<&Command>) -> (String, Vec<String>) {
    let mut names: Vec<String> =
        command.map_or_else(Vec::new, |command| command.sources().into_iter().map(str::to_owned).collect());
    let mut candidates = vec![folder(lock)];
    while let Some(last) = candidates.last().filter(|last| !last.is_empty()) {
        candidates.push(folder(last));
    }
    if names.is_empty() {
        // The command is somebody's own: whom the requirements name stands in their comments.
        let via = file.entries.iter().flat_map(|entry| entry.via.iter().flatten());
        let asking = via.filter(|via| !via.starts_with("-c ")).filter_map(|via| of_file(via));
        let asking: BTreeSet<&str> = asking.collect();
        names = asking.into_iter().map(str::to_owned).collect();
        // Another lock may be among them: what people edit comes first.
        names.sort_by_key(|name| name.ends_with(".txt"));
    }
    if names.is_empty() && (command.is_some() || file.is_annotated()) {
        let beside = lock.strip_suffix(".txt").map(|stem| format!("{stem}.in")).filter(|path| tree.has(path));
        names.extend(beside.map(|path| file_name(&path).to_owned()));
    }
    let output = command.and_then(Command::output);
    if output.is_some_and(|output| output.starts_with("../")) {
        let first = names.first().map_or("", |name| file_name(name));
        let paths = tree.paths().iter().copied().filter(|path| file_name(path) == first);
        candidates.extend(paths.map(folder));
    }
    let is_output = |base: &str| {
        output.is_none_or(|output| join(base, output).as_deref() == Some(lock) || output.starts_with('/'))
    };
    let has_all = |base: &&str| {
        names.iter().take(MOST_FILES).all(|name| join(base, name).is_some_and(|path| tree.has(&path)))
    };
    let fits = candidates.iter().find(|base| has_all(base) && is_output(base));
    let fits = fits.or_else(|| candidates.iter().find(|base| has_all(base)));
    let base = fits.or_else(|| candidates.iter().find(|base| is_output(base) && output.is_some()));
    (base.copied().unwrap_or_else(|| folder(lock)).to_owned(), names)
}

impl Ask {
    /// Its package, where it says one.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.what {
            Wants::Package(requirement) => Some(&requirement.name),
            Wants::Elsewhere(name) => name.as_deref(),
        }
    }
}
