//! Messages of tags that do not say of what they are.

use super::super::subject::{Complaint, Subject};
use super::super::versions::{holds, short_tag};
use super::UpdateRule;
use crate::code::CodeInfo;
use crate::history::Unanswered;
use crate::severity::Severity;
use crate::text::shell_word;

pub(super) const RULE: UpdateRule = UpdateRule {
    info: CodeInfo {
        code: "GP-REF-035",
        name: "tag-message",
        severity: Severity::Low,
        summary: "The message of an annotated tag does not hold its version, or that of a hotfix no ticket.",
        why: "The message is what a signature covers beside the commit, and what a release list shows; a hotfix without its ticket cannot be traced to the incident.",
        fix: "Make the tag anew: `git tag -f -a v1.4.2 -m 'Release v1.4.2' v1.4.2^{}`; of a hotfix `-m 'Hotfix v1.4.3 (ABC-123)'`.",
        fires: "git tag -a v1.4.2 -m 'the release'",
        silent: "git tag -a v1.4.2 -m 'Release v1.4.2'",
    },
    levels: |block| block.naming.message_names_version.clone(),
    in_ci: false,
    judge,
};

/// The branches of hotfixes.
const HOTFIX: &[u8] = b"hotfix/";

fn judge(subject: &Subject<'_>) -> Result<Vec<Complaint>, Unanswered> {
    let moved = subject.moved;
    // What has no message is for `annotated` to say.
    let Some(tag) = moved.tip()?.and_then(|tip| tip.tags.first()) else { return Ok(Vec::new()) };
    let Some(short) = short_tag(&moved.update.name) else { return Ok(Vec::new()) };
    let message = String::from_utf8_lossy(&tag.message);
    // What a signature spells is nobody's word.
    let text = message.split("-----BEGIN ").next().unwrap_or_default();
    let name = shell_word(short);
    let version = moved.tagged().map_or_else(|| short.to_owned(), |tagged| tagged.version.to_string());
    let mut complaints = Vec::new();
    if !holds(text, &version) {
        let message =
            format!("the message of the {} does not name {version}: {}", moved.named(), first_line(text));
        let fix = format!("git tag -f -a {name} -m \"Release {name}\" {name}^{{}}");
        complaints.push(
            Complaint::new(message)
                .fix(fix)
                .fix("push it again, past the tag that is there if it has landed"),
        );
    }
    if !subject.block.naming.ticket.is_match(text)
        && let Some(why) = hotfix(subject, text)?
    {
        let message =
            format!("the message of the {} names no ticket, and it is a hotfix: {why}", moved.named());
        let mut complaint = Complaint::new(message)
            .fix(format!("git tag -f -a {name} -m \"Hotfix {name} (TICKET)\" {name}^{{}}"));
        complaint.detail = "ticket".to_owned();
        complaints.push(complaint);
    }
    Ok(complaints)
}

/// Why a tag is one of a hotfix; `None` where it is none.
fn hotfix(subject: &Subject<'_>, text: &str) -> Result<Option<String>, Unanswered> {
    let first = text.trim_start().get(..6).unwrap_or_default();
    if first.eq_ignore_ascii_case("hotfix") {
        return Ok(Some("it says so itself".to_owned()));
    }
    let Some(commit) = subject.tagged_commit()? else { return Ok(None) };
    let is_hotfix = |name: &crate::RefName| name.branch().is_some_and(|name| name.starts_with(HOTFIX));
    let mut branches = subject.moved.branches_with(&commit, is_hotfix)?;
    let Some((name, _)) = branches.pop() else { return Ok(None) };
    // A commit that other branches have was there before the hotfix.
    let elsewhere = subject.moved.branches_with(&commit, |name| !is_hotfix(name))?;
    Ok(elsewhere.is_empty().then(|| format!("it stands on {} alone", name.shown())))
}

/// The first line, for people.
fn first_line(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.lines().find(|line| !line.trim().is_empty()) {
        Some(line) => format!("“{}”", line.trim().chars().take(SHOWN).collect::<String>()),
        None => "it is empty".to_owned(),
    }
}
