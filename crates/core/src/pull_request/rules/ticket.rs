//! No ticket is named.

use super::super::config::TicketPlace;
use super::{Complaint, PullRequestRule, Subject, Verdicts};
use crate::code::CodeInfo;
use crate::severity::Severity;

pub(super) const RULE: PullRequestRule = PullRequestRule {
    info: CodeInfo {
        code: "GP-PR-001",
        name: "pull-request-ticket",
        severity: Severity::Medium,
        summary: "A pull request names no ticket in any of the places of `ticket-in`.",
        why: "Without the ticket nobody can follow a change back to the reason for it, and with squash merges the pull request is all that is left.",
        fix: "Name the ticket in the title or the description.",
        fires: "feat: add the export\n\nThe ticket is <!-- ABC-123 -->.",
        silent: "feat: add the export\n\nThe ticket is ABC-123.",
    },
    options: "ticket-in = [\"title\", \"body\"]",
    judge,
};

fn judge(subject: &Subject<'_>, verdicts: &mut Verdicts) {
    let settings = subject.settings;
    let names = |text: &str| settings.ticket.as_ref().is_some_and(|ticket| ticket.is_match(text));
    let mut unknown = None;
    for place in &settings.ticket_in {
        let (what, found) = match place {
            TicketPlace::Title => ("title", subject.facts.title.get().map(|title| names(title))),
            TicketPlace::Body => {
                let visible = subject.visible.is_some_and(|visible| names(&visible.text));
                let found = subject.facts.body.get().and_then(|body| match &body.cut {
                    Some(cut) if !visible => Err(cut),
                    _ => Ok(visible),
                });
                ("body", found)
            }
        };
        match found {
            Ok(true) => return,
            Ok(false) => {}
            Err(why) => unknown = Some((what, why.clone())),
        }
    }
    // It may stand in what is not known.
    if let Some(unknown) = unknown {
        verdicts.unknown.push(unknown);
        return;
    }
    let words: Vec<&str> = settings.ticket_in.iter().map(|place| word(*place)).collect();
    if words.is_empty() {
        return;
    }
    let place = if settings.ticket_in.contains(&TicketPlace::Title) { "title" } else { "body" };
    verdicts.complaints.push(Complaint {
        message: format!(
            "no ticket (`{}`) is named in the {}",
            settings.ticket_source,
            words.join(" or the ")
        ),
        place,
        shown: subject.facts.title.known().filter(|_| place == "title").cloned(),
        about: String::new(),
        fix: vec![format!("name the ticket in the {}", words.join(" or the "))],
    });
}

const fn word(place: TicketPlace) -> &'static str {
    match place {
        TicketPlace::Title => "title",
        TicketPlace::Body => "body",
    }
}
