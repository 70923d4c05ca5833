//! Pipelines of Jenkins, which are programs in Groovy: read line by line, as text.
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
    for line in text.lines() {
        number = number.saturating_add(1);
        if line.trim_start().starts_with("//") {
            continue;
        }
        // A command is a string of the program: without its quotes it stands there by itself.
        let bare: String = line.chars().map(|c| if matches!(c, '\'' | '"') { ' ' } else { c }).collect();
        for invocation in shell::invocations(&bare) {
            let mut settings = invocation.settings;
            settings.extend(
                open.iter()
                    .copied()
                    .flatten()
                    .map(|step| Setting::softened(step, "around it", true, &NOT_BLOCKING)),
            );
            if line.contains("returnStatus: true") {
                settings.push(Setting::softened("returnStatus", "true", true, &NOT_BLOCKING));
            }
            out.push(Gate {
                what: format!("`{}`", invocation.command),
                place: String::new(),
                line: number,
                removed: &GATE_REMOVED,
                settings: settings.into_iter().map(|setting| setting.at(number)).collect(),
            });
        }
        for c in line.chars() {
            match c {
                '{' => open.push(SWALLOWING.iter().copied().find(|step| line.contains(step))),
                '}' => drop(open.pop()),
                _ => {}
            }
        }
    }
    out
}
