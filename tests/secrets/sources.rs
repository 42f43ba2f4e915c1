//! What the sources must not say: a panic, an unequal time, a type that prints what it should not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file under `src/`, without tests, comments and the content of texts.
struct Source {
    /// Its path under `src/`.
    name: String,
    code: String,
}

/// Words that name secrets, as parts of names.
const SECRETS: [&str; 13] = [
    "token",
    "verifier",
    "nonce",
    "state",
    "code",
    "password",
    "secret",
    "hash",
    "challenge",
    "jwt",
    "sealed",
    "signature",
    "expose",
];

/// Types with such fields that derive `Debug` or `Serialize`, and why that is harmless.
const REVIEWED_TYPES: [(&str, &str, &str); 19] = [
    ("bin/cognito-local-pool.rs", "Ready", "holds the address of the token endpoint"),
    ("client/authorization.rs", "PendingSignIn", "serialized for a program to keep; redaction.rs prints it"),
    ("client/tokens.rs", "TokenSet", "serialized for a program to keep; redaction.rs prints it"),
    ("config/section/bearer.rs", "BearerSettings", "says which kind of token is asked for, and holds none"),
    ("config/key.rs", "Key", "says of a setting that it is secret, and holds none"),
    ("config/section/client.rs", "OwnClient", "its secret is a `Secret`; config/redaction.rs prints it"),
    ("config/section/keys.rs", "KeySettings", "its keys are `Secret`s; config/redaction.rs prints it"),
    ("config/section/local_pool.rs", "LocalPoolDefaults", "its secret is a `Secret`; redaction.rs prints it"),
    ("config/section/pool.rs", "PoolSettings", "its secret is a `Secret`; config/redaction.rs prints it"),
    ("config/settings.rs", "Settings", "its secrets are `Secret`s; config/redaction.rs prints it"),
    ("local_pool/config/client.rs", "LocalClient", "its secret is a `Secret`; redaction.rs prints it"),
    ("local_pool/config/pool.rs", "LocalPoolConfig", "holds lifetimes of tokens; redaction.rs prints it"),
    ("local_pool/endpoint/token.rs", "TokenResponse", "the answer that hands out the tokens"),
    ("local_pool/config/user.rs", "LocalUser", "its password is a `Secret`; redaction.rs prints it"),
    ("local_pool/endpoint/well_known.rs", "Discovery", "holds the address of the token endpoint"),
    ("sign_in/attempt.rs", "Attempt", "serialized to be sealed"),
    ("crypto/seal.rs", "Envelope", "serialized to be sealed"),
    ("session/record.rs", "Record", "serialized to be sealed"),
    ("token/expected.rs", "Expected", "says which kind of token is asked for, and holds none"),
];

/// Comparisons beside a secret's name, without spaces, and why their time tells nothing.
const REVIEWED_COMPARISONS: [(&str, &str, &str); 23] = [
    ("routes/answer.rs", "code==status.code", "a status"),
    ("request/bearer_header.rs", "token.trim().contains('')", "a header's form"),
    ("config/reader.rs", "key.secret||text.contains(['@','?'])", "a flag, and a text that will not be shown"),
    (
        "local_pool/endpoint/authorization_request.rs",
        "challenge.len()==43&&challenge.bytes()",
        "the form of what is public",
    ),
    ("local_pool/endpoint/authorization_request.rs", "b\"\".contains(&byte)", "the form of what is public"),
    ("local_pool/endpoint/client_authentication.rs", "form_id!=id", "ids of clients"),
    ("local_pool/endpoint/token.rs", "code.grant.client_id==client.client_id", "ids of clients"),
    ("local_pool/endpoint/token.rs", "grant.client_id==client.client_id", "ids of clients"),
    ("local_pool/endpoint/token.rs", "code.redirect_uri!=redirect_uri", "public URLs"),
    ("oauth/response.rs", "tokens.token_type.eq_ignore_ascii_case(\"\")", "a type of tokens"),
    ("routes/redirect_to_login.rs", "caller.source()==CredentialSource::Bearer", "a kind of credential"),
    ("token/claims.rs", "self.token_use==TokenUse::Access", "a type of tokens"),
    ("token/claims.rs", "*client_id==self.sub", "ids of clients"),
    ("token/key_set.rs", "*purpose==PublicKeyUse::Signature", "the use of a public key"),
    ("token/expected.rs", "claims.token_use==TokenUse::Access", "a type of tokens"),
    ("token/expected.rs", "self.audiences.contains(aud)", "names of resources"),
    ("token/expected.rs", "wanted!=claims.token_use", "a type of tokens"),
    (
        "token/cache.rs",
        "self.0.jwt()==other.0.jwt()",
        "met by texts whose hashes, keyed at random, lead to one place",
    ),
    (
        "token/cache.rs",
        "self==key.0.jwt()",
        "met by texts whose hashes, keyed at random, lead to one place; each guess leads to another",
    ),
    ("user/cognito_user.rs", "self.sub()==other.sub()", "ids of users"),
    (
        "user/cognito_user.rs",
        "self.credential.seen().jwt()==other.credential.seen().jwt()",
        "tokens of one request, which have been verified",
    ),
    (
        "user/cognito_user.rs",
        "self.id.as_ref().map(Id::text)==other.id.as_ref().map(Id::text)",
        "tokens of one request",
    ),
    ("user/cognito_user.rs", "self.claims().token_use==TokenUse::Id", "a type of tokens"),
];

/// What compares two values and stops at the first difference.
const COMPARISONS: [&str; 11] = [
    "==",
    "!=",
    ".eq(",
    ".ne(",
    ".cmp(",
    "starts_with(",
    "ends_with(",
    "contains(",
    "strip_prefix(",
    "strip_suffix(",
    "eq_ignore_ascii_case(",
];

/// What ends a request, or the process, where an error was meant; or writes past the log.
const FORBIDDEN: [&str; 19] = [
    ".unwrap()",
    ".expect(",
    "unwrap_err()",
    "unwrap_unchecked",
    "panic!",
    "unreachable!",
    "todo!",
    "unimplemented!",
    "assert!",
    "assert_eq!",
    "assert_ne!",
    "debug_assert",
    "exit(",
    "abort()",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
];

/// Files and folders of tests.
const TESTS: [&str; 5] = ["tests.rs", "tests", "redaction.rs", "fuzzing.rs", "local_path/grammar.rs"];

fn sources() -> Vec<Source> {
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        (path, name)
    };
    let is_test =
        |name: &str| Path::new(name).ancestors().any(|part| TESTS.iter().any(|tests| part.ends_with(tests)));
    let sources: Vec<_> = files(&root)
        .into_iter()
        .map(named)
        .filter(|(_, name)| !is_test(name))
        .map(|(path, name)| {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let text = text.split("#[cfg(all(test, feature = \"templates\"))]\nmod tests {").next().unwrap();
            Source { name, code: without_texts(text) }
        })
        .collect();
    assert!(sources.len() > 60 && sources.iter().any(|source| source.name == "local_pool/state/tokens.rs"));
    sources
}

/// Without comments, and with nothing between quotation marks.
fn without_texts(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (taken, instead) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), "")
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            (raw.find("\"#").unwrap() + 5, "\"\"")
        } else if letter == '"' {
            (end_of_text(rest), "\"\"")
        } else if rest.starts_with("'\"'") {
            (3, "' '")
        } else {
            (letter.len_utf8(), &rest[..letter.len_utf8()])
        };
        code.push_str(instead);
        rest = &rest[taken..];
    }
    code
}

/// Where the text ends that begins here.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            letter => escaped = letter == '\\' && !escaped,
        }
    }
    panic!("a text without an end");
}

/// The names in a piece of code, in their order.
fn names(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|name| !name.is_empty())
}

fn is_secret(name: &str) -> bool {
    name.split('_').any(|word| SECRETS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Every struct: its name, its attributes and what stands between its brackets.
fn structs(code: &str) -> Vec<(&str, &str, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("struct ") {
        let name = names(&code[at + 7..]).next().unwrap();
        let head = &code[..at];
        let attributes = &head[head.rfind(['}', ';', '{']).map_or(0, |end| end + 1)..];
        let body = &code[at..];
        let open = body.find(['{', '(', ';']).unwrap();
        let close = if body[open..].starts_with('{') { "\n}" } else { ";" };
        let body = &body[open..];
        found.push((name, attributes, &body[..body.find(close).unwrap_or(body.len())]));
    }
    found
}

/// X1.
#[test]
fn no_type_with_a_secret_derives_debug_or_serialize_unreviewed() {
    let mut unreviewed = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for source in &sources() {
        for (name, attributes, fields) in structs(&source.code) {
            let prints = names(attributes).any(|name| name == "Debug" || name == "Serialize");
            let holds = names(fields).any(|name| is_secret(name) || name == "Zeroizing");
            if prints && holds {
                seen.insert((source.name.clone(), name.to_owned()));
            }
        }
    }
    for (file, name) in &seen {
        if !REVIEWED_TYPES.iter().any(|(reviewed, known, _)| reviewed == file && known == name) {
            unreviewed.insert(format!("{file}: {name}"));
        }
    }
    for (file, name, why) in REVIEWED_TYPES {
        assert!(seen.contains(&(file.to_owned(), name.to_owned())), "{name} of {file} is gone ({why})");
    }
    assert_eq!(unreviewed, BTreeSet::new(), "take the derive away, write one by hand, or review");
}

/// T39.
#[test]
fn no_secret_is_compared_but_in_constant_time() {
    let (mut left, mut unreviewed) = (REVIEWED_COMPARISONS.to_vec(), Vec::new());
    for source in sources().iter().filter(|source| source.name != "crypto/constant_time.rs") {
        for statement in
            source.code.split([';', '{', '}']).filter(|statement| names(statement).any(is_secret))
        {
            let mut compact: String = statement.split_whitespace().collect();
            for (file, comparison, _) in REVIEWED_COMPARISONS {
                if file == source.name && compact.contains(comparison) {
                    left.retain(|(theirs, other, _)| (*theirs, *other) != (file, comparison));
                    compact = compact.replace(comparison, "");
                }
            }
            if COMPARISONS.iter().any(|operator| compact.contains(operator)) {
                unreviewed.push(format!("{}: {compact}", source.name));
            }
        }
    }
    assert_eq!(unreviewed, [""; 0], "use `constant_time::same`, or review");
    assert_eq!(left, [], "these are gone");
}

/// X3.
#[test]
fn the_compiler_refuses_panics_and_unsafe_code_in_the_sources() {
    let lib = include_str!("../../src/lib.rs");
    let lints =
        lib.split("#![cfg_attr(\n    not(test),\n    deny(").nth(1).and_then(|rest| rest.split(')').next());
    let lints: BTreeSet<_> = lints.expect("lints").split(',').map(str::trim).collect();
    for lint in
        ["unwrap_used", "expect_used", "indexing_slicing", "string_slice", "panic", "todo", "unreachable"]
    {
        assert!(lints.contains(format!("clippy::{lint}").as_str()), "{lint} is not denied: {lints:?}");
    }
    assert!(lib.starts_with("#![forbid(unsafe_code)]\n"));
    for source in sources() {
        let attributes = source.code.split("#").skip(1).map(|rest| rest.split(']').next().unwrap());
        for attribute in attributes.filter(|attribute| attribute.contains("clippy::")) {
            assert!(
                source.name == "lib.rs" && !attribute.contains("allow"),
                "{}: #{attribute}]",
                source.name
            );
        }
    }
}

/// X3. Some of it clippy has no lint for.
#[test]
fn nothing_in_the_sources_panics_or_writes_past_the_log() {
    for source in sources() {
        // The compiler's own checks end no request.
        for line in source.code.lines().filter(|line| !line.contains("const { assert!")) {
            let said = FORBIDDEN.iter().find(|word| line.contains(**word));
            assert_eq!(said, None, "{}: {line}", source.name);
        }
    }
}
