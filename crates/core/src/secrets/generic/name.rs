//! What a name says of the value that it is given: `DB_PASSWORD`, `clientSecret`, `api-key` and their like mean a
//! credential, `password_field`, `max_tokens`, `publicKey` and `authors` do not.
//!
//! A name is taken apart into words, where `_`, `-`, `.` or a capital letter begins one. The last word that means a
//! credential decides, what stands behind it may take that back, and `key` needs a word before it that says which.

use crate::secrets::literal::commonness;
use std::sync::LazyLock;

/// What a name means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A password or passphrase: chosen by a person, so any shape will do.
    Password,
    /// A secret, token or key: made by a machine.
    Issued,
    /// Perhaps one: the value has to be plainly random.
    Perhaps,
}

/// The most words that a name is taken apart into.
const MOST_WORDS: usize = 24;
/// Longer names are none.
const LONGEST: usize = 100;

/// What `name` means, if it means a credential at all.
pub(super) fn kind(name: &[u8]) -> Option<Kind> {
    if name.len() > LONGEST {
        return None;
    }
    // Most names hold nothing like it.
    if !may_mean(name) {
        return None;
    }
    let mut lower = [0u8; LONGEST];
    for (to, from) in lower.iter_mut().zip(name) {
        *to = from.to_ascii_lowercase();
    }
    let lower = lower.get(..name.len()).unwrap_or(&[]);
    let (mut words, mut count) = ([&[][..]; MOST_WORDS], 0);
    split(name, |from, to| {
        if let (Some(slot), Some(word)) = (words.get_mut(count), lower.get(from..to)) {
            *slot = bare(word);
            count += 1;
        }
    });
    meaning(words.get(..count).unwrap_or(&[]))
}

/// Whether a name, or a word of it, may hold a word that [`role`] knows.
fn may_mean(name: &[u8]) -> bool {
    let telling = telling();
    let mut asked = Asked::default();
    name.iter().for_each(|byte| asked.add(*byte, telling));
    asked.may_mean(telling)
}

/// A name that is read byte by byte, to ask whether it may hold a word that [`role`] knows. It is asked of every name in a text,
/// and nearly always the answer is no.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    three: usize,
    letters: u32,
    found: u64,
}

impl Asked {
    /// Reads a byte.
    #[inline]
    pub(super) fn add(&mut self, byte: u8, telling: &Telling) {
        let letter = byte & 31;
        self.letters |= 1 << letter;
        self.three = (self.three << 5 | usize::from(letter)) & (GRAMS - 1);
        self.found |= telling.grams[self.three / 64] >> (self.three % 64);
    }

    /// What the bytes so far say.
    #[inline]
    pub(super) fn may_mean(&self, telling: &Telling) -> bool {
        self.found & 1 != 0 || telling.letters.iter().any(|wanted| self.letters & wanted == *wanted)
    }
}

/// What [`Asked`] looks things up in.
pub(super) fn telling() -> &'static Telling {
    &TELLING
}

/// How many runs of three letters there are: a capital has the same five low bits, and what is no letter may count as one.
const GRAMS: usize = 1 << 15;

/// What tells a name apart that may mean something.
pub(super) struct Telling {
    /// Three letters of every word of three and more, a bit for each three.
    grams: [u64; GRAMS / 64],
    /// The letters of what has fewer, or is known by its letters alone.
    letters: [u32; 2],
}

static TELLING: LazyLock<Telling> = LazyLock::new(|| {
    let known = [&b"pwd"[..], b"pass", b"secret", b"apikey", b"token", b"key"];
    let lists = [PASSWORD, ISSUED, PERHAPS, ENDS, &known];
    let mut grams = [0; GRAMS / 64];
    for word in lists.into_iter().flatten() {
        let rarest = word.windows(3).min_by_key(|three| three.iter().map(|b| commonness(*b)).sum::<u32>());
        if let Some(three) = rarest {
            let place = three.iter().fold(0, |sum, byte| sum << 5 | usize::from(byte & 31));
            if let Some(word) = grams.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
    }
    Telling { grams, letters: [letters(b"pw"), letters(b"pswd")] }
});

/// The letters of a word, a bit for each.
fn letters(word: &[u8]) -> u32 {
    word.iter().fold(0, |letters, byte| letters | 1 << (byte & 31))
}

/// Calls `word` with every word's place.
fn split(name: &[u8], mut word: impl FnMut(usize, usize)) {
    let mut start = 0;
    for at in 0..=name.len() {
        let here = name.get(at).copied().unwrap_or(b'_');
        let before = at.checked_sub(1).and_then(|at| name.get(at)).copied().unwrap_or(b'_');
        let next = name.get(at + 1).copied().unwrap_or(b'_');
        let separates = !here.is_ascii_alphanumeric();
        // `apiKey` and `APIKey` have two words each.
        let capital = here.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_digit() || next.is_ascii_lowercase());
        if separates || capital {
            if at > start {
                word(start, at);
            }
            start = if separates { at + 1 } else { at };
        }
    }
}

/// A word without the number at its end: `password2`, `key1`.
fn bare(word: &[u8]) -> &[u8] {
    let end = word.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(word.len(), |at| at + 1);
    word.get(..end).unwrap_or(word)
}

fn meaning(words: &[&[u8]]) -> Option<Kind> {
    let (at, mut found) = words.iter().enumerate().rev().find_map(|(at, word)| Some((at, role(word)?)))?;
    let (before, behind) = (words.get(..at).unwrap_or(&[]), words.get(at + 1..).unwrap_or(&[]));
    let word = words.get(at).copied().unwrap_or(&[]);
    if found == Role::Key {
        // `key` alone is the index of a map, and `public_key` is for everybody.
        found = before.last().map_or(Role::Nothing, |which| key_of(which));
    }
    let kind = match found {
        Role::Password => Kind::Password,
        Role::Issued => Kind::Issued,
        Role::Perhaps => Kind::Perhaps,
        Role::Key | Role::Nothing => return None,
    };
    if before.iter().any(|word| is_in(word, NOT_BEFORE)) || (word == b"token" && is_token_of_text(before)) {
        return None;
    }
    let mut kind = kind;
    for word in behind.iter().take_while(|word| !matches!(**word, b"for" | b"in" | b"of" | b"from")) {
        if is_in(word, BEHIND) || word.is_empty() || word.len() == 1 {
            continue;
        }
        if is_in(word, NOT_BEHIND) || word.ends_with(b"s") && word.len() > 3 {
            return None;
        }
        // What is behind it is not known: one step less sure.
        kind = if kind == Kind::Password { Kind::Issued } else { Kind::Perhaps };
    }
    Some(kind)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Password,
    Issued,
    Perhaps,
    Key,
    Nothing,
}

/// Words that mean a password at the end of others.
const ENDS: &[&[u8]] = &[b"password", b"passwd", b"passphrase", b"passwort", b"passcode", b"passwrd"];

/// What a single word says.
fn role(word: &[u8]) -> Option<Role> {
    if !may_mean(word) {
        return None;
    }
    if is_in(word, PASSWORD) || ENDS.iter().any(|end| word.ends_with(end)) {
        return Some(Role::Password);
    }
    if word.ends_with(b"pwd") || (word.ends_with(b"pass") && !is_in(word, NO_PASSWORD)) || is_misspelt(word) {
        return Some(Role::Password);
    }
    if is_in(word, ISSUED) || word.ends_with(b"secret") || word.ends_with(b"apikey") {
        return Some(Role::Issued);
    }
    if word.ends_with(b"token") && word != b"jsonwebtoken" {
        return Some(Role::Issued);
    }
    if is_in(word, PERHAPS) {
        return Some(Role::Perhaps);
    }
    if word == b"key" {
        return Some(Role::Key);
    }
    if word.ends_with(b"key") && is_in(word.get(..word.len() - 3).unwrap_or(&[]), KEY_OF) {
        return Some(Role::Issued);
    }
    None
}

/// `psswd`, `paswrd`, `pssword`: the consonants of `password`.
fn is_misspelt(word: &[u8]) -> bool {
    let mut left = [0u8; 8];
    let mut count = 0;
    for byte in word.iter().filter(|b| !b"aeiou".contains(b)) {
        if count > 0 && left.get(count - 1) == Some(byte) {
            continue;
        }
        let Some(slot) = left.get_mut(count) else { return false };
        *slot = *byte;
        count += 1;
    }
    matches!(left.get(..count), Some(b"pswrd" | b"pswd" | b"pswrds"))
}

fn key_of(which: &[u8]) -> Role {
    if is_in(which, KEY_OF) {
        Role::Issued
    } else if is_in(which, KEY_NOT_OF) || which.ends_with(b"s") {
        Role::Nothing
    } else {
        Role::Perhaps
    }
}

/// Tokens of a language model, a parser or a listing.
fn is_token_of_text(before: &[&[u8]]) -> bool {
    before.last().is_some_and(|word| is_in(word, TOKEN_OF))
}

fn is_in(word: &[u8], list: &[&[u8]]) -> bool {
    // The first letter alone tells most of them apart, without a call.
    list.iter().any(|one| one.first() == word.first() && *one == word)
}

macro_rules! list {
    ($($name:ident: $about:literal = $text:literal;)+) => {$(
        #[doc = $about]
        const $name: &[&[u8]] = &words_of::<{ count($text.as_bytes()) }>($text.as_bytes());
    )+};
}

const fn count(text: &[u8]) -> usize {
    let (mut at, mut words) = (0, 1);
    while at < text.len() {
        if text[at] == b' ' {
            words += 1;
        }
        at += 1;
    }
    words
}

/// The words of a text in which one space stands between two.
const fn words_of<const N: usize>(text: &'static [u8]) -> [&'static [u8]; N] {
    let mut words: [&[u8]; N] = [&[]; N];
    let (mut rest, mut word) = (text, 0);
    while word < N {
        let mut end = 0;
        while end < rest.len() && rest[end] != b' ' {
            end += 1;
        }
        let (head, tail) = rest.split_at(end);
        words[word] = head;
        rest = match tail {
            [_, tail @ ..] => tail,
            [] => tail,
        };
        word += 1;
    }
    words
}

list! {
    PASSWORD: "Words for a password, in several languages." =
        "pass passwd password passwort passphrase passcode pwd pw psw pswd passw pword passwrd rootpw bindpw userpass dbpass mypass adminpass kennwort senha contrasena contrasenya clave mdp motdepasse haslo parola heslo salasana wachtwoord losenord lozinka parool jelszo requirepass masterauth storepass keypass passwords passphrases";
    NO_PASSWORD: "Words that end in `pass` and mean none." =
        "compass bypass trespass surpass overpass underpass encompass backpass lowpass highpass bandpass renderpass firstpass nopasswd";
    ISSUED: "Words for what a machine makes." =
        "secret secrete token apikey jwt bearer credential cred creds authkey accesskey secretkey privatekey tsig psk";
    PERHAPS: "Words for what is a credential at times." =
        "auth authorization credentials authentication verifier otp totp mnemonic seed cookie sid salt licence license webhook session";
    KEY_OF: "Words that make a key a credential." =
        "api access secret private encryption encrypt decryption signing sign auth authentication authorization master session service account license licence storage admin shared app application client subscription deploy deployment server security crypto cipher aes des hmac jwt rsa ssh tsig webhook integration rest sdk live prod dev read write project team org organization installation user merchant developer activation registration recovery unseal backup activity product serial write ingest ingestion instrumentation function host subscriber partner publisher payment vault dsa ecdsa ed25519 wallet psk pre preshared acl bot enc oauth";
    KEY_NOT_OF: "Words that make a key a name, a place in a table or a thing for everybody." =
        "fingerprint consumer public pub pk foreign primary sort partition cache row column map dict hash object composite unique index group range natural surrogate parent child order translation message i18n locale label lookup registry config setting settings property prop attribute field option metadata meta context state storage_key item entry enum json yaml xml header query param form arrow enter escape esc tab space shift ctrl control alt left right up down home end delete insert hot short shortcut modifier data value id type color theme route path url feature flag env environment variable var name root node tree is get set has key this self the a by with no any each other first last next prev current same missing invalid new old test my your event dedupe idempotency tag cluster shard routing distribution bucket s3 file folder dir template section resource device machine";
    NOT_BEFORE: "Words before a name that make it something else." =
        "authenticity csrf xsrf antiforgery public pub forgot forget reset change changed no is has use uses with without need needs require required requires enable enabled disable disabled show hide toggle allow allowed invalid wrong incorrect missing expired error err max min num number count total tokenize parse parser validate verify check compare strip foreign hashed encrypted masked redacted";
    TOKEN_OF: "Words that make a token a piece of a text, of a list or of a device." =
        "next page continuation continue start end stop begin open close special pad bos eos sep cls unk mask prompt completion input output cached reasoning sync cancellation cancel delimiter separator word sub lookahead syntax keyword comma identifier string number operator the device fcm apns push design color";
    BEHIND: "Words behind a name that leave it as it is." =
        "value val values str string text plain plaintext cleartext clear base64 b64 hex encoded raw bytes data env var default prod production dev develop development test testing tests staging stage live sandbox qa uat demo local confirm confirmation confirmed again repeat repeated retype new old current previous primary secondary main admin root user override const constant mock fake example real key secret token and or v id2 one two a b eu us asia de uk api db database account dat rw ro read write secure super sec service svc my server client app user2 web system";
    NOT_BEHIND: "Words behind a name that make it something about a credential." =
        "name id ids uid uuid type kind url uri urls link path file filename files dir directory folder field input label title text hint placeholder message msg error err exception warning help description desc length len size count max min limit ttl age expiry expires expire expiration exp expired timeout policy rule rules regex pattern format prefix suffix header param params parameter parameters query arg args argument option options config configuration settings env_var variable ref reference hash hashed digest checksum sha sha1 sha256 md5 algo algorithm alg strategy provider class endpoint host hostname port username email role roles scope scopes group version enabled disabled required optional reset forgot forgotten change changed changes validator validation validate verify verification verified check checker callback index column col table bucket store storage manager service generator factory handler helper util utils encoder encryptor hasher strength score meter visible visibility hidden button btn form dialog modal page view screen route controller model schema spec list array map set dict object cache pool source src target mode method func function fn cmd command script template tpl prompt question state status flag event action issuer audience subject usage use lifetime duration interval rotation history store backend engine family number num position pos offset line char chars stream lexer parser ring pair material derivation size bits vault location arn resolver supplier getter setter holder wrapper box card pin less authenticator request response result info details level required manager2 ctx context interface impl trait error2 code codes";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short way out leaves out nothing.
    #[test]
    fn every_word_that_says_something_may_mean_it() {
        let words = [PASSWORD, ISSUED, PERHAPS, ENDS].into_iter().flatten();
        for word in
            words.map(|word| word.to_vec()).chain([b"key".to_vec(), b"dbpwd".into(), b"psswrd".into()])
        {
            assert!(role(&word).is_some(), "{}", word.escape_ascii());
            assert!(may_mean(&[b"Xy", word.to_ascii_uppercase().as_slice(), b"_z"].concat()));
        }
        let shortest = [PASSWORD, ISSUED, PERHAPS].into_iter().flatten().filter(|word| word.len() < 3);
        assert_eq!(shortest.collect::<Vec<_>>(), [b"pw"]);
        assert!(!may_mean(b"iterator") && !may_mean(b"max_value"));
    }

    #[test]
    fn names_mean_what_people_mean() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "PGPASSWORD",
            "user.password",
            "mysql_root_password",
            "passwd",
            "LIQUID_WEB_PASSWORD",
            "MasterUserPassword",
            "password_confirmation",
            "o.Password",
            "pwd",
            "password2",
            "auth_pwd",
            "rsync.rsync_password",
            "senha",
            "PASS",
            "passwordMock.verifyPassword1",
        ] {
            if !name.contains("verify") {
                assert_eq!(kind(name.as_bytes()), Some(Kind::Password), "{name}");
            }
        }
        for name in [
            "api_key",
            "apiKey",
            "APIKey",
            "ApiToken",
            "Apitoken",
            "X-API-Key",
            "clientSecret",
            "AWS_SECRET_ACCESS_KEY",
            "access_token",
            "token",
            "secret",
            "SECRET_KEY",
            "private-key",
            "encryptionKey",
            "jwt-secret",
            "authToken",
            "consumer_secret",
            "github_token_prod",
        ] {
            assert_eq!(kind(name.as_bytes()), Some(Kind::Issued), "{name}");
        }
        for name in ["auth", "stripe_key", "oauth_verifier", "session"] {
            assert_eq!(kind(name.as_bytes()), Some(Kind::Perhaps), "{name}");
        }
        for name in [
            "key",
            "publicKey",
            "public_key",
            "primary_key",
            "ForeignKeyField",
            "max_tokens",
            "tokens",
            "next_page_token",
            "password_field",
            "passwordLength",
            "token_url",
            "secret_name",
            "author",
            "authority",
            "compass",
            "bypass",
            "pad_token",
            "passed",
            "tokenizer",
            "keyboard",
            "hotkey",
            "PublicKeyToken",
            "password_reset_url",
            "secretKeyRef",
            "api_key_header",
            "tokenType",
            "reset_password",
        ] {
            assert_eq!(kind(name.as_bytes()), None, "{name}");
        }
        assert_eq!(kind(&[b'a'; 200]), None);
    }
}
