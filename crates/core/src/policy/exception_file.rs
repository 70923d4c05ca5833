//! The file that holds exceptions and nothing else, so that whoever approves exceptions need not own the policy.

use super::layer::read;
use super::source::Source;
use super::{Layer, PolicyError, Schema};
use crate::Exception;
use toml::de::DeTable;

/// The keys of the root that the file may have, and the only one of `[exceptions]`.
const ROOT: &[&str] = &["schema", "exception", "exceptions"];
const RETIRED: &str = "retired";

/// What stands in a file of exceptions and does not belong there, with its line. Everything else about the layer is
/// said when it is merged.
#[must_use]
pub fn exception_file_errors(layer: &Layer) -> Vec<PolicyError> {
    // What is no TOML is said, with its line, when the layer is merged.
    let Ok(root) = DeTable::parse(&layer.text) else { return Vec::new() };
    let source = Source { origin: &layer.origin, text: &layer.text };
    let mut errors = Vec::new();
    let mut refuse = |offset: usize, what: String| {
        let message = format!("{what} does not belong in the file of exceptions");
        let help =
            "it holds [[exception]] and [exceptions] retired; settings stand in gatepost.toml".to_owned();
        errors.push((offset, source.error(offset, message, help)));
    };
    for (name, found) in root.get_ref() {
        let word = name.get_ref().as_ref();
        if !ROOT.contains(&word) {
            refuse(name.span().start, format!("`{word}`"));
        } else if word == "exceptions" {
            let inner = found.get_ref().as_table().into_iter().flatten();
            for (key, _) in inner.filter(|(key, _)| key.get_ref() != RETIRED) {
                refuse(key.span().start, format!("`exceptions.{}`", key.get_ref()));
            }
        }
    }
    errors.sort_by_key(|(offset, _)| *offset);
    errors.into_iter().map(|(_, error)| error).collect()
}

/// The exceptions that a layer brings, judged by nothing but its own text; none when it is broken. For telling what a
/// change asks for, never for obeying it.
#[must_use]
pub fn exceptions_of(schema: &Schema, layer: &Layer) -> Vec<Exception> {
    read(schema, layer)
        .map(|read| read.records.into_iter().map(|record| record.exception).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Origin;

    fn layer(text: &str) -> Layer {
        Layer { origin: Origin::File("gatepost-exceptions.toml".to_owned()), text: text.to_owned() }
    }

    #[test]
    fn settings_do_not_belong_there() {
        let errors = exception_file_errors(&layer(
            "schema = 1\nenforce = false\n\n[secrets]\nlevel = \"off\"\n\n[exceptions]\nretired = [\"EX-1\"]\nunused = \"off\"\n",
        ));
        let shown: Vec<String> = errors
            .iter()
            .map(|error| format!("{error}\n    > {}\n", error.source_line.as_deref().unwrap_or_default()))
            .collect();
        insta::assert_snapshot!(shown.concat());
        assert!(exception_file_errors(&layer("schema = 1\n[exceptions]\nretired = []\n")).is_empty());
    }

    #[test]
    fn what_a_broken_layer_asks_for_is_nothing() {
        let record = "[[exception]]\nid = \"EX-1\"\nrule = \"github-pat\"\npath = \"a\"\nstatus = \"fix-later\"\n\
                      reason = \"mended in March\"\nowner = \"@a\"\nexpires = 2027-01-01\n";
        let schema = Schema::built_in();
        assert_eq!(exceptions_of(&schema, &layer(record)).len(), 1);
        assert!(exceptions_of(&schema, &layer(&format!("{record}colour = 1\n"))).is_empty());
        assert!(exceptions_of(&schema, &layer("not toml")).is_empty());
    }
}
