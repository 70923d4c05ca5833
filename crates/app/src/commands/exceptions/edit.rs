//! Records in the text of a file: put in, taken out, their ids retired. Everything else stays byte for byte, since people
//! keep comments, an order and line ends there.

use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a new file of exceptions begins with.
const HEADER: &str = "# Exceptions of this repository: deviations with a reason, an owner and a last day.\n\
                      # `gatepost exceptions audit` counts them.\n\nschema = 1\n";

/// The text with a block at its end. The block has `\n` line ends; the text keeps its own.
pub(super) fn append(text: Option<&str>, block: &str) -> String {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return format!("{HEADER}\n{block}") };
    let end = line_end(text);
    let closed = if text.ends_with('\n') { "" } else { end };
    format!("{text}{closed}{end}{}", block.replace('\n', end))
}

/// The text without these records; `None` when one of them cannot be cut out, since it does not stand under a
/// `[[exception]]` of its own.
pub(super) fn remove(text: &str, ids: &[&str]) -> Option<String> {
    let root = DeTable::parse(text).ok()?;
    let mut cuts = Vec::new();
    for record in root.get_ref().get("exception").and_then(|found| found.get_ref().as_array())? {
        let table = record.get_ref().as_table()?;
        let id = table.get("id").and_then(|id| id.get_ref().as_str());
        if id.is_some_and(|id| ids.contains(&id)) {
            cuts.push(block_of(text, record.span().start, table)?);
        }
    }
    let mut out = text.to_owned();
    for cut in cuts.into_iter().rev() {
        out.replace_range(cut, "");
    }
    // What was before the last block is no longer before anything.
    let last_was_cut =
        !out.trim_end().is_empty() && out.len() < text.len() && !text.ends_with(blank_end(text));
    if last_was_cut && out.ends_with(blank_end(text)) {
        out.truncate(out.len() - line_end(text).len());
    }
    Some(out)
}

/// Two line ends: a blank line.
fn blank_end(text: &str) -> &'static str {
    if line_end(text) == "\r\n" { "\r\n\r\n" } else { "\n\n" }
}

/// The lines of a record: from its header to the end of its last value's line, with the blank lines behind it.
fn block_of(text: &str, start: usize, table: &DeTable<'_>) -> Option<Range<usize>> {
    let start = line_start(text, start);
    if !text.get(start..)?.trim_start().starts_with("[[") {
        return None;
    }
    let last = table.iter().map(|(_, value)| value.span().end).max()?;
    let mut end = next_line(text, last);
    while let Some(line) =
        text.get(end..next_line(text, end)).filter(|line| !line.is_empty() && line.trim().is_empty())
    {
        end += line.len();
    }
    Some(start..end)
}

/// The text with these ids among those of `[exceptions] retired`; `None` when there is no place for them that would
/// leave the rest as it is.
pub(super) fn retire(text: &str, ids: &[&str]) -> Option<String> {
    let root = DeTable::parse(text).ok()?;
    let quoted: Vec<String> =
        ids.iter().map(|id| toml::Value::String((*id).to_owned()).to_string()).collect();
    let list = quoted.join(", ");
    let Some(section) = root.get_ref().get("exceptions") else {
        return Some(append(Some(text), &format!("[exceptions]\nretired = [{list}]\n")));
    };
    let section = section.get_ref().as_table()?;
    if let Some(retired) = section.get("retired") {
        return into_list(text, retired, &list);
    }
    // Below the header, where it has one: `exceptions.unused = …` at the root has none.
    let header = header_line(text, section)?;
    let mut out = text.to_owned();
    out.insert_str(header, &format!("retired = [{list}]{}", line_end(text)));
    Some(out)
}

/// Items added at the end of a list.
fn into_list(text: &str, list: &Spanned<DeValue<'_>>, items: &str) -> Option<String> {
    let inner = list.get_ref().as_array()?;
    let at = match inner.iter().last() {
        Some(last) => last.span().end,
        None => list.span().start + 1,
    };
    let items = if inner.is_empty() { items.to_owned() } else { format!(", {items}") };
    let mut out = text.to_owned();
    (out.is_char_boundary(at)).then(|| out.insert_str(at, &items))?;
    Some(out)
}

/// The offset behind the line `[exceptions]` that a section's keys stand under.
fn header_line(text: &str, section: &DeTable<'_>) -> Option<usize> {
    let first = section.iter().map(|(key, _)| key.span().start).min().unwrap_or(text.len());
    let mut offset = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        offset += line.len();
        let bare = line.split('#').next().unwrap_or_default().replace([' ', '\t'], "");
        if bare.trim_end() == "[exceptions]" && offset <= first {
            found = Some(offset);
        }
    }
    found.filter(|_| text.ends_with('\n') || found != Some(text.len()))
}

fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// The beginning of the line after the one that `offset` is in.
fn next_line(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| offset + newline + 1)
}

/// The line end that a text uses.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\nschema = 1\n\n# the first\n[[exception]]\nid = \"EX-1\"\n# inside\nreason = '''\n[[not a header]]\n'''  # why\n\n\
                        [[exception]]\nid = \"EX-2\"\n\n[secrets]   # kept\nlevel = \"deny\"\n\n[[exception]]\nid = \"EX-3\"\nlinks = [\n  \"a\",\n]\n";

    #[test]
    fn a_record_is_put_at_the_end() {
        let block = "[[exception]]\nid = \"EX-4\"\n";
        assert_eq!(append(Some(FILE), block), format!("{FILE}\n{block}"));
        assert_eq!(append(Some("a = 1"), block), format!("a = 1\n\n{block}"));
        assert_eq!(append(Some("a = 1\r\n"), block), "a = 1\r\n\r\n[[exception]]\r\nid = \"EX-4\"\r\n");
        for empty in [None, Some(""), Some("\n")] {
            assert_eq!(append(empty, block), format!("{HEADER}\n{block}"));
        }
    }

    #[test]
    fn a_record_is_cut_out_and_nothing_else() {
        let without_second = FILE.replace("[[exception]]\nid = \"EX-2\"\n\n", "");
        assert_eq!(remove(FILE, &["EX-2"]).unwrap(), without_second);
        let first = "[[exception]]\nid = \"EX-1\"\n# inside\nreason = '''\n[[not a header]]\n'''  # why\n\n";
        assert_eq!(remove(FILE, &["EX-1"]).unwrap(), FILE.replace(first, ""));
        let last = "\n[[exception]]\nid = \"EX-3\"\nlinks = [\n  \"a\",\n]\n";
        assert_eq!(remove(FILE, &["EX-3"]).unwrap(), FILE.replace(last, ""));
        assert_eq!(remove(FILE, &["EX-9"]).unwrap(), FILE);
        let none = remove(FILE, &["EX-1", "EX-2", "EX-3"]).unwrap();
        assert_eq!(none, "# ours\nschema = 1\n\n# the first\n[secrets]   # kept\nlevel = \"deny\"\n");
        let crlf = FILE.replace('\n', "\r\n");
        assert_eq!(remove(&crlf, &["EX-2"]).unwrap(), without_second.replace('\n', "\r\n"));
        assert_eq!(remove(&crlf, &["EX-3"]).unwrap(), FILE.replace(last, "").replace('\n', "\r\n"));
    }

    #[test]
    fn whatever_is_cut_out_the_rest_is_as_it_was() {
        let blocks = [
            "[[exception]]\nid = \"EX-1\"\n\n",
            "[[exception]]   # the second\nid = \"EX-2\"\nreason = \"a\\nb\"\n",
            "[[exception]]\n\n  id = 'EX-3' # why\n\n\n",
            "[[ exception ]]\nlinks = [ # both\n  \"[[exception]]\",\n]\nid = \"EX-4\"\n",
        ];
        let between =
            ["# above\n", "", "# of the third\n", "[secrets]\nlevel = \"deny\"\n\n", "# at the end\n"];
        for chosen in 0..16_usize {
            let is_chosen = |index: usize| chosen & (1 << index) != 0;
            let ids: Vec<String> =
                (0..4).filter(|i| is_chosen(*i)).map(|index| format!("EX-{}", index + 1)).collect();
            let join = |all: bool| -> String {
                let parts = between.iter().zip(blocks.iter().chain([&""])).enumerate();
                parts
                    .flat_map(|(i, (text, block))| [*text, if all || !is_chosen(i) { *block } else { "" }])
                    .collect()
            };
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            for (from, to) in [("\n", "\n"), ("\n", "\r\n")] {
                let (text, left) = (join(true).replace(from, to), join(false).replace(from, to));
                assert_eq!(remove(&text, &ids).unwrap(), left, "{ids:?}");
                let retired = retire(&left, &ids).unwrap();
                assert!(retired.starts_with(&left) && retired.parse::<toml::Table>().is_ok(), "{retired}");
            }
        }
    }

    #[test]
    fn a_record_in_a_list_is_left_to_people() {
        assert_eq!(remove("exception = [{ id = \"EX-1\" }]\n", &["EX-1"]), None);
        assert_eq!(remove("not toml", &["EX-1"]), None);
    }

    #[test]
    fn ids_are_retired_where_the_others_are() {
        let retired = |text: &str| retire(text, &["EX-1", "EX-2"]);
        let said = |text: &str| retired(text).unwrap();
        assert_eq!(said("a = 1\n"), "a = 1\n\n[exceptions]\nretired = [\"EX-1\", \"EX-2\"]\n");
        assert_eq!(
            said("[exceptions]\nretired = [\n  \"EX-0\",   # old\n]\nunused = \"deny\"\n"),
            "[exceptions]\nretired = [\n  \"EX-0\", \"EX-1\", \"EX-2\",   # old\n]\nunused = \"deny\"\n"
        );
        assert_eq!(said("exceptions.retired = []\n"), "exceptions.retired = [\"EX-1\", \"EX-2\"]\n");
        assert_eq!(
            said("[ exceptions ] # ours\r\nunused = \"deny\"\r\n"),
            "[ exceptions ] # ours\r\nretired = [\"EX-1\", \"EX-2\"]\r\nunused = \"deny\"\r\n"
        );
        assert_eq!(said("[exceptions]\n"), "[exceptions]\nretired = [\"EX-1\", \"EX-2\"]\n");
        // A second [exceptions] would be no TOML.
        assert_eq!(retired("exceptions.unused = \"deny\"\n"), None);
    }
}
