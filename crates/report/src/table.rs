//! Tables: for a terminal of some width, as Markdown, and as CSV. Cells are untrusted text.

use gatepost_core::text::escape;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What stands between two columns.
const GAP: &str = "  ";

/// A column that is made narrower keeps this much.
const NARROWEST: usize = 8;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Numbers stand at the right.
    pub(crate) right: bool,
    /// Whether its cells are shortened where the line would be too long.
    pub(crate) shrinks: bool,
}

impl Column {
    /// Text that is never shortened.
    pub(crate) const fn text(title: &'static str) -> Self {
        Self { title, right: false, shrinks: false }
    }

    /// Text that gives way.
    pub(crate) const fn shrinking(title: &'static str) -> Self {
        Self { title, right: false, shrinks: true }
    }

    /// A number.
    pub(crate) const fn number(title: &'static str) -> Self {
        Self { title, right: true, shrinks: false }
    }
}

/// Rows under columns. Every row has a cell for each.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[Column], rows: Vec<Vec<String>>) -> Self {
        Self { columns: columns.to_vec(), rows }
    }

    /// The line of titles and one line for each row, without line ends, in `width` columns where that is possible.
    pub(crate) fn lines(&self, width: usize) -> (String, Vec<String>) {
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|c| one_line(c)).collect()).collect();
        let widths = self.widths(&rows, width);
        let titles: Vec<String> = self.columns.iter().map(|column| column.title.to_owned()).collect();
        (self.line(&titles, &widths), rows.iter().map(|row| self.line(row, &widths)).collect())
    }

    fn widths(&self, rows: &[Vec<String>], width: usize) -> Vec<usize> {
        let widest = |(index, column): (usize, &Column)| {
            let cells = rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.width());
            cells.max().unwrap_or(0).max(column.title.width())
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(widest).collect();
        let gaps = GAP.len() * self.columns.len().saturating_sub(1);
        loop {
            let total = widths.iter().sum::<usize>() + gaps;
            let shrinking = self.columns.iter().zip(&mut widths).filter(|(column, _)| column.shrinks);
            let widest = shrinking.map(|(_, width)| width).filter(|width| **width > NARROWEST);
            match widest.max() {
                Some(widest) if total > width => *widest -= 1,
                _ => return widths,
            }
        }
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, column), width) in cells.iter().zip(&self.columns).zip(widths) {
            if !line.is_empty() {
                line.push_str(GAP);
            }
            let cell = shortened(cell, *width);
            let pad = " ".repeat(width.saturating_sub(cell.width()));
            line.push_str(&if column.right { format!("{pad}{cell}") } else { format!("{cell}{pad}") });
        }
        line.truncate(line.trim_end().len());
        line
    }

    /// A Markdown table.
    pub(crate) fn markdown(&self) -> String {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = row(self.columns.iter().map(|column| column.title.to_lowercase()).collect());
        out.push_str(&row(self
            .columns
            .iter()
            .map(|c| if c.right { "--:" } else { "---" }.to_owned())
            .collect()));
        for cells in &self.rows {
            out.push_str(&row(cells.iter().map(|cell| markdown_cell(cell)).collect()));
        }
        out
    }

    /// CSV by RFC 4180, for spreadsheets and scripts.
    pub(crate) fn csv(&self) -> String {
        let row = |cells: Vec<String>| format!("{}\r\n", cells.join(","));
        let mut out = row(self.columns.iter().map(|column| column.title.to_owned()).collect());
        for cells in &self.rows {
            out.push_str(&row(cells.iter().map(|cell| csv_cell(cell)).collect()));
        }
        out
    }
}

fn one_line(text: &str) -> String {
    escape(&text.replace(['\n', '\t'], " ")).into_owned()
}

/// The text in `width` columns of a terminal.
fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 1);
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(character);
    }
    out.push('\u{2026}');
    out
}

/// As code: a name that begins with @ would call people, and `_` and `*` would set the text in italics.
fn markdown_cell(cell: &str) -> String {
    let plain = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '-' | '.' | '?' | ' ' | ',' | ';' | ':' | '\'' | '"' | '(' | ')' | '!')
    };
    let cell = one_line(cell);
    if cell.chars().all(plain) {
        return cell;
    }
    format!("`{}`", cell.replace('`', "'").replace('|', "\\|"))
}

/// A cell that a spreadsheet takes for text whatever it begins with: `=`, `+`, `-` and `@` would make it a formula
/// (OWASP, CSV Injection). Numbers stay numbers.
fn csv_cell(cell: &str) -> String {
    let cell = one_line(cell);
    let formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<i64>().is_err();
    let cell = if formula { format!("'{cell}") } else { cell };
    if cell.contains([',', '"', '\'', ';']) || cell.starts_with(' ') || cell.ends_with(' ') {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell
}

/// A row of CSV taken apart: for tests.
#[cfg(test)]
pub(crate) fn read_csv(row: &str) -> Vec<String> {
    let (mut cells, mut quoted, mut chars) = (vec![String::new()], false, row.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLUMNS: [Column; 3] = [Column::text("ID"), Column::shrinking("OWNER"), Column::number("LEFT")];

    fn table(rows: &[[&str; 3]]) -> Table {
        Table::new(&COLUMNS, rows.iter().map(|row| row.iter().map(|c| (*c).to_owned()).collect()).collect())
    }

    #[test]
    fn what_is_too_long_is_shortened_and_numbers_stand_at_the_right() {
        let rows = [
            ["EX-1", "a-very-long-name@example.com", "7"],
            ["EX-22", "中文中文中文中文中文中文中文", "-120"],
        ];
        let (titles, lines) = table(&rows).lines(30);
        insta::assert_snapshot!(format!("{titles}\n{}", lines.join("\n")));
        assert!(lines.iter().all(|line| line.width() <= 30));
        let (_, lines) = table(&rows).lines(80);
        assert!(lines[0].contains("a-very-long-name@example.com"));
    }

    #[test]
    fn markdown_calls_nobody_and_keeps_its_columns() {
        insta::assert_snapshot!(
            table(&[["EX-1", "@platform", "7"], ["a|b", "x`y_z_", "-1"], ["a\nb", "<b>", "?"]]).markdown()
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        let rows = [
            ["=1+1", "@SUM(A1)", "-12"],
            ["+1 555", "-a", "12"],
            ["say \"hi\", all", "a\r\nb", "x'y"],
            ["\t=1", "plain", ""],
        ];
        insta::assert_snapshot!(table(&rows).csv());
    }

    proptest! {
        #[test]
        fn cells_come_back_from_csv_and_never_begin_a_formula(cells in proptest::collection::vec("[ -~]{0,12}", 3)) {
            let csv = Table::new(&COLUMNS, vec![cells.clone()]).csv();
            let row = csv.lines().nth(1).unwrap();
            let read = read_csv(row);
            prop_assert_eq!(read.len(), 3, "{}", row);
            for (cell, read) in cells.iter().zip(read) {
                let is_number = read.parse::<i64>().is_ok();
                prop_assert!(is_number || !read.starts_with(['=', '+', '-', '@']), "{}", row);
                prop_assert!(read == *cell || read == format!("'{cell}"), "{}", row);
            }
        }

        #[test]
        fn lines_are_one_line_and_as_wide_as_they_may_be(cells in proptest::collection::vec(any::<String>(), 3), width in 40usize..100) {
            let (_, lines) = Table::new(&COLUMNS, vec![["EX-1".to_owned(), cells[1].clone(), "3".to_owned()].to_vec()]).lines(width);
            prop_assert!(lines[0].width() <= width && !lines[0].contains('\n'), "{:?}", lines);
        }
    }
}
