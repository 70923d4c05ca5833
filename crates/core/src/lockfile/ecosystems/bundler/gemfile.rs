//! What a Gemfile and a gemspec say, as far as they are literal.

use super::lock::Requirement;
use super::ruby::{Statement, Token, Value, arguments, statements};
use std::ops::Range;

/// A gem that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) name: String,
    /// `None`: it is computed.
    pub(super) requirement: Option<Requirement>,
    pub(super) written: String,
    pub(super) source: Option<GemSource>,
    pub(super) is_development: bool,
    /// Whether it is only for some platforms: none of them may be locked.
    pub(super) is_for_platforms: bool,
    /// Whether it stands where it surely counts.
    pub(super) is_certain: bool,
    pub(super) span: Range<usize>,
}

/// Where a gem comes from when that is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum GemSource {
    Path(String),
    Git {
        url: String,
        options: Vec<(String, String)>,
    },
    Registry(String),
    /// It is computed.
    Unknown,
}

/// What a Gemfile says.
#[derive(Default, Debug)]
pub(super) struct Gemfile {
    pub(super) gems: Vec<Asked>,
    pub(super) sources: Vec<(String, Range<usize>)>,
    /// Folder, name, and whether it surely counts.
    pub(super) gemspecs: Vec<(String, Option<String>, Range<usize>)>,
    pub(super) included: Vec<(String, Range<usize>)>,
    pub(super) has_ruby: Option<Range<usize>>,
    /// What is not literal, and where.
    pub(super) unclear: Vec<(String, Range<usize>)>,
}

/// What a gemspec says.
#[derive(Default, Debug)]
pub(super) struct Gemspec {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) needs: Vec<Asked>,
    pub(super) is_unclear: bool,
}

#[derive(Clone)]
enum Block {
    /// It changes nothing: `env`, `install_if`.
    Plain,
    Group(bool),
    Platforms,
    Source(GemSource),
    /// Whether what is in it counts is computed.
    Unknown,
}

const OPENERS: [&str; 11] =
    ["if", "unless", "case", "begin", "def", "class", "module", "while", "until", "for", "loop"];

fn has_word(tokens: &[Token], names: &[&str]) -> bool {
    tokens.iter().any(|token| matches!(token, Token::Word(word) if names.contains(&word.as_str())))
}

/// Reads a Gemfile; `None`: it is no Ruby that can be followed.
pub(super) fn gemfile(text: &str) -> Option<Gemfile> {
    let mut reading = Reading { found: Gemfile::default(), blocks: Vec::new(), has_own_github: false };
    for statement in statements(text)? {
        reading.statement(&statement)?;
    }
    reading.blocks.is_empty().then_some(reading.found)
}

struct Reading {
    found: Gemfile,
    blocks: Vec<Block>,
    has_own_github: bool,
}

impl Reading {
    fn is_certain(&self) -> bool {
        !self.blocks.iter().any(|block| matches!(block, Block::Unknown))
    }

    fn unclear(&mut self, why: impl Into<String>, span: &Range<usize>) {
        self.found.unclear.push((why.into(), span.clone()));
    }

    fn statement(&mut self, statement: &Statement) -> Option<()> {
        let Statement { tokens, span } = statement;
        let (first, rest) = tokens.split_first()?;
        let Token::Word(first) = first else {
            return self.other(tokens, "an expression", span);
        };
        if first == "end" {
            self.blocks.pop()?;
            return Some(());
        }
        if matches!(first.as_str(), "else" | "elsif" | "when" | "in" | "rescue" | "ensure" | "then") {
            return Some(());
        }
        if OPENERS.contains(&first.as_str()) {
            return self.other(tokens, &format!("a `{first}`"), span);
        }
        let has_block = has_word(rest, &["do"]);
        let is_conditional = has_word(rest, &["if", "unless"]);
        let (values, options) = arguments(rest);
        let text = |at: usize| values.get(at).and_then(Value::text).map(str::to_owned);
        let block = match first.as_str() {
            "gem" => {
                if is_conditional {
                    self.unclear("a gem under a condition", span);
                }
                return self.gem(&values, &options, is_conditional, span);
            }
            "source" if !is_conditional => match (text(0), has_block) {
                (Some(url), true) => Block::Source(GemSource::Registry(url)),
                (Some(url), false) => {
                    self.found.sources.push((url, span.clone()));
                    return Some(());
                }
                (None, _) => {
                    self.unclear("a `source` that is computed", span);
                    Block::Source(GemSource::Unknown)
                }
            },
            "gemspec" if !is_conditional => {
                self.gemspec(&options, span);
                return Some(());
            }
            "eval_gemfile" if !is_conditional && text(0).is_some() => {
                self.found.included.extend(text(0).map(|path| (path, span.clone())));
                return Some(());
            }
            "ruby" => {
                self.found.has_ruby = Some(span.clone());
                return Some(());
            }
            "plugin" => return Some(()),
            "git_source" if values.first() == Some(&Value::Symbol("github".to_owned())) || !has_block => {
                self.has_own_github = true;
                if has_block { Block::Plain } else { return Some(()) }
            }
            "group" => {
                let is_development = values.iter().all(|value| {
                    matches!(value, Value::Symbol(name) | Value::Text(name) if matches!(name.as_str(), "development" | "test" | "dev" | "lint" | "ci" | "doc" | "docs"))
                });
                Block::Group(is_development)
            }
            "platforms" | "platform" => Block::Platforms,
            "path" => Block::Source(text(0).map_or(GemSource::Unknown, GemSource::Path)),
            "git" | "github" => Block::Source(self.git(first, text(0), &options)),
            "install_if" | "env" => Block::Plain,
            _ => return self.other(tokens, &format!("`{first}`"), span),
        };
        if has_block {
            if has_word(rest, &["end"]) {
                return self.other(&[], &format!("a `{first}` of one line"), span);
            }
            self.blocks.push(block);
        } else if !values.is_empty() {
            self.unclear(format!("a `{first}` without a block that is understood"), span);
        }
        Some(())
    }

    /// Whatever is not literal, with the blocks that it opens.
    fn other(&mut self, tokens: &[Token], what: &str, span: &Range<usize>) -> Option<()> {
        self.unclear(format!("{what}, which is not literal"), span);
        let mut opens = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            let is_start = at == 0 || matches!(tokens.get(at - 1), Some(Token::Mark('=')));
            let is_loop = matches!(tokens.first(), Some(Token::Word(first)) if matches!(first.as_str(), "while" | "until" | "for"));
            match word.as_str() {
                "end" => opens = opens.checked_sub(1)?,
                "do" if !is_loop => opens += 1,
                word if is_start && OPENERS.contains(&word) && word != "loop" => opens += 1,
                _ => {}
            }
        }
        self.blocks.extend(std::iter::repeat_n(Block::Unknown, opens));
        Some(())
    }

    fn git(&self, kind: &str, url: Option<String>, options: &[(String, Value)]) -> GemSource {
        let Some(url) = url.filter(|_| !(kind == "github" && self.has_own_github)) else {
            return GemSource::Unknown;
        };
        let url = match kind {
            "github" if url.contains("://") => return GemSource::Unknown,
            "github" if url.contains('/') => format!("https://github.com/{url}.git"),
            "github" => format!("https://github.com/{url}/{url}.git"),
            _ => url,
        };
        let mut kept = Vec::new();
        for (key, value) in options.iter().filter(|(key, _)| matches!(key.as_str(), "branch" | "tag" | "ref"))
        {
            match value.text() {
                Some(text) => kept.push((key.clone(), text.to_owned())),
                None => return GemSource::Unknown,
            }
        }
        kept.sort();
        GemSource::Git { url, options: kept }
    }

    fn gemspec(&mut self, options: &[(String, Value)], span: &Range<usize>) {
        let option = |key: &str| options.iter().find(|(known, _)| known == key).map(|(_, value)| value);
        let text = |key: &str| option(key).map(|value| value.text().map(str::to_owned));
        let (path, name) = (text("path"), text("name"));
        let is_dynamic = matches!(path, Some(None)) || matches!(name, Some(None)) || option("glob").is_some();
        if is_dynamic || !self.is_certain() {
            self.unclear("a `gemspec` that is computed", span);
            return;
        }
        let path = path.flatten().unwrap_or_else(|| ".".to_owned());
        self.found.gemspecs.push((path, name.flatten(), span.clone()));
    }

    fn gem(
        &mut self,
        values: &[Value],
        options: &[(String, Value)],
        is_conditional: bool,
        span: &Range<usize>,
    ) -> Option<()> {
        let Some(name) = values.first().and_then(Value::text) else {
            self.unclear("a `gem` whose name is computed", span);
            return Some(());
        };
        let option = |key: &str| options.iter().find(|(known, _)| known == key).map(|(_, value)| value);
        let parts: Option<Vec<String>> =
            values.iter().skip(1).map(Value::texts).collect::<Option<Vec<_>>>().map(|all| all.concat());
        let requirement = parts.as_ref().and_then(|parts| Requirement::new(parts.iter().map(String::as_str)));
        let known = [
            "group",
            "groups",
            "git",
            "github",
            "path",
            "branch",
            "tag",
            "ref",
            "require",
            "platforms",
            "platform",
            "source",
            "submodules",
            "install_if",
            "glob",
            "env",
            "gist",
            "bitbucket",
            "gitlab",
            "force_ruby_platform",
        ];
        let own = options.iter().find(|(key, _)| !known.contains(&key.as_str()));
        let of = |key: &str| option(key).map(|value| value.text().map(str::to_owned));
        let around = self.blocks.iter().rev().find_map(|block| match block {
            Block::Source(source) => Some(source.clone()),
            _ => None,
        });
        let source = if own.is_some() || option("gist").or(option("bitbucket")).or(option("gitlab")).is_some()
        {
            Some(GemSource::Unknown)
        } else if let Some(path) = of("path") {
            Some(path.map_or(GemSource::Unknown, GemSource::Path))
        } else if let Some(url) = of("git") {
            Some(self.git("git", url, options))
        } else if let Some(url) = of("github") {
            Some(self.git("github", url, options))
        } else if let Some(url) = of("source") {
            Some(url.map_or(GemSource::Unknown, GemSource::Registry))
        } else {
            around
        };
        let is_group = |value: &Value| {
            let names = ["development", "test", "dev", "lint", "ci", "doc", "docs"];
            let is = |value: &Value| matches!(value, Value::Symbol(name) | Value::Text(name) if names.contains(&name.as_str()));
            match value {
                Value::List(items) => items.iter().all(is),
                value => is(value),
            }
        };
        let in_group = self.blocks.iter().any(|block| matches!(block, Block::Group(true)));
        let in_platforms = self.blocks.iter().any(|block| matches!(block, Block::Platforms));
        if requirement.is_none() && !is_conditional {
            self.unclear(format!("the requirement of {name} is computed"), span);
        }
        self.found.gems.push(Asked {
            name: name.to_owned(),
            written: parts.unwrap_or_default().join(", "),
            requirement,
            source,
            is_development: in_group || option("group").or(option("groups")).is_some_and(is_group),
            is_for_platforms: in_platforms || option("platforms").or(option("platform")).is_some(),
            is_certain: self.is_certain() && !is_conditional,
            span: span.clone(),
        });
        Some(())
    }
}

/// Reads a gemspec; `None`: it is no Ruby that can be followed.
pub(super) fn gemspec(text: &str) -> Option<Gemspec> {
    let mut found = Gemspec::default();
    // Of every open block whether what is in it surely counts.
    let mut blocks: Vec<bool> = Vec::new();
    for Statement { tokens, span } in statements(text)? {
        let first = match tokens.first() {
            Some(Token::Word(word)) => word.as_str(),
            _ => "",
        };
        if first == "end" {
            blocks.pop()?;
            continue;
        }
        let is_certain = blocks.iter().all(|block| *block);
        let is_conditional = !is_certain || has_word(&tokens, &["if", "unless"]);
        if let [Token::Word(_), Token::Mark('.'), Token::Word(method), rest @ ..] = tokens.as_slice() {
            attribute(&mut found, method, rest, is_conditional, &span);
        }
        if first == "Gem" {
            // `Gem::Specification.new` may be given the name and the version.
            let (values, _) = arguments(tokens.get(5..).unwrap_or_default());
            let text = |at: usize| values.get(at).and_then(Value::text).map(str::to_owned);
            (found.name, found.version) = (text(0), text(1));
        }
        let is_loop = matches!(first, "while" | "until" | "for");
        for (at, token) in tokens.iter().enumerate() {
            let Token::Word(word) = token else { continue };
            let is_start = at == 0 || matches!(tokens.get(at - 1), Some(Token::Mark('=')));
            match word.as_str() {
                "end" => drop(blocks.pop()?),
                "do" if !is_loop => blocks.push(first == "Gem"),
                word if is_start && OPENERS.contains(&word) && word != "loop" => blocks.push(false),
                _ => {}
            }
        }
    }
    blocks.is_empty().then_some(found)
}

fn attribute(found: &mut Gemspec, method: &str, rest: &[Token], is_conditional: bool, span: &Range<usize>) {
    match (method, rest) {
        ("name" | "version", [Token::Mark('='), value @ ..]) => {
            let (values, _) = arguments(value);
            let value = values.first().and_then(Value::text).filter(|_| !is_conditional).map(str::to_owned);
            if method == "name" {
                found.name = value;
            } else {
                found.version = value;
            }
        }
        ("add_dependency" | "add_runtime_dependency" | "add_development_dependency", rest) => {
            let (values, _) = arguments(rest);
            let Some(name) = values.first().and_then(Value::text) else {
                found.is_unclear = true;
                return;
            };
            let parts: Option<Vec<String>> =
                values.iter().skip(1).map(Value::texts).collect::<Option<Vec<_>>>().map(|all| all.concat());
            found.needs.push(Asked {
                name: name.to_owned(),
                requirement: parts
                    .as_ref()
                    .and_then(|parts| Requirement::new(parts.iter().map(String::as_str))),
                written: parts.unwrap_or_default().join(", "),
                source: None,
                is_development: method == "add_development_dependency",
                is_for_platforms: false,
                is_certain: !is_conditional,
                span: span.clone(),
            });
            found.is_unclear |= is_conditional;
        }
        _ => {}
    }
}
