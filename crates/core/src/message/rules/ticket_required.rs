//! The message names no ticket.

use super::{Complaint, MessageRule, Subject};
use crate::code::CodeInfo;
use crate::message::config::TicketPlace;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-011",
        name: "ticket-required",
        severity: Severity::Medium,
        summary: "The message names no ticket in any of the places of `ticket-in`.",
        why: "Without the ticket nobody can follow a change back to the reason for it.",
        fix: "Name the ticket, for example in a last line `Refs: ABC-123`.",
        fires: "fix: keep the login\n\nThe ticket is PROJ.",
        silent: "fix: keep the login\n\nRefs: PROJ-123",
    },
    options: "ticket-in = [\"header\", \"trailer\"]",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let places = &subject.config.ticket_in;
    let names = |text: &str| subject.patterns.ticket.as_ref().is_some_and(|ticket| ticket.is_match(text));
    let below = subject.text.get(subject.layout.header.range().end..).unwrap_or_default();
    let named = places.iter().any(|place| match place {
        TicketPlace::Header => names(subject.layout.header.text),
        TicketPlace::Body => names(below),
        TicketPlace::Trailer => subject.trailers.iter().any(|footer| names(&footer.value)),
    });
    if named || places.is_empty() || subject.layout.header.text.is_empty() {
        return;
    }
    let words: Vec<&str> = places.iter().map(|place| word(*place)).collect();
    let step = match places.first() {
        Some(TicketPlace::Header) => "name the ticket in the first line: fix: … (ABC-123)",
        Some(TicketPlace::Body) => "name the ticket below the first line",
        _ => "add a last paragraph that names the ticket: Refs: ABC-123",
    };
    complaints.push(Complaint {
        detail: String::new(),
        message: format!(
            "no ticket (`{}`) is named in the {}",
            subject.patterns.ticket_source,
            words.join(" or the ")
        ),
        range: subject.layout.header.range(),
        header: None,
        fix: vec![step.to_owned()],
    });
}

const fn word(place: TicketPlace) -> &'static str {
    match place {
        TicketPlace::Header => "header",
        TicketPlace::Body => "body",
        TicketPlace::Trailer => "trailers",
    }
}
