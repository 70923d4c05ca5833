//! Failures in words: what, where, what to do next.

use crate::args::Output;
use crate::commands::config;
use crate::exit::Failure;
use crate::output::{self, use_color};
use gatepost_core::text::display;
use std::io::{self, IsTerminal};

/// Says a failure.
pub(crate) fn say(failure: &Failure, output: &Output) {
    output::tell(&render(failure, output), use_color(output.color, io::stderr().is_terminal()));
}

/// A failure as people read it.
pub(crate) fn render(failure: &Failure, output: &Output) -> String {
    let color = use_color(output.color, io::stderr().is_terminal());
    let text = match failure {
        Failure::Usage { what, fix } => plain(what, fix),
        Failure::Source(error) => plain(&error.message, &error.fix),
        Failure::Policy(errors) => config::render_errors(errors),
        Failure::Rendered(text) => text.clone(),
    };
    if color { text.replacen("error:", "\u{1b}[1;31merror:\u{1b}[0m", 1) } else { text }
}

fn plain(what: &str, fix: &str) -> String {
    let mut text = format!("error: {}", display(what.as_bytes()));
    for line in fix.lines() {
        text.push_str("\n  = fix: ");
        text.push_str(&display(line.as_bytes()));
    }
    text
}

/// What to do about a failure, for lists.
pub(crate) fn advice(failure: &Failure) -> String {
    match failure {
        Failure::Usage { fix, .. } => fix.clone(),
        Failure::Source(error) => error.fix.clone(),
        Failure::Rendered(_) | Failure::Policy(_) => String::new(),
    }
}

/// A failure in one line, for lists.
pub(crate) fn words(failure: &Failure) -> String {
    match failure {
        Failure::Usage { what, .. } => what.clone(),
        Failure::Source(error) => error.message.clone(),
        Failure::Rendered(text) => text.lines().next().unwrap_or_default().to_owned(),
        Failure::Policy(errors) => {
            let rendered = config::render_errors(errors);
            let first = rendered.lines().next().unwrap_or_default();
            if errors.len() > 1 {
                format!("{first} (and {} more)", errors.len() - 1)
            } else {
                first.to_owned()
            }
        }
    }
}
