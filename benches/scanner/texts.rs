//! The texts: source code that is at hand, and what can be made of it. Nothing stands in them twice on purpose, since a
//! text that repeats itself is kinder to a processor than any real one.

use data_encoding::BASE64;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Some documents of one kind.
pub(crate) struct Text {
    pub(crate) name: String,
    pub(crate) documents: Vec<Vec<u8>>,
}

/// What counts as source code, by the end of a file's name.
const SOURCE: [&str; 22] = [
    "c", "cc", "cpp", "cs", "css", "go", "h", "html", "java", "js", "kt", "md", "php", "py", "rb", "rs",
    "sh", "sql", "toml", "ts", "yaml", "yml",
];

/// Of these, those with comments and words as C has them.
const LIKE_C: [&str; 10] = ["c", "cc", "cpp", "cs", "go", "h", "java", "js", "rs", "ts"];

/// How large the documents are that are made, in bytes.
const DOCUMENT: usize = 256 << 10;

/// A file of source code.
struct Source {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Source {
    fn is_like_c(&self) -> bool {
        has_ending(&self.path, &LIKE_C)
    }
}

/// Every text, of about `size` bytes each.
///
/// # Errors
///
/// When there is no source code, or a folder cannot be read.
pub(crate) fn all(size: usize) -> Result<Vec<Text>, String> {
    // Of a minified text less than half is left.
    let sources = sources(3 * size)?;
    let words = words(&sources);
    let mut random = Random(0x6761_7465_706F_7374);
    let noise: Vec<Vec<u8>> = pieces(size).map(|length| random.bytes(length)).collect();
    let encoded = |line: usize, documents: &mut dyn Iterator<Item = &Vec<u8>>| -> Vec<Vec<u8>> {
        documents.map(|bytes| lines(&BASE64.encode(bytes), line)).collect()
    };
    // Four characters for every three bytes.
    let three_quarters = |documents: &[Vec<u8>]| documents.len() * 3 / 4 + 1;
    let mut room = size;
    let some = sources.iter().take_while(|source| {
        let is_room = room > 0;
        room = room.saturating_sub(source.bytes.len());
        is_room
    });
    let code: Vec<Vec<u8>> = some.map(|source| source.bytes.clone()).collect();
    let mut texts = vec![
        Text { name: "minified JavaScript".to_owned(), documents: minified(&sources, size) },
        Text {
            name: "JSON lock file".to_owned(),
            documents: pieces(size).map(|length| lock_file(&words, length, &mut random)).collect(),
        },
        Text {
            name: "base64 of random bytes, lines of 76".to_owned(),
            documents: encoded(76, &mut noise.iter().take(three_quarters(&noise))),
        },
        Text {
            name: "base64 of source, one line a file".to_owned(),
            documents: encoded(usize::MAX, &mut code.iter().take(three_quarters(&code))),
        },
        Text { name: "random binary".to_owned(), documents: noise },
    ];
    texts.insert(0, Text { name: "mixed source".to_owned(), documents: code });
    if let Some(folder) = std::env::var_os("GATEPOST_BENCH_TEXTS") {
        texts.extend(real(Path::new(&folder), size)?);
    }
    Ok(texts)
}

/// Source code: of the folder that `GATEPOST_BENCH_SOURCE` names; else of this repository, and of the libgit2 that it is built
/// with, which is C and lies where cargo unpacks what it fetches.
fn sources(size: usize) -> Result<Vec<Source>, String> {
    let mut folders = Vec::new();
    if let Some(folder) = std::env::var_os("GATEPOST_BENCH_SOURCE") {
        folders.push(PathBuf::from(folder));
    } else {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        folders.extend(["crates", "tests", "hooks", "benches"].map(|name| root.join(name)));
        folders.extend(fetched("libgit2-sys-"));
    }
    let mut paths = Vec::new();
    for folder in &folders {
        files(folder, &mut paths)?;
    }
    paths.retain(|path| has_ending(path, &SOURCE));
    // Mixed, and every time in the same way.
    paths.sort_by_key(|path| {
        let bytes = path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes()).iter();
        bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        })
    });
    let (mut sources, mut sum) = (Vec::new(), 0);
    for path in paths {
        if sum >= size {
            break;
        }
        let bytes = read(&path)?;
        sum += bytes.len();
        sources.push(Source { path, bytes });
    }
    if !sources.iter().any(Source::is_like_c) {
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        return Err(format!("there is no source code like C in {}", folders.join(", ")));
    }
    println!("source: {:.1} MB in {} files of {} folders", sum as f64 / 1e6, sources.len(), folders.len());
    Ok(sources)
}

/// Folders of fetched crates whose names begin like this, where there are some.
fn fetched(beginning: &str) -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let Some(home) = home else { return Vec::new() };
    let inside = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<BTreeSet<_>>()
    };
    let crates = inside(&home.join("registry/src")).into_iter().flat_map(|registry| inside(&registry));
    let is_named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(beginning.as_bytes()))
    };
    crates.filter(is_named).take(1).collect()
}

/// The real texts of a folder: each of its files is one, and each of its folders with all files in it.
fn real(folder: &Path, size: usize) -> Result<Vec<Text>, String> {
    let mut texts = Vec::new();
    for path in children(folder)? {
        let mut paths = Vec::new();
        files(&path, &mut paths)?;
        let (mut documents, mut sum) = (Vec::new(), 0);
        for path in paths {
            if sum >= size {
                break;
            }
            let bytes = read(&path)?;
            sum += bytes.len();
            documents.push(bytes);
        }
        if sum > 0 {
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            texts.push(Text { name, documents });
        }
    }
    Ok(texts)
}

fn children(folder: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| Ok(entry.map_err(failed)?.path())).collect()
}

/// Every file in and under a path, in the order of their names. Links are not followed.
fn files(path: &Path, out: &mut Vec<PathBuf>) -> Result<(), String> {
    let kind = path.symlink_metadata().map_err(|error| format!("{}: {error}", path.display()))?;
    if kind.is_file() {
        out.push(path.to_owned());
    } else if kind.is_dir() && !path.ends_with(".git") && !path.ends_with("target") {
        for child in children(path)? {
            files(&child, out)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
}

/// The lengths of documents that are `size` bytes together.
fn pieces(size: usize) -> impl Iterator<Item = usize> {
    (0..size).step_by(DOCUMENT).map(move |at| DOCUMENT.min(size - at))
}

/// A text in lines of so many characters.
fn lines(text: &str, width: usize) -> Vec<u8> {
    let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
    let mut text = lines.join(&b'\n');
    text.push(b'\n');
    text
}

/// splitmix64: what comes out cannot be compressed, and is the same every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }
}

/// Words of three to twelve small letters that the sources are made of, each once.
fn words(sources: &[Source]) -> Vec<String> {
    let mut seen = HashSet::new();
    let all = sources.iter().flat_map(|source| source.bytes.split(|byte| !byte.is_ascii_lowercase()));
    let words = all.filter(|word| (3..=12).contains(&word.len()) && seen.insert(*word));
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// Something like a `package-lock.json` of at least `length` bytes: names, versions, addresses, checksums, dependencies.
fn lock_file(words: &[String], length: usize, random: &mut Random) -> Vec<u8> {
    let name = |random: &mut Random| {
        let mut word = || words.get(random.below(words.len())).map_or("word", String::as_str);
        let (one, two, three) = (word(), word(), word());
        match random.below(4) {
            0 => one.to_owned(),
            1 => format!("@{one}/{two}"),
            2 => format!("{one}-{two}-{three}"),
            _ => format!("{one}-{two}"),
        }
    };
    let version =
        |random: &mut Random| format!("{}.{}.{}", random.below(20), random.below(30), random.below(40));
    let mut text = String::from("{\n  \"name\": \"app\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n");
    while text.len() < length {
        let (package, number) = (name(random), version(random));
        let file = package.rsplit('/').next().unwrap_or_default().to_owned();
        text.push_str(&format!(
            "    \"node_modules/{package}\": {{\n      \"version\": \"{number}\",\n      \
             \"resolved\": \"https://registry.npmjs.org/{package}/-/{file}-{number}.tgz\",\n      \
             \"integrity\": \"sha512-{}\",\n",
            BASE64.encode(&random.bytes(64))
        ));
        if random.below(2) == 0 {
            text.push_str("      \"dev\": true,\n");
        }
        text.push_str("      \"license\": \"MIT\",\n      \"dependencies\": {\n");
        for _ in 0..random.below(5) {
            text.push_str(&format!("        \"{}\": \"^{}\",\n", name(random), version(random)));
        }
        text.push_str("        \"tslib\": \"^2.4.0\"\n      },\n      \"engines\": {\n        \"node\": \">=14\"\n      }\n    },\n");
    }
    text.push_str("    \"\": {}\n  }\n}\n");
    text.into_bytes()
}

/// Source code as a minifier of JavaScript leaves it: no comments, no blanks that are not needed, short names for what is local,
/// long ones for what stands behind a dot, texts as they were, everything in very long lines. JavaScript it is only in looks.
fn minified(sources: &[Source], size: usize) -> Vec<Vec<u8>> {
    let (mut documents, mut document, mut sum) = (Vec::new(), Vec::new(), 0);
    let mut names = HashMap::new();
    for source in sources.iter().filter(|source| source.is_like_c()) {
        minify(&source.bytes, &mut names, &mut document);
        if document.len() >= DOCUMENT {
            sum += document.len();
            documents.push(std::mem::take(&mut document));
            names.clear();
        }
        if sum >= size {
            return documents;
        }
    }
    documents.push(document);
    documents
}

/// Words that a minifier leaves alone.
const KEPT: [&str; 22] = [
    "break", "case", "catch", "class", "const", "continue", "default", "do", "else", "false", "for", "if",
    "in", "let", "new", "null", "return", "switch", "this", "true", "typeof", "while",
];

/// Words of other languages, and what stands for them in this one.
const SAID: [(&str, &str); 12] = [
    ("fn", "function"),
    ("self", "this"),
    ("Self", "this"),
    ("struct", "class"),
    ("enum", "class"),
    ("impl", "class"),
    ("match", "switch"),
    ("None", "null"),
    ("NULL", "null"),
    ("loop", "for"),
    ("use", "import"),
    ("sizeof", "typeof"),
];

fn minify<'a>(code: &'a [u8], names: &mut HashMap<&'a [u8], String>, out: &mut Vec<u8>) {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    let mut rest = code;
    while let Some(&byte) = rest.first() {
        let length = if byte.is_ascii_whitespace() {
            0
        } else if rest.starts_with(b"//") || byte == b'#' {
            rest = rest.get(until(rest, b"\n")..).unwrap_or_default();
            continue;
        } else if rest.starts_with(b"/*") {
            rest = rest.get(until(rest, b"*/")..).unwrap_or_default();
            continue;
        } else if byte == b'"' {
            quoted(rest)
        } else {
            rest.iter().take_while(|byte| is_word(**byte)).count().max(1)
        };
        let (token, after) = rest.split_at(length.max(1).min(rest.len()));
        rest = after;
        if length == 0 {
            continue;
        }
        let before = out.last().copied().unwrap_or(b';');
        if !is_word(byte) {
            out.extend_from_slice(token);
            // `a->b` and `a::b` are `a.b`.
            for sign in [&b"->"[..], b"::"] {
                if out.ends_with(sign) {
                    out.truncate(out.len() - sign.len());
                    out.push(b'.');
                }
            }
            continue;
        }
        if is_word(before) {
            out.push(b' ');
        }
        out.extend_from_slice(&renamed(token, before == b'.', names));
    }
    out.push(b'\n');
}

/// What a minifier makes of a word.
fn renamed<'a>(word: &'a [u8], is_member: bool, names: &mut HashMap<&'a [u8], String>) -> Vec<u8> {
    let text = std::str::from_utf8(word).unwrap_or_default();
    if let Some((_, said)) = SAID.iter().find(|(theirs, _)| *theirs == text) {
        return said.as_bytes().to_vec();
    }
    if word.first().is_none_or(u8::is_ascii_digit) || KEPT.contains(&text) {
        return word.to_vec();
    }
    if is_member {
        // camelCase, as JavaScript has it.
        let mut parts = text.split('_').filter(|part| !part.is_empty());
        let mut name = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let mut letters = part.chars();
            name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
            name.extend(letters);
        }
        return name.into_bytes();
    }
    let next = names.len();
    names.entry(word).or_insert_with(|| short(next)).clone().into_bytes()
}

/// `a` to `Z`, then `aa` and so on.
fn short(number: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let (mut number, mut name) = (number, String::new());
    loop {
        name.push(char::from(LETTERS.get(number % 52).copied().unwrap_or(b'a')));
        number /= 52;
        if number == 0 {
            return name;
        }
        number -= 1;
    }
}

/// Where `end` ends, or everything does.
fn until(text: &[u8], end: &[u8]) -> usize {
    text.windows(end.len()).position(|window| window == end).map_or(text.len(), |at| at + end.len())
}

/// The length of a text in double quotes; of one that does not end in its line, the quote alone.
fn quoted(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    1
}
