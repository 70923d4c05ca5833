//! gitleaks' reports, as Go's encoders write them: JSON, CSV, `JUnit` and SARIF.

use super::config::Config;
use super::finding::{Finding, go_text};
use std::fmt::Write as _;

/// The version that gitleaks has in its SARIF.
const SARIF_VERSION: &str = "v8.0.0";

/// A form of report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A list of objects.
    Json,
    /// A table.
    Csv,
    /// Test cases that failed.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// By its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "junit" => Some(Self::Junit),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }

    /// By the ending of a file.
    #[must_use]
    pub fn from_ending(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1.to_lowercase().as_str() {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }
}

/// A report of findings.
#[must_use]
pub fn report(format: Format, findings: &[Finding], config: &Config) -> String {
    match format {
        Format::Json => {
            let mut out = String::new();
            Json::List(findings.iter().map(object).collect()).write(&mut out, 0, " ");
            out.push('\n');
            out
        }
        Format::Csv => csv(findings),
        Format::Junit => junit(findings),
        Format::Sarif => sarif(findings, config),
    }
}

/// JSON with its keys in order.
enum Json {
    Text(String),
    /// A number, as it is written.
    Number(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    fn bytes(bytes: &[u8]) -> Self {
        Self::Text(go_text(bytes))
    }

    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn number(number: i64) -> Self {
        Self::Number(number.to_string())
    }

    fn write(&self, out: &mut String, depth: usize, indent: &str) {
        match self {
            Self::Text(text) => quote(text, out),
            Self::Number(number) => out.push_str(number),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Object(fields) if fields.is_empty() => out.push_str("{}"),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    new_line(out, index, depth + 1, indent);
                    item.write(out, depth + 1, indent);
                }
                new_line(out, 0, depth, indent);
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (index, (key, value)) in fields.iter().enumerate() {
                    new_line(out, index, depth + 1, indent);
                    quote(key, out);
                    out.push_str(": ");
                    value.write(out, depth + 1, indent);
                }
                new_line(out, 0, depth, indent);
                out.push('}');
            }
        }
    }
}

fn new_line(out: &mut String, index: usize, depth: usize, indent: &str) {
    out.push_str(if index > 0 { ",\n" } else { "\n" });
    out.push_str(&indent.repeat(depth));
}

/// A string of JSON as Go writes it, safe in HTML.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            // What was no character at all is written as an escape.
            '\u{fffd}' => out.push_str("\\ufffd"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn object(finding: &Finding) -> Json {
    let mut fields = vec![
        ("RuleID", Json::text(&finding.rule)),
        ("Description", Json::text(&finding.description)),
        ("StartLine", Json::number(finding.start_line)),
        ("EndLine", Json::number(finding.end_line)),
        ("StartColumn", Json::number(finding.start_column)),
        ("EndColumn", Json::number(finding.end_column)),
        ("Match", Json::bytes(&finding.text)),
        ("Secret", Json::bytes(&finding.secret)),
        ("File", Json::bytes(&finding.file)),
        ("SymlinkFile", Json::bytes(&finding.symlink)),
        ("Commit", Json::text(&finding.commit)),
    ];
    if !finding.link.is_empty() {
        fields.push(("Link", Json::text(&finding.link)));
    }
    fields.extend([
        ("Entropy", Json::Number(finding.entropy.to_string())),
        ("Author", Json::bytes(&finding.author)),
        ("Email", Json::bytes(&finding.email)),
        ("Date", Json::text(&finding.date)),
        ("Message", Json::bytes(&finding.message)),
        ("Tags", tags(finding)),
        ("Fingerprint", Json::text(&finding.fingerprint)),
    ]);
    Json::Object(fields)
}

fn tags(finding: &Finding) -> Json {
    Json::List(finding.tags.iter().map(|tag| Json::text(tag)).collect())
}

const COLUMNS: [&str; 16] = [
    "RuleID",
    "Commit",
    "File",
    "SymlinkFile",
    "Secret",
    "Match",
    "StartLine",
    "EndLine",
    "StartColumn",
    "EndColumn",
    "Author",
    "Message",
    "Date",
    "Email",
    "Fingerprint",
    "Tags",
];

/// A table, with links where the first row has one.
fn csv(findings: &[Finding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let has_links = !first.link.is_empty();
    let mut out = String::new();
    let mut row = |mut cells: Vec<String>, link: &str| {
        if has_links {
            cells.push(link.to_owned());
        }
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    };
    row(COLUMNS.iter().map(|&column| column.to_owned()).collect(), "Link");
    for finding in findings {
        let cells = vec![
            finding.rule.clone(),
            finding.commit.clone(),
            go_text(&finding.file),
            go_text(&finding.symlink),
            go_text(&finding.secret),
            go_text(&finding.text),
            finding.start_line.to_string(),
            finding.end_line.to_string(),
            finding.start_column.to_string(),
            finding.end_column.to_string(),
            go_text(&finding.author),
            go_text(&finding.message),
            finding.date.clone(),
            go_text(&finding.email),
            finding.fingerprint.clone(),
            finding.tags.join(" "),
        ];
        row(cells, &finding.link);
    }
    out
}

fn cell(text: String) -> String {
    let is_plain = text != "\\."
        && !text.contains([',', '"', '\r', '\n'])
        && !text.chars().next().is_some_and(char::is_whitespace);
    if is_plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// What Go lets into XML, escaped.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn junit(findings: &[Finding]) -> String {
    let count = findings.len();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\t<testsuite failures=\"{count}\" name=\"gitleaks\" \
         tests=\"{count}\" time=\"\">"
    );
    for finding in findings {
        let mut data = String::new();
        object(finding).write(&mut data, 0, "\t");
        let at =
            if finding.commit.is_empty() { String::new() } else { format!(", at commit {}", finding.commit) };
        let file = go_text(&finding.file);
        let message = format!(
            "{} has detected a secret in file {file}, line {}{at}.",
            finding.rule, finding.start_line
        );
        let (message, about, file) = (xml(&message), xml(&finding.description), xml(&file));
        let _ = write!(
            out,
            "\n\t\t<testcase classname=\"{about}\" file=\"{file}\" name=\"{message}\" time=\"\">\n\t\t\t<failure \
             message=\"{message}\" type=\"{about}\">{}</failure>\n\t\t</testcase>",
            xml(&data)
        );
    }
    if count > 0 {
        out.push_str("\n\t");
    }
    out.push_str("</testsuite>\n</testsuites>");
    out
}

fn sarif(findings: &[Finding], config: &Config) -> String {
    let rules = config.rules.iter().map(|rule| (rule.id.as_str(), rule.description.as_str()));
    let mut rules: Vec<(&str, &str)> = rules.collect();
    // gatepost's own are listed where they found something.
    for finding in findings {
        if !rules.iter().any(|(id, _)| *id == finding.rule) {
            rules.push((&finding.rule, &finding.description));
        }
    }
    let about = |text: &str| Json::Object(vec![("text", Json::text(text))]);
    let rules = rules.into_iter().map(|(id, description)| {
        Json::Object(vec![("id", Json::text(id)), ("shortDescription", about(description))])
    });
    let driver = Json::Object(vec![
        ("name", Json::text("gitleaks")),
        ("semanticVersion", Json::text(SARIF_VERSION)),
        ("informationUri", Json::text("https://github.com/gitleaks/gitleaks")),
        ("rules", Json::List(rules.collect())),
    ]);
    let run = Json::Object(vec![
        ("tool", Json::Object(vec![("driver", driver)])),
        ("results", Json::List(findings.iter().map(result).collect())),
    ]);
    let mut out = String::new();
    Json::Object(vec![
        ("$schema", Json::text("https://json.schemastore.org/sarif-2.1.0.json")),
        ("version", Json::text("2.1.0")),
        ("runs", Json::List(vec![run])),
    ])
    .write(&mut out, 0, " ");
    out.push('\n');
    out
}

fn result(finding: &Finding) -> Json {
    let file = go_text(&finding.file);
    let at = if finding.commit.is_empty() { String::new() } else { format!(" at commit {}", finding.commit) };
    let message = format!("{} has detected secret for file {file}{at}.", finding.rule);
    let uri = if finding.symlink.is_empty() { file } else { go_text(&finding.symlink) };
    let region = Json::Object(vec![
        ("startLine", Json::number(finding.start_line)),
        ("startColumn", Json::number(finding.start_column)),
        ("endLine", Json::number(finding.end_line)),
        ("endColumn", Json::number(finding.end_column)),
        ("snippet", Json::Object(vec![("text", Json::bytes(&finding.secret))])),
    ]);
    let place = Json::Object(vec![
        ("artifactLocation", Json::Object(vec![("uri", Json::Text(uri))])),
        ("region", region),
    ]);
    Json::Object(vec![
        ("message", Json::Object(vec![("text", Json::Text(message))])),
        ("ruleId", Json::text(&finding.rule)),
        ("locations", Json::List(vec![Json::Object(vec![("physicalLocation", place)])])),
        (
            "partialFingerprints",
            Json::Object(vec![
                ("commitSha", Json::text(&finding.commit)),
                ("email", Json::bytes(&finding.email)),
                ("author", Json::bytes(&finding.author)),
                ("date", Json::text(&finding.date)),
                ("commitMessage", Json::bytes(&finding.message)),
            ]),
        ),
        ("properties", Json::Object(vec![("tags", tags(finding))])),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        Finding {
            rule: "r".to_owned(),
            text: b"a<b\xff".to_vec(),
            entropy: 4.0,
            message: b" x, \"y\"".to_vec(),
            ..Finding::default()
        }
    }

    #[test]
    fn text_is_escaped_as_go_escapes_it() {
        let json = report(Format::Json, &[finding()], &Config::default());
        assert!(json.contains(r#"  "Match": "a\u003cb\ufffd","#), "{json}");
        assert!(json.contains("  \"Entropy\": 4,\n") && json.contains("  \"Tags\": [],\n"), "{json}");
        let csv = report(Format::Csv, &[finding()], &Config::default());
        assert!(csv.contains(r#"," x, ""y""","#), "{csv}");
    }

    #[test]
    fn nothing_is_an_empty_report_of_each_form() {
        let empty = |format| report(format, &[], &Config::default());
        assert_eq!(empty(Format::Json), "[]\n");
        assert_eq!(empty(Format::Csv), "");
        assert!(empty(Format::Junit).contains("tests=\"0\" time=\"\"></testsuite>"));
        assert!(empty(Format::Sarif).contains("\"results\": []"));
    }
}
