//! The message is not signed off, or by somebody else.

use super::{Complaint, MessageRule, Subject};
use crate::change::Identity;
use crate::code::CodeInfo;
use crate::message::config::SignOff;
use crate::message::parse::Footer;
use crate::severity::Severity;

pub(super) const RULE: MessageRule = MessageRule {
    info: CodeInfo {
        code: "GP-MSG-029",
        name: "sign-off",
        severity: Severity::Medium,
        summary: "The message is not signed off, or not by the commit's author.",
        why: "With `Signed-off-by` an author certifies the right to contribute the change (the Developer Certificate of Origin); nobody can do so for somebody else.",
        fix: "Sign the commit off: git commit --amend --signoff --no-edit",
        fires: "fix: keep the login\n\nSigned-off-by: Bob <bob@example.com>",
        silent: "fix: keep the login\n\nSigned-off-by: Ada <ada@example.com>",
    },
    options: "sign-off = \"author\"",
    rewords: true,
    judge,
};

fn judge(subject: &Subject<'_>, complaints: &mut Vec<Complaint>) {
    let wanted = subject.config.sign_off;
    if wanted == SignOff::Optional || subject.layout.header.text.trim().is_empty() {
        return;
    }
    let is_sign_off = |trailer: &&Footer<'_>| trailer.token.text.eq_ignore_ascii_case("Signed-off-by");
    let signed: Vec<&Footer<'_>> = subject.trailers.iter().filter(is_sign_off).collect();
    let Some(first) = signed.iter().find(|trailer| !trailer.value.trim().is_empty()) else {
        complaints.push(Complaint {
            detail: String::new(),
            message: "the message is not signed off: it has no trailer `Signed-off-by`".to_owned(),
            range: subject.layout.header.range(),
            header: None,
            fix: vec![SIGN_OFF.to_owned()],
        });
        return;
    };
    if wanted != SignOff::Author {
        return;
    }
    let message = match subject.identity {
        Some(author) if signed.iter().any(|trailer| is_by(&trailer.value, author)) => return,
        Some(author) => {
            let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (name, email) = (shown(&author.name), shown(&author.email));
            format!("the message is signed off by {}, and its author is {name} <{email}>", first.value)
        }
        None => "the message is signed off, and who its author is cannot be told".to_owned(),
    };
    complaints.push(Complaint {
        detail: String::new(),
        message,
        range: first.range.clone(),
        header: None,
        fix: vec![SIGN_OFF.to_owned()],
    });
}

const SIGN_OFF: &str = "git commit --amend --signoff --no-edit";

/// Whether `Name <address>` is the author: the same name, and the same address in any case.
fn is_by(value: &str, author: &Identity) -> bool {
    let Some((name, rest)) = value.rsplit_once('<') else { return false };
    let Some(email) = rest.trim_end().strip_suffix('>') else { return false };
    name.trim().as_bytes() == author.name.trim_ascii() && email.as_bytes().eq_ignore_ascii_case(&author.email)
}
