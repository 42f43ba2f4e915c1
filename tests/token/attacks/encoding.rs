//! T13, T14, T16 to T22, T31: what a token must be as text, as base64url and as JSON.

use serde_json::{Value, json};

use super::{App, Attack, POOL};
use crate::support::forge::{Key, access_claims, base64url, with};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MAX_BYTES: usize = 24 * 1024;

type Change = fn(&str) -> String;

pub fn attacks(key: &Key) -> Vec<Attack> {
    [parts(key), base64(key), sizes(key), nesting(key), duplicates(key), bytes(key), not_objects(key)]
        .concat()
}

fn named(attacks: impl IntoIterator<Item = (impl Into<String>, String)>) -> Vec<Attack> {
    attacks.into_iter().map(|(name, token)| (name.into(), token)).collect()
}

/// T13, T14, T16, T31.
fn parts(key: &Key) -> Vec<Attack> {
    let token = key.token(&access_claims());
    let [header, claims, signature] = split(&token);
    let five = |header: &Value| {
        let parts: [&[u8]; 4] = [&[1; 256], &[2; 12], &[3; 1008], &[4; 16]];
        format!("{}.{}", base64url(header.to_string()), parts.map(base64url).join("."))
    };
    let flattened = json!({ "protected": header, "payload": claims, "signature": signature });
    let general =
        json!({ "payload": claims, "signatures": [{ "protected": header, "signature": signature }] });
    named([
        ("one part", header.to_owned()),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{token}.{signature}")),
        ("an empty part in front", format!(".{token}")),
        ("an empty part behind", format!("{token}.")),
        ("no header", format!(".{claims}.{signature}")),
        ("no claims", format!("{header}..{signature}")),
        ("no signature", format!("{header}.{claims}.")),
        ("dots", "..".into()),
        ("four dots", "....".into()),
        ("two tokens", format!("{token}.{token}")),
        ("parts in another order", format!("{claims}.{header}.{signature}")),
        ("a refresh token of Cognito", five(&json!({ "cty": "JWT", "enc": "A256GCM", "alg": "RSA-OAEP" }))),
        ("a JWE that says RS256", five(&key.header())),
        ("a JWE of a shared key", five(&json!({ "kid": key.kid, "enc": "A256GCM", "alg": "dir" }))),
        ("flattened JSON", base64url(flattened.to_string())),
        ("general JSON", base64url(general.to_string())),
        (
            "a Fernet token",
            "gAAAAABmAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==".into(),
        ),
        ("an opaque token", "2YotnFZFEjr1zCsicMWpAA".into()),
    ])
}

/// T16: of the many spellings of the same bytes only one counts.
fn base64(key: &Key) -> Vec<Attack> {
    // These claims contain bytes that the two alphabets write differently.
    let claims = with(access_claims(), "pad", "~~~???>>>".into());
    let token = key.sign_raw(key.header().to_string(), claims.to_string());
    assert!(token.contains('-') || token.contains('_'));
    let mut attacks = named([
        ("the other alphabet", token.replace('-', "+").replace('_', "/")),
        ("+ for -", token.replace('-', "+")),
        ("/ for _", token.replace('_', "/")),
        ("padding behind", format!("{token}=")),
        ("more padding behind", format!("{token}==")),
        ("tilde", format!("{token}~")),
    ]);
    attacks.retain(|(_, attack)| *attack != token);
    let parts = split(&token);
    for index in 0..parts.len() {
        for last in other_endings(parts[index]) {
            let mut parts = parts.map(str::to_owned);
            parts[index] = last;
            attacks.push((format!("other unused bits in part {index}"), parts.join(".")));
        }
    }
    attacks
}

/// Other ways to write the same bytes: what differs are bits of the last character that stand for none.
fn other_endings(part: &str) -> Vec<String> {
    let unused = match part.len() % 4 {
        2 => 4,
        3 => 2,
        _ => return Vec::new(),
    };
    let (rest, last) = part.split_at(part.len() - 1);
    let value = ALPHABET.iter().position(|byte| *byte == last.as_bytes()[0]).unwrap();
    (1..1 << unused).map(|bits| format!("{rest}{}", ALPHABET[value | bits] as char)).collect()
}

/// T17.
fn sizes(key: &Key) -> Vec<Attack> {
    named([
        ("a byte too long", of_length(key, MAX_BYTES + 1)),
        ("a million bytes", padded(key, 0, 1_000_000)),
        ("a long signature", format!("{}{}", key.token(&access_claims()), "A".repeat(MAX_BYTES))),
        ("five million letters", "a".repeat(5_000_000)),
        ("a million dots", ".".repeat(1_000_000)),
    ])
}

/// T18, in header and claims.
fn nesting(key: &Key) -> Vec<Attack> {
    let mut attacks = Vec::new();
    for levels in [32, 33, 127, 128, 1_000, 7_000, 100_000] {
        for (kind, open, close) in [("arrays", "[", "]"), ("objects", "{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            let nested = |text: String| append(&text, &format!("\"x\":{deep}"));
            let (header, claims) = (key.header().to_string(), access_claims().to_string());
            attacks.push((
                format!("{levels} {kind} in the claims"),
                key.sign_raw(&header, nested(claims.clone())),
            ));
            attacks.push((format!("{levels} {kind} in the header"), key.sign_raw(nested(header), claims)));
        }
        let unclosed = append(&access_claims().to_string(), &format!("\"x\":{}", "[".repeat(levels)));
        attacks.push((format!("{levels} open arrays"), key.sign_raw(key.header().to_string(), unclosed)));
    }
    attacks
}

/// T19: which of two members counts is never a question.
fn duplicates(key: &Key) -> Vec<Attack> {
    let (header, claims) = (key.header().to_string(), access_claims().to_string());
    let in_claims = [
        "\"exp\":9999999999",
        "\"\\u0065xp\":9999999999",
        "\"iss\":\"https://evil.example\"",
        "\"token_use\":\"access\"",
        "\"client_id\":\"forgedclient\"",
        "\"sub\":\"other\"",
        "\"username\":\"admin\"",
        "\"cognito:groups\":[\"admin\"]",
        "\"cognito\\u003agroups\":[\"admin\"]",
        "\"x\":1,\"x\":1",
        "\"x\":1,\"\\u0078\":1",
        "\"x\":{\"y\":1,\"y\":2}",
        "\"x\":[{\"y\":{\"z\":1,\"z\":1}}]",
    ];
    let in_header = [
        "\"alg\":\"RS256\"",
        "\"alg\":\"none\"",
        "\"kid\":\"other\"",
        "\"\\u006bid\":\"x\"",
        "\"x\":1,\"x\":1",
    ];
    let mut attacks = Vec::new();
    for member in in_claims {
        for text in [append(&claims, member), prepend(&claims, member)] {
            attacks.push((format!("claims with {member}"), key.sign_raw(&header, text)));
        }
    }
    for member in in_header {
        for text in [append(&header, member), prepend(&header, member)] {
            attacks.push((format!("header with {member}"), key.sign_raw(text, &claims)));
        }
    }
    attacks
}

/// T20, T21: text is UTF-8, with nothing in front.
fn bytes(key: &Key) -> Vec<Attack> {
    let claims = access_claims().to_string();
    let ignored = |bytes: &[u8]| {
        let (before, end) = claims.as_bytes().split_at(claims.len() - 1);
        [before, b",\"x\":\"", bytes, b"\"", end].concat()
    };
    let utf16 = |order: fn(u16) -> [u8; 2]| claims.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let cases = [
        ("a byte that is no UTF-8", ignored(b"\xff")),
        ("an overlong slash", ignored(b"\xc0\xaf")),
        ("an overlong NUL", ignored(b"\xc0\x80")),
        ("a surrogate as UTF-8", ignored(b"\xed\xa0\x80")),
        ("half a letter", ignored(b"\xc3")),
        ("beyond Unicode", ignored(b"\xf4\x90\x80\x80")),
        ("a lone surrogate", ignored(br"\ud800")),
        ("surrogates the wrong way round", ignored(br"\udc00\ud800")),
        ("a raw NUL", ignored(b"\0")),
        ("a raw line break", ignored(b"\n")),
        ("an unknown escape", ignored(br"\x41")),
        ("a byte order mark", [b"\xef\xbb\xbf", claims.as_bytes()].concat()),
        ("UTF-16", utf16(u16::to_le_bytes)),
        ("UTF-16, the other way round", utf16(u16::to_be_bytes)),
    ];
    let header = key.header().to_string();
    let mut attacks = named(cases.map(|(name, claims)| (name, key.sign_raw(&header, claims))));
    attacks.push(("no UTF-8 in the header".into(), {
        let (before, end) = header.as_bytes().split_at(header.len() - 1);
        key.sign_raw([before, b",\"x\":\"\xff\"", end].concat(), &claims)
    }));
    attacks
}

/// T22: both parts are one JSON object each.
fn not_objects(key: &Key) -> Vec<Attack> {
    let (header, claims) = (key.header().to_string(), access_claims().to_string());
    let mut attacks = Vec::new();
    for (name, wrong) in [
        ("an array", "[]"),
        ("a string", "\"x\""),
        ("a number", "1"),
        ("null", "null"),
        ("true", "true"),
        ("an empty object", "{}"),
        ("a space", " "),
        ("no JSON", "x"),
    ] {
        attacks.push((format!("{name} as claims"), key.sign_raw(&header, wrong)));
        attacks.push((format!("{name} as header"), key.sign_raw(wrong, &claims)));
    }
    // A parser that knows the names would take the values alone.
    attacks.push(("values as header".into(), key.sign_raw(json!(["RS256", key.kid]).to_string(), &claims)));
    let changes: [(&str, Change); 9] = [
        ("in an array", |text| format!("[{text}]")),
        ("in a string", |text| json!(text).to_string()),
        ("twice", |text| format!("{text}{text}")),
        ("with a letter behind", |text| format!("{text}x")),
        ("with NUL behind", |text| format!("{text}\0")),
        ("with a comma too many", |text| text.replacen('}', ",}", 1)),
        ("with a comment", |text| format!("{text}//")),
        ("in single quotes", |text| text.replace('"', "'")),
        ("cut", |text| text[..text.len() - 1].to_owned()),
    ];
    for (name, change) in changes {
        attacks.push((format!("claims {name}"), key.sign_raw(&header, change(&claims))));
        attacks.push((format!("header {name}"), key.sign_raw(change(&header), &claims)));
    }
    attacks
}

fn split(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// The JSON object `text` with one more member at its end.
fn append(text: &str, member: &str) -> String {
    format!("{},{member}}}", &text[..text.len() - 1])
}

fn prepend(text: &str, member: &str) -> String {
    format!("{{{member},{}", &text[1..])
}

/// A token with spaces behind header and claims, which JSON allows.
fn padded(key: &Key, in_header: usize, in_claims: usize) -> String {
    let pad = |text: String, spaces: usize| text + &" ".repeat(spaces);
    key.sign_raw(pad(key.header().to_string(), in_header), pad(access_claims().to_string(), in_claims))
}

/// A token of exactly `length` bytes.
fn of_length(key: &Key, length: usize) -> String {
    let [header, claims] = [key.header(), access_claims()].map(|part| part.to_string().len());
    let signature = key.token(&access_claims()).rsplit('.').next().unwrap().len();
    let encoded = |bytes: usize| (bytes * 4).div_ceil(3);
    let fits = |[more_header, more_claims]: &[usize; 2]| {
        encoded(header + more_header) + encoded(claims + more_claims) + signature + 2 == length
    };
    // Base64 has no text of 4n + 1 letters: spaces in the header make up for that.
    let mut spaces = (0..3).flat_map(|header| (0..length).map(move |claims| [header, claims]));
    let [in_header, in_claims] = spaces.find(fits).expect("some number of spaces gives this length");
    let token = padded(key, in_header, in_claims);
    assert_eq!(token.len(), length);
    token
}

#[rocket::async_test]
async fn the_longest_and_deepest_tokens_are_accepted() {
    let app = App::new().await;
    app.accepts("24 KiB", &of_length(&POOL, MAX_BYTES)).await;
    let deep = format!("\"x\":{}1{}", "[".repeat(31), "]".repeat(31));
    let (header, claims) = (POOL.header().to_string(), access_claims().to_string());
    app.accepts("32 levels", &POOL.sign_raw(append(&header, &deep), append(&claims, &deep))).await;
}

/// T37: of all texts near a good token only the token itself counts.
#[rocket::async_test]
async fn no_character_of_a_token_can_be_changed_left_out_or_added() {
    let app = App::new().await;
    let token = POOL.token(&access_claims());
    app.accepts("control", &token).await;
    let mut attacks = Vec::new();
    for (index, byte) in token.bytes().enumerate() {
        let (before, after) = (&token[..index], &token[index + 1..]);
        let neighbour = ALPHABET.iter().position(|other| *other == byte).map_or(b'A', |at| ALPHABET[at ^ 1]);
        for other in [neighbour, b'.', b'A', b'~'] {
            if other != byte {
                attacks.push((
                    format!("{index}: {}", other as char),
                    format!("{before}{}{after}", other as char),
                ));
            }
        }
        attacks.push((format!("without {index}"), format!("{before}{after}")));
        attacks.push((format!("{index} twice"), format!("{before}{0}{0}{after}", byte as char)));
    }
    app.refuses(attacks).await;
    app.accepts("the token itself, still", &token).await;
}
