//! Whether a command of a script is reached: the blocks that it stands in, and what may end the script before it.

use super::words::{Line, Segment, first_word};
use super::{FARTHEST, gate};
use std::collections::{BTreeSet, HashMap};

/// Most early exits that are remembered at a time, and of a function; more are nobody's script.
const MOST_EXITS: usize = 100;

/// Most that are looked at in all: a function counts as often as it is called.
const MOST_SEEN: usize = 10_000;

/// Longest text of an early exit and of a condition, in characters.
const LONGEST: usize = 500;

/// Words that stand before the command that ends a script.
const BEFORE: &[&str] = &["then", "else", "do", "{"];

/// Where in a script the reading is.
#[derive(Debug, Default)]
pub(super) struct Flow {
    blocks: Vec<Block>,
    /// How many of the blocks have a condition.
    conditions: usize,
    /// The functions among the blocks.
    functions: Vec<Function>,
    /// How deep in subshells.
    parens: u32,
    exits: Vec<Exit>,
    seen: usize,
    /// What ends the script when a function is called.
    exits_of: HashMap<String, Vec<(String, bool)>>,
    /// Whether nothing behind this place is reached.
    is_over: bool,
}

#[derive(Debug)]
struct Block {
    /// What it waits for, in words; empty where it does not.
    condition: String,
    /// Whether the condition asks something, and is not only a command that should succeed.
    asks: bool,
    is_group: bool,
}

#[derive(Debug)]
struct Function {
    name: String,
    /// Its place among the blocks.
    block: usize,
    /// How many of the blocks around it have a condition.
    conditions: usize,
}

/// Something that may end the script with success, as long as the reading stays within some blocks and subshells.
#[derive(Debug)]
struct Exit {
    text: String,
    is_certain: bool,
    blocks: usize,
    parens: u32,
}

impl Flow {
    /// Whether nothing that comes now is reached.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Comes to a command: leaves what it closes, and sees whether it ends the script.
    pub(super) fn enter(&mut self, line: &Line, at: usize) {
        let Some(segment) = line.segments.get(at) else { return };
        match first_word(segment) {
            "fi" | "done" | "esac" => while self.leave().is_some_and(|block| block.is_group) {},
            "}" if self.blocks.last().is_some_and(|block| block.is_group) => drop(self.leave()),
            _ => {}
        }
        if segment.parens < self.parens {
            self.exits.retain(|exit| exit.parens <= segment.parens);
        }
        self.parens = segment.parens;
        let words = || segment.words.iter().map(String::as_str).skip_while(|word| BEFORE.contains(word));
        let called = words().next().filter(|_| self.seen < MOST_SEEN);
        let called = called.and_then(|name| self.exits_of.get(name)).cloned();
        let ends = matches!(words().next(), Some("exit" | "return" | "exec"));
        let opens = first_word(segment) == "{";
        if !ends && !opens && called.is_none() {
            return;
        }
        let mut before = chain(line, at);
        if opens {
            let name = line.segments.get(..at).and_then(|before| before.last());
            let name = name.filter(|name| name.operator == "(").and_then(|name| name.words.last());
            let condition = std::mem::take(&mut before.text);
            self.group(name, condition, asked(line, at).is_some());
        }
        for (text, is_certain) in called.unwrap_or_default() {
            self.exit(&before, &text, is_certain, false);
        }
        if ends && before.operator != "|" && !matches!(segment.operator, "|" | "&") {
            self.end(&words().collect::<Vec<_>>(), segment, &before);
        }
    }

    /// Goes behind a command: into the block that it opens.
    pub(super) fn open(&mut self, line: &Line, at: usize) {
        let Some(segment) = line.segments.get(at) else { return };
        match first_word(segment) {
            "if" | "while" | "until" | "for" | "case" => {
                self.push(Block { condition: condition(line, at), asks: true, is_group: false });
            }
            "function" if segment.words.last().is_some_and(|word| word == "{") => {
                self.group(segment.words.get(1), String::new(), false);
            }
            _ => {}
        }
    }

    /// Goes into what stands in braces: commands that wait for the same, or a function.
    fn group(&mut self, function: Option<&String>, condition: String, asks: bool) {
        if let Some(name) = function.filter(|_| condition.is_empty()) {
            let (name, block, conditions) = (name.clone(), self.blocks.len(), self.conditions);
            self.functions.push(Function { name, block, conditions });
        }
        self.push(Block { condition, asks, is_group: true });
    }

    fn push(&mut self, mut block: Block) {
        if let Some((end, _)) = block.condition.char_indices().nth(LONGEST) {
            block.condition.truncate(end);
        }
        self.conditions += usize::from(!block.condition.is_empty());
        self.blocks.push(block);
    }

    /// What must hold for a command to run: the blocks that it stands in, and what stands before it in its line.
    pub(super) fn conditions(&self, line: &Line, at: usize) -> BTreeSet<(String, bool)> {
        let asks = self.blocks.iter().take(FARTHEST).filter(|block| block.asks);
        let mut out: BTreeSet<(String, bool)> =
            asks.map(|block| (block.condition.clone(), block.condition == "if false")).collect();
        if line.segments.get(at).is_some_and(|segment| first_word(segment) != "{") {
            out.extend(asked(line, at));
        }
        out
    }

    /// What may have ended the script with success before this place.
    pub(super) fn exits(&self) -> BTreeSet<(String, bool)> {
        self.exits.iter().map(|exit| (exit.text.clone(), exit.is_certain)).collect()
    }

    fn leave(&mut self) -> Option<Block> {
        let block = self.blocks.pop()?;
        self.conditions -= usize::from(!block.condition.is_empty());
        let left = self.blocks.len();
        self.functions.pop_if(|function| function.block >= left);
        self.exits.retain(|exit| exit.blocks <= left);
        Some(block)
    }

    fn end(&mut self, words: &[&str], segment: &Segment, before: &Chain) {
        let (code, returns) = match words {
            ["exit", code @ ..] => (code.first().copied(), false),
            ["return", code @ ..] => (code.first().copied(), true),
            ["exec", program, ..] if !is_redirection(program) && gate(&segment.words).is_none() => {
                (Some("0"), false)
            }
            _ => return,
        };
        let is_inner = !self.functions.is_empty() || segment.parens > 0;
        if before.text.is_empty() && self.conditions == 0 && !is_inner {
            self.is_over = true;
        } else if !self.fails(code, before) {
            self.exit(before, &words.join(" "), true, !returns);
        }
    }

    /// Whether what ends with this code has failed, so that the change is not let through.
    fn fails(&self, code: Option<&str>, before: &Chain) -> bool {
        match code {
            None | Some("$?") => before.operator == "||",
            Some(code) if code.starts_with('$') => {
                // `[ $code -ne 0 ] && exit $code`
                let name = code.trim_matches(['$', '{', '}']);
                let around = self.blocks.iter().rev().take(FARTHEST).map(|block| block.condition.as_str());
                let mut asked = around.chain([before.text.as_str()]).filter(|text| text.contains(name));
                let unequal = |text: &str| ["-ne", "-gt", "!="].iter().any(|word| text.contains(word));
                !name.is_empty() && asked.any(|text| before.operator == "||" || unequal(text))
            }
            // The system keeps eight bits of it.
            Some(code) => code.parse::<i64>().is_ok_and(|code| code % 256 != 0),
        }
    }

    /// Remembers that the script may end here: for the rest of it, of a function, or of a subshell.
    fn exit(&mut self, before: &Chain, what: &str, is_certain: bool, of_script: bool) {
        self.seen = self.seen.saturating_add(1);
        if self.seen > MOST_SEEN {
            return;
        }
        let around = self.blocks.iter().take(FARTHEST).map(|block| block.condition.as_str());
        let mut text = String::new();
        for condition in around.filter(|condition| !condition.is_empty()) {
            text.push_str(condition);
            text.push_str(if condition.ends_with(['&', '|']) { " " } else { "; " });
        }
        for part in [before.text.as_str(), what].iter().filter(|part| !part.is_empty()) {
            text.push_str(part);
            text.push(' ');
        }
        let text: String = text.trim_end().chars().take(LONGEST).collect();
        let function = self.functions.last();
        let conditions = function.map_or(0, |function| function.conditions);
        let is_certain = is_certain && before.text.is_empty() && self.conditions == conditions;
        let is_known = |function: &&Function| self.exits_of.contains_key(&function.name);
        let has_room = self.exits_of.len() < MOST_EXITS;
        if let Some(function) = function.filter(|function| of_script && (has_room || is_known(function))) {
            let exits = self.exits_of.entry(function.name.clone()).or_default();
            if exits.len() < MOST_EXITS {
                exits.push((format!("{}: {text}", function.name), is_certain));
            }
        }
        let blocks = function.map_or(0, |function| function.block + 1);
        if self.exits.len() < MOST_EXITS {
            self.exits.push(Exit { text, is_certain, blocks, parens: self.parens });
        }
    }
}

/// What a command waits for in its line, as it is written there.
#[derive(Debug, Default)]
struct Chain {
    text: String,
    /// The operator right before the command.
    operator: &'static str,
}

fn chain(line: &Line, at: usize) -> Chain {
    let before = line.segments.get(..at).unwrap_or_default();
    let operator = before.last().map_or("", |segment| segment.operator);
    let linked = before.iter().rev().take(FARTHEST);
    let linked: Vec<&Segment> =
        linked.take_while(|segment| matches!(segment.operator, "&&" | "||")).collect();
    let parts = linked.into_iter().rev().map(|segment| joined(segment) + " " + segment.operator);
    Chain { text: parts.collect::<Vec<_>>().join(" "), operator }
}

/// What stands before a command with `&&` or `||` and asks something; a step before it that should succeed does not.
fn asked(line: &Line, at: usize) -> Option<(String, bool)> {
    let segment = line.segments.get(..at)?.last()?;
    let (words, first) = (segment.words.join(" "), first_word(segment));
    match segment.operator {
        "&&" if ["[", "[[", "test", "command", "which", "type", "false", "!"].contains(&first) => {
            Some((format!("{words} &&"), first == "false"))
        }
        "||" => Some((format!("{words} ||"), first == "true")),
        _ => None,
    }
}

/// The condition that a command opens a block with, to its end.
fn condition(line: &Line, at: usize) -> String {
    let mut parts = Vec::new();
    for segment in line.segments.iter().skip(at).take(FARTHEST) {
        parts.push(segment.words.join(" "));
        match segment.operator {
            operator @ ("&&" | "||" | "|") => parts.push(operator.to_owned()),
            _ => break,
        }
    }
    parts.join(" ")
}

fn joined(segment: &Segment) -> String {
    let words = segment.words.iter().map(String::as_str).skip_while(|word| BEFORE.contains(word));
    words.collect::<Vec<_>>().join(" ")
}

/// Whether `exec` only moves the files of the script: `exec 1>&2`, `exec < /dev/tty`.
fn is_redirection(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '<' | '>' | '&' | '{'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::said;

    #[test]
    fn what_may_end_a_script_before_the_gate() {
        for (before, exit) in [
            ("[ -n \"$X\" ] && exit 0", "[ -n $X ] && exit 0"),
            ("[ -n \"$X\" ] &&\n  exit", "[ -n $X ] && exit"),
            ("a && b || exit 0", "a && b || exit 0"),
            ("if a && b; then\n  exit 0\nfi", "if a && b; exit 0"),
            ("if a; then exit 1; else exit 0; fi", "if a; exit 0"),
            ("case $x in a) exit 0;; esac", "case $x in a; exit 0"),
            ("a && { make; exit 0; }", "a && exit 0"),
            ("a && return 0", "a && return 0"),
            ("a && exec ./other", "a && exec ./other"),
            ("a && exec \"$@\"", "a && exec $@"),
            ("f() { a && exit 0; }\nf", "f: a && exit 0"),
            ("function f {\n  exit 0\n}\nb && f", "b && f: exit 0"),
            ("a && exit 256", "a && exit 256"),
            ("[ $code -eq 0 ] && exit $code", "[ $code -eq 0 ] && exit $code"),
        ] {
            let script = format!("{before}\ngatepost run ci");
            let line = script.lines().count();
            assert_eq!(said(&script), [format!("{line} gatepost run ci [early exit: {exit}]")], "{script}");
        }
        assert_eq!(
            said("f() {\n  a && return 0\n  gatepost run ci\n}\ngatepost run pre-push"),
            ["3 gatepost run ci [early exit: a && return 0]", "5 gatepost run pre-push"]
        );
        assert_eq!(said("exit 0; gatepost run ci"), [""; 0]);
        assert_eq!(said("{ make; exit 0; }\ngatepost run ci"), [""; 0]);
    }

    #[test]
    fn what_fails_or_ends_something_else_is_no_early_exit() {
        for before in [
            "set -e",
            "a && exit 1",
            "a || exit",
            "a || exit $?",
            "a || { b; exit 1; }",
            "a ||\n  exit 1",
            "if a; then exit 2; fi",
            "[ $code -ne 0 ] && exit $code",
            "if [ \"$code\" != 0 ]; then exit \"$code\"; fi",
            "(cd b && make; exit 0)",
            "a=$(b; exit 0)",
            "a && exit 0 | b",
            "f() { exit 0; }",
            "f() { a && return 0; }\nf",
            "a && exec 1>&2",
            "if a; then exec < /dev/tty; fi",
            "a && exec gatepost-pre-push",
            "echo 'a && exit 0'",
            "# a && exit 0",
        ] {
            let found = said(&format!("{before}\ngatepost run ci"));
            let last = found.last().map(|text| text.split_once(' ').unwrap().1);
            assert_eq!(last, Some("gatepost run ci"), "{before}");
        }
    }

    #[test]
    fn much_of_everything_is_read() {
        let deep = format!("{}gatepost run ci", "if a; then b && exit 0; ".repeat(5_000));
        assert_eq!(said(&deep).len(), 1);
        let exits = "a && exit 0; ".repeat(200);
        let called = format!("f() {{ {exits} }}\n{}gatepost run ci", "(f)\n".repeat(5_000));
        assert_eq!(said(&called), ["5002 gatepost run ci"]);
    }
}
