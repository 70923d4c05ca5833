//! The tickets that a text names, for records: what a rule demands of them is another question.

use crate::policy::{DEFAULT_TICKET, Policy, without_anchors};
use regex::Regex;

/// Finds the tickets in texts, by the policy's pattern.
#[derive(Clone, Debug)]
pub struct Tickets(Option<Regex>);

impl Tickets {
    /// The pattern of `message.ticket`. One that cannot be compiled finds nothing: the check of messages tells of it.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let bare = without_anchors(policy.ticket().unwrap_or(DEFAULT_TICKET));
        Self(Regex::new(&format!(r"(?:^|[^0-9A-Za-z])({bare})(?:$|[^0-9A-Za-z])")).ok())
    }

    /// The tickets that a text names, in its order.
    pub fn find<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let lines = text.lines();
        lines.flat_map(move |line| {
            let mut from = 0;
            std::iter::from_fn(move || {
                let found = self.0.as_ref()?.captures_at(line, from)?.get(1)?;
                // The character behind a ticket may be the one before the next.
                from = found.end().max(from.saturating_add(1));
                line.is_char_boundary(from).then_some(found.as_str())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Layer, Origin};

    fn policy(text: &str) -> Policy {
        let layer = Layer { origin: Origin::File("gatepost.toml".into()), text: text.to_owned() };
        Policy::load(&[layer]).unwrap()
    }

    #[test]
    fn tickets_are_found_in_their_order() {
        let tickets = Tickets::new(&policy(""));
        let found: Vec<&str> = tickets.find("feat: PAY-1 PAY-2\n\nRefs: OPS-77, xPAY-3\n").collect();
        assert_eq!(found, ["PAY-1", "PAY-2", "OPS-77"]);
        let tickets = Tickets::new(&policy("[message]\nticket = \"INC[0-9]+\""));
        assert_eq!(tickets.find("INC12 PAY-1 é").collect::<Vec<_>>(), ["INC12"]);
    }
}
