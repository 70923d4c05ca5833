//! The lenient grammar of a header. Tools that read Conventional Commits disagree about what the specification leaves open; a
//! repository whose history was written for one of them need not be told off by another. What is let through here is what
//! at least one parser in use takes: any or no white space after the colon, white space or a byte-order mark before the
//! type, a type of any characters, a scope that is empty or has parentheses in it. What all of them refuse (a space before
//! the colon or the scope, a second `!`, an open parenthesis) is refused here too.

use super::header::{Header, Part};

/// A header by the lenient grammar; `None`: it is none.
pub(super) fn scan(line: Part<'_>) -> Option<Header<'_>> {
    let text = line.text;
    let part = |piece: &'_ str, at: usize| -> Option<Part<'_>> {
        Some(Part { text: text.get(at..at.checked_add(piece.len())?)?, start: line.start.checked_add(at)? })
    };
    let bare = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let type_at = text.len().checked_sub(bare.len())?;
    let type_end = bare.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ':' | '!'))?;
    let (kind, rest) = bare.split_at_checked(type_end).filter(|(kind, _)| !kind.is_empty())?;
    let kind = part(kind, type_at)?;
    let (scope, rest) = match rest.strip_prefix('(') {
        Some(inside) => {
            let end = inside.find("):").into_iter().chain(inside.find(")!:")).min()?;
            let name = inside.get(..end)?;
            let scope = part(name, text.len().checked_sub(inside.len())?)?;
            (Some(scope).filter(|_| !name.trim().is_empty()), inside.get(end + 1..)?)
        }
        None => (None, rest),
    };
    let breaking = rest.starts_with('!');
    let after = rest.strip_prefix('!').unwrap_or(rest).strip_prefix(':')?;
    let begin = text.len().checked_sub(after.trim_start().len())?;
    let description = part(after.trim(), begin).filter(|part| !part.text.is_empty())?;
    Some(Header { line, kind, scope, breaking, description })
}

#[cfg(test)]
mod tests {
    use super::super::header::{ParseErrorKind, parse_header, parse_header_leniently};
    use super::*;

    #[test]
    fn what_one_tool_takes_is_taken() {
        for (text, kind, scope, description) in [
            ("feat:desc", "feat", None, "desc"),
            ("feat:\tdesc", "feat", None, "desc"),
            ("feat:\u{a0}desc", "feat", None, "desc"),
            (" feat!: desc", "feat", None, "desc"),
            ("\u{feff}feat: desc", "feat", None, "desc"),
            ("feat/x: desc", "feat/x", None, "desc"),
            ("feat[a]: desc", "feat[a]", None, "desc"),
            ("\u{2728}: desc", "\u{2728}", None, "desc"),
            ("feat(): desc", "feat", None, "desc"),
            ("feat(a(b)): desc", "feat", Some("a(b)"), "desc"),
            ("feat(a)(b)!: desc", "feat", Some("a)(b"), "desc"),
            ("feat(a): b (c): d", "feat", Some("a"), "b (c): d"),
        ] {
            let line = Part { text, start: 0 };
            let header = parse_header_leniently(line).unwrap();
            let read = (header.kind.text, header.scope.map(|s| s.text), header.description.text);
            assert_eq!(read, (kind, scope, description), "{text}");
            for part in [Some(header.kind), header.scope, Some(header.description)].into_iter().flatten() {
                assert_eq!(text.get(part.range()), Some(part.text), "{text}");
            }
        }
    }

    #[test]
    fn what_every_tool_refuses_is_refused_with_the_error_of_the_specification() {
        for text in [
            "feat : x",
            "feat\u{ff1a}x",
            "feat! : x",
            "feat!!: x",
            "feat!(a): x",
            "feat (a): x",
            "feat(a: x",
            "\u{2728} feat: x",
            "feat:",
            "feat:  ",
            "",
            "Merge a into b",
            ": x",
        ] {
            let line = Part { text, start: 0 };
            assert_eq!(parse_header_leniently(line), parse_header(line), "{text}");
            assert!(parse_header(line).is_err(), "{text}");
        }
        let error = parse_header_leniently(Part { text: "feat : x", start: 0 }).unwrap_err();
        assert_eq!(error.kind, ParseErrorKind::SpaceBeforeColon);
    }
}
