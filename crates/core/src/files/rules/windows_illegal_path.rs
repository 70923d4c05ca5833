//! A path that Windows cannot hold.
//!
//! Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.

use super::{Complaint, FileRule};
use crate::code::CodeInfo;
use crate::severity::Severity;
use crate::text::display;

pub(super) const RULE: FileRule = FileRule {
    info: CodeInfo {
        code: "GP-FILE-007",
        name: "windows-illegal-path",
        severity: Severity::Medium,
        summary: "A new path has a name that Windows reserves, a character that it does not take, or a dot or space at a name's end.",
        why: "Nobody on Windows can check the commit out, nor any later one.",
        fix: "Rename the file or the folder.",
        fires: "src/aux.c",
        silent: "src/auxiliary.c",
    },
    options: "windows-paths = \"deny\"",
    level: |settings, _| settings.windows_paths,
    judge: |subject| {
        if !subject.document.is_new {
            return None;
        }
        let (name, problem) = subject
            .path
            .as_bytes()
            .split(|byte| *byte == b'/')
            .find_map(|name| Some((name, problem(name)?)))?;
        Some(Complaint {
            message: format!(
                "Windows cannot check {} out: the name `{}` {problem}",
                subject.path.escaped(),
                display(name)
            ),
            fix: vec!["rename it: git mv OLD NEW".to_owned()],
        })
    },
};

/// Names of devices, whatever follows them behind a dot. The digits of `COM` and `LPT` can be superscripts.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
const NUMBERED: &[&str] = &["COM", "LPT"];
const NUMBERS: &str = "0123456789\u{b9}\u{b2}\u{b3}";

fn problem(name: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(name).into_owned();
    let illegal = |c: &char| matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\') || *c < ' ';
    if let Some(character) = text.chars().find(illegal) {
        return Some(format!("has the character `{}`", character.escape_default()));
    }
    if text.ends_with(['.', ' ']) {
        return Some("ends with a dot or a space".to_owned());
    }
    let stem = text.split('.').next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    let numbered = NUMBERED.iter().filter_map(|device| stem.strip_prefix(device));
    let is_numbered = numbered
        .into_iter()
        .any(|rest| rest.chars().count() == 1 && rest.chars().all(|c| NUMBERS.contains(c)));
    (is_numbered || DEVICES.contains(&stem.as_str())).then(|| "is a device's".to_owned())
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn names_of_devices_and_characters() {
        for name in ["NUL", "com1.txt", "Aux .c", "lpt\u{b2}", "a:b", "a\\b", "a\tb", "what?", "end.", "end "]
        {
            assert!(problem(name.as_bytes()).is_some(), "{name}");
        }
        for name in ["com", "com10", "console", "null", ".gitignore", "a b", "\u{fc}", "nul_"] {
            assert_eq!(problem(name.as_bytes()), None, "{name}");
        }
    }
}
