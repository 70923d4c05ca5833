//! What a request for break-glass must say, and everything that is wrong with one, at once: who types it at night
//! gets one answer and a command to paste.

use super::Config;
use crate::text::{escape, shell_word};
use crate::{Date, Timestamp};

/// The least a reason must say, as of an exception's.
const REASON_CHARACTERS: usize = 10;
/// The most that a field may say.
const LONGEST: usize = 1000;
/// The last day that a request may name, from today.
const LONGEST_LIFE_DAYS: i32 = 7;

/// A field of a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Field {
    /// Why the push cannot wait.
    Reason,
    /// Who answers for it.
    Owner,
    /// Who allowed it.
    Approver,
    /// The last day of the obligation.
    Expires,
    /// What it touches.
    Scope,
    /// How it is undone.
    Rollback,
    /// The day by which the commits pass in full.
    Remediation,
    /// The ticket it is discussed in.
    Ticket,
}

impl Field {
    /// Every field, in the order in which a command names them.
    pub const ALL: &[Self] = &[
        Self::Reason,
        Self::Owner,
        Self::Approver,
        Self::Expires,
        Self::Scope,
        Self::Rollback,
        Self::Remediation,
        Self::Ticket,
    ];

    /// Its name in an option and in the policy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Owner => "owner",
            Self::Approver => "approver",
            Self::Expires => "expires",
            Self::Scope => "scope",
            Self::Rollback => "rollback",
            Self::Remediation => "remediation",
            Self::Ticket => "ticket",
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == word)
    }

    /// What it says, in a few words.
    const fn meaning(self) -> &'static str {
        match self {
            Self::Reason => "why this cannot wait",
            Self::Owner => "who answers for it",
            Self::Approver => "who allowed it",
            Self::Expires => "the last day it may stand",
            Self::Scope => "what it touches",
            Self::Rollback => "how it is undone",
            Self::Remediation => "the day by which the gate passes",
            Self::Ticket => "its ticket",
        }
    }

    fn is_required(self, config: &Config) -> bool {
        matches!(self, Self::Reason | Self::Owner | Self::Expires)
            || config.require.iter().any(|word| word == self.as_str())
    }
}

/// A request that says everything it must.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Why the push cannot wait.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who allowed it.
    pub approver: Option<String>,
    /// The last day of the obligation.
    pub expires: Date,
    /// What it touches.
    pub scope: Option<String>,
    /// How it is undone.
    pub rollback: Option<String>,
    /// The day by which the commits pass in full.
    pub remediation: Option<Date>,
    /// The ticket it is discussed in.
    pub ticket: Option<String>,
}

/// What is wrong with a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// Each mistake, in a line.
    pub mistakes: Vec<String>,
    /// The command that asks properly: what was right is in it, what was not is in angle brackets.
    pub command: String,
}

impl Request {
    /// Reads what `pusher` wrote. `today` is the day in UTC.
    ///
    /// # Errors
    ///
    /// Everything that is missing or wrong.
    pub fn read(
        fields: &[(Field, String)],
        config: &Config,
        pusher: &str,
        today: Date,
    ) -> Result<Self, Wrong> {
        let mut reader = Reader { fields, config, pusher, today, mistakes: Vec::new(), kept: Vec::new() };
        let request = reader.request();
        match request.filter(|_| reader.mistakes.is_empty()) {
            Some(request) => Ok(request),
            None => Err(Wrong { command: reader.command(), mistakes: reader.mistakes }),
        }
    }

    /// When what it opened must be mended: after the policy's hours, at the end of the day it names for that, or at
    /// the end of its last day, whichever comes first.
    #[must_use]
    pub fn due(&self, config: &Config, now: Timestamp) -> Timestamp {
        let days = [Some(self.expires), self.remediation];
        let ends = days.into_iter().flatten().map(Date::end);
        ends.fold(now.plus_hours(i64::from(config.remediate_within_hours)), Timestamp::min)
    }
}

/// Whether two names are one person's, as far as they say: `@Alice` is `alice`.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.trim().trim_start_matches('@').to_lowercase();
    plain(one) == plain(other)
}

struct Reader<'a> {
    fields: &'a [(Field, String)],
    config: &'a Config,
    pusher: &'a str,
    today: Date,
    mistakes: Vec<String>,
    /// The values that are right.
    kept: Vec<(Field, String)>,
}

impl Reader<'_> {
    fn request(&mut self) -> Option<Request> {
        let reason = self.text(Field::Reason);
        if let Some(short) = reason.as_ref().filter(|text| text.chars().count() < REASON_CHARACTERS) {
            self.wrong(
                Field::Reason,
                &format!("`{}` is no reason: say in a sentence why it cannot wait", escape(short)),
            );
        }
        let owner = self.text(Field::Owner);
        let approver = self.text(Field::Approver);
        if let Some(approver) = &approver {
            if owner.as_ref().is_some_and(|owner| is_same(owner, approver)) {
                self.wrong(Field::Approver, "is the owner: somebody else must allow it");
            } else if is_same(self.pusher, approver) {
                self.wrong(Field::Approver, "is who pushes: somebody else must allow it");
            }
        }
        let expires = self.day(Field::Expires);
        let scope = self.text(Field::Scope);
        let rollback = self.text(Field::Rollback);
        let remediation = self.day(Field::Remediation);
        if let (Some(expires), Some(remediation)) = (expires, remediation)
            && remediation > expires
        {
            self.wrong(
                Field::Remediation,
                &format!("is {remediation}, after `expires`: the gate passes by {expires}"),
            );
        }
        let ticket = self.text(Field::Ticket);
        Some(Request {
            reason: reason?,
            owner: owner?,
            approver,
            expires: expires?,
            scope,
            rollback,
            remediation,
            ticket,
        })
    }

    fn text(&mut self, field: Field) -> Option<String> {
        let mut given = self.fields.iter().filter(|(name, _)| *name == field).map(|(_, value)| value);
        let first = given.next();
        if given.next().is_some() {
            self.wrong(field, "stands twice: say it once");
            return None;
        }
        let Some(value) = first.map(|value| value.trim()).filter(|value| !value.is_empty()) else {
            if field.is_required(self.config) {
                self.wrong(field, &format!("is missing: {}", field.meaning()));
            }
            return None;
        };
        if value.chars().count() > LONGEST {
            self.wrong(field, &format!("has more than {LONGEST} characters"));
            return None;
        }
        if value.starts_with('<') && value.ends_with('>') {
            self.wrong(field, &format!("is still to be filled in: {}", field.meaning()));
            return None;
        }
        self.kept.push((field, value.to_owned()));
        Some(value.to_owned())
    }

    fn day(&mut self, field: Field) -> Option<Date> {
        let text = self.text(field)?;
        let Some(day) = Date::parse(&text) else {
            self.wrong(field, &format!("`{}` is no day: write it like {}", escape(&text), self.today));
            return None;
        };
        let ahead = self.today.days_until(day);
        if ahead < 0 {
            self.wrong(field, &format!("{day} is over: today is {} in UTC", self.today));
        } else if ahead > LONGEST_LIFE_DAYS {
            let last = self.today.checked_add_days(LONGEST_LIFE_DAYS).unwrap_or(self.today);
            self.wrong(field, &format!("{day} is too late: {last} at the latest"));
        } else {
            return Some(day);
        }
        None
    }

    fn wrong(&mut self, field: Field, what: &str) {
        self.kept.retain(|(kept, _)| *kept != field);
        self.mistakes.push(format!("gatepost.break-glass.{} {what}", field.as_str()));
    }

    /// Days are proposed, everything else that is missing is left to be filled in.
    fn command(&self) -> String {
        let mut command = "git push".to_owned();
        for &field in Field::ALL {
            let kept = self.kept.iter().find(|(kept, _)| *kept == field).map(|(_, value)| value.clone());
            let asked = self.fields.iter().any(|(name, _)| *name == field);
            if kept.is_none() && !asked && !field.is_required(self.config) {
                continue;
            }
            let value = kept.unwrap_or_else(|| match field {
                Field::Expires | Field::Remediation => {
                    self.today.checked_add_days(1).unwrap_or(self.today).to_string()
                }
                _ => format!("<{}>", field.meaning()),
            });
            let option = format!("gatepost.break-glass.{}={}", field.as_str(), escape(&value));
            command.push_str(&format!(" -o {}", shell_word(&option)));
        }
        command.push_str(" REMOTE REFS");
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use proptest::prelude::*;

    fn today() -> Date {
        Date::parse("2026-11-24").unwrap()
    }

    fn config() -> Config {
        Config::new(&Policy::built_in()).unwrap()
    }

    fn fields(pairs: &[(&str, &str)]) -> Vec<(Field, String)> {
        pairs.iter().map(|(name, value)| (Field::from_word(name).unwrap(), (*value).to_owned())).collect()
    }

    const FULL: &[(&str, &str)] = &[
        ("reason", "payments are down, the fix has no ticket yet"),
        ("owner", "@oncall"),
        ("approver", "@release-manager"),
        ("expires", "2026-11-26"),
        ("scope", "payments, main"),
        ("rollback", "git revert, deploy the build before"),
        ("remediation", "2026-11-25"),
    ];

    fn read(pairs: &[(&str, &str)]) -> Result<Request, Wrong> {
        Request::read(&fields(pairs), &config(), "alice", today())
    }

    #[test]
    fn a_full_request_is_read() {
        let request = read(FULL).unwrap();
        assert_eq!(request.owner, "@oncall");
        assert_eq!(request.remediation, Date::parse("2026-11-25"));
        assert_eq!(request.ticket, None);
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let wrong = read(&[("ticket", "OPS-1")]).unwrap_err();
        insta::assert_snapshot!(format!("{}\n{}", wrong.mistakes.join("\n"), wrong.command));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_and_what_is_right_is_kept() {
        let wrong = read(&[
            ("reason", "asap\u{1b}[2J"),
            ("owner", "@oncall"),
            ("approver", "@OnCall "),
            ("expires", "2026-12-24"),
            ("scope", "<what it touches>"),
            ("rollback", "it's a revert"),
            ("remediation", "tomorrow"),
        ])
        .unwrap_err();
        insta::assert_snapshot!(format!("{}\n{}", wrong.mistakes.join("\n"), wrong.command));
    }

    #[test]
    fn who_pushes_does_not_allow_it() {
        let with = |approver: &str| {
            let mut pairs = FULL.to_vec();
            pairs.retain(|(name, _)| *name != "approver");
            pairs.push(("approver", approver));
            read(&pairs).map_err(|wrong| wrong.mistakes.concat())
        };
        let own = Err("gatepost.break-glass.approver is who pushes: somebody else must allow it".to_owned());
        assert_eq!(with("@Alice").map(drop), own);
        assert_eq!(with("alice").map(drop), own);
        assert!(with("@malice").is_ok());
    }

    #[test]
    fn days_are_bounded_on_both_sides() {
        let with = |expires: &str| {
            let mut pairs = FULL.to_vec();
            pairs.retain(|(name, _)| !["expires", "remediation"].contains(name));
            pairs.extend([("expires", expires), ("remediation", expires)]);
            read(&pairs).is_ok()
        };
        assert!(!with("2026-11-23"));
        assert!(with("2026-11-24"));
        assert!(with("2026-12-01"));
        assert!(!with("2026-12-02"));
        let mut twice = FULL.to_vec();
        twice.push(("owner", "@other"));
        assert_eq!(
            read(&twice).unwrap_err().mistakes,
            ["gatepost.break-glass.owner stands twice: say it once"]
        );
        let mut late = FULL.to_vec();
        late.retain(|(name, _)| *name != "remediation");
        late.push(("remediation", "2026-11-27"));
        assert_eq!(
            read(&late).unwrap_err().mistakes,
            [
                "gatepost.break-glass.remediation is 2026-11-27, after `expires`: the gate passes by 2026-11-26"
            ]
        );
    }

    #[test]
    fn what_is_due_first_counts() {
        let now = Timestamp::parse("2026-11-24T10:00:00Z").unwrap();
        let due = |request: &Request| request.due(&config(), now).to_string();
        let mut request = read(FULL).unwrap();
        assert_eq!(due(&request), "2026-11-25T10:00:00Z", "24 hours");
        request.remediation = Some(today());
        assert_eq!(due(&request), "2026-11-25T00:00:00Z", "the end of the day it names");
    }

    proptest! {
        #[test]
        fn nothing_that_was_typed_reaches_a_terminal_raw(values in proptest::collection::vec(any::<String>(), 8)) {
            let fields: Vec<(Field, String)> = Field::ALL.iter().copied().zip(values).collect();
            if let Err(wrong) = Request::read(&fields, &config(), "alice", today()) {
                let said = format!("{}{}", wrong.mistakes.concat(), wrong.command);
                prop_assert!(!said.contains(crate::text::is_unsafe));
            }
        }
    }
}
