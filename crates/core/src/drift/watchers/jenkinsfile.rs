//! Pipelines of Jenkins, which are programs in Groovy: read as text, line by line.
//!
//! Source: <https://www.jenkins.io/doc/book/pipeline/syntax/>.

use super::super::codes::{GATE_REMOVED, NOT_BLOCKING};
use super::super::gate::{Gate, Setting};
use super::super::shell;
use super::{Watcher, gates, parts};

pub(super) const WATCHER: Watcher = Watcher {
    watches: |path, _| {
        let name = parts(path).1.to_ascii_lowercase();
        name.starts_with("jenkinsfile") || name.ends_with(".jenkinsfile")
    },
    judge: |changes| gates(changes, |text| Ok(steps(text))),
};

/// Steps that swallow the failure of what stands in their block.
const SWALLOWING: &[&str] = &["catchError", "warnError"];

fn steps(text: &str) -> Vec<Gate> {
    let (mut out, mut open, mut number) = (Vec::new(), Vec::new(), 0_u32);
    let (mut script, mut is_long) = (Vec::new(), false);
    for line in text.lines() {
        number = number.saturating_add(1);
        if line.trim_start().starts_with("//") {
            continue;
        }
        // A text in three quotes is one script, however many lines it has.
        let quotes = line.matches("'''").count() + line.matches("\"\"\"").count();
        is_long ^= quotes % 2 == 1;
        script.push((number, command(line)));
        if !is_long {
            gates_of(&script, line, &open, &mut out);
            script.clear();
        }
        for c in line.chars() {
            match c {
                '{' => open.push(SWALLOWING.iter().copied().find(|step| line.contains(step))),
                '}' => drop(open.pop()),
                _ => {}
            }
        }
    }
    gates_of(&script, "", &open, &mut out);
    out
}

/// What a line has a shell do. A command is a string of the program: without its quotes it stands there by itself.
fn command(line: &str) -> String {
    let bare: String = line.chars().map(|c| if matches!(c, '\'' | '"') { ' ' } else { c }).collect();
    let bare = bare.trim_start();
    let step = bare.split_once(" sh ").map(|(_, command)| command);
    bare.strip_prefix("sh ").or(step).unwrap_or(bare).to_owned()
}

/// The gates of a script; `last` is the line that it ends in.
fn gates_of(script: &[(u32, String)], last: &str, open: &[Option<&str>], out: &mut Vec<Gate>) {
    let parts: Vec<(u32, &str)> = script.iter().map(|(number, line)| (*number, line.as_str())).collect();
    for invocation in shell::invocations_in(&parts) {
        let mut settings = invocation.settings;
        let swallowing = open.iter().copied().flatten();
        settings.extend(swallowing.map(|step| Setting::softened(step, "around it", true, &NOT_BLOCKING)));
        if last.contains("returnStatus: true") {
            settings.push(Setting::softened("returnStatus", "true", true, &NOT_BLOCKING));
        }
        out.push(Gate {
            what: format!("`{}`", invocation.command),
            place: String::new(),
            line: invocation.line,
            removed: &GATE_REMOVED,
            settings: settings.into_iter().map(|setting| setting.at(invocation.line)).collect(),
        });
    }
}
