//! Changes of the JSON in a token, whose signature stays: other meanings, and other spellings of the same one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::{IndexedMutRandom, IndexedRandom, SliceRandom};
use serde_json::{Map, Value, json};

use super::Tokens;
use super::text::split;
use crate::support::forge::{CLIENT_ID, ISSUER, base64url, now};

const HEADER: usize = 0;
const CLAIMS: usize = 1;

/// Names and values of a JSON object, as they are written.
type Members = Vec<(String, String)>;

/// A token with its header or claims changed.
fn changed(dice: &mut StdRng, tokens: &Tokens, part: usize, change: fn(&mut StdRng, &mut Members)) -> String {
    let mut members = members(tokens.one(dice), part);
    change(dice, &mut members);
    let members: Vec<_> = members.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
    with_part(dice, tokens, part, &format!("{{{}}}", members.join(",")))
}

fn members(token: &str, part: usize) -> Members {
    let json = URL_SAFE_NO_PAD.decode(split(token)[part]).unwrap();
    let object: Map<String, Value> = serde_json::from_slice(&json).unwrap();
    object.into_iter().map(|(name, value)| (json!(name).to_string(), value.to_string())).collect()
}

/// The other segments may be those of another token of the same user.
fn with_part(dice: &mut StdRng, tokens: &Tokens, part: usize, json: &str) -> String {
    let mut segments = split(tokens.one(dice)).map(str::to_owned);
    segments[part] = base64url(json);
    segments.join(".")
}

fn any_part(dice: &mut StdRng) -> usize {
    *[HEADER, CLAIMS, CLAIMS].choose(dice).unwrap()
}

fn word(dice: &mut StdRng) -> String {
    base64url(dice.random::<[u8; 6]>())
}

/// Sets, adds, leaves out or renames a member.
fn edit(dice: &mut StdRng, members: &mut Members, name: &str, value: &Value) {
    let name = json!(name).to_string();
    let known = members.iter().position(|(other, _)| *other == name);
    let at = dice.random_range(0..members.len());
    match (known, dice.random_range(0..8)) {
        (_, 0) if members.len() > 1 => drop(members.remove(at)),
        (_, 1) => members[at].0 = json!(word(dice)).to_string(),
        (_, 2) => members[at].0 = members[at].0.to_uppercase(),
        (Some(known), _) => members[known].1 = value.to_string(),
        (None, _) => members.insert(at, (name, value.to_string())),
    }
}

pub fn header(dice: &mut StdRng, tokens: &Tokens) -> String {
    const ALGORITHMS: [&str; 12] =
        ["none", "None", "", "HS256", "HS512", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", "dir"];
    const NAMES: [&str; 17] = [
        "alg", "kid", "typ", "cty", "crit", "b64", "zip", "enc", "epk", "p2c", "jku", "jwk", "x5u", "x5c",
        "x5t", "alg ", "exp",
    ];
    changed(dice, tokens, HEADER, |dice, members| {
        for _ in 0..dice.random_range(1..=3) {
            let name = NAMES.choose(dice).unwrap();
            let value = match *name {
                "alg" => json!(ALGORITHMS.choose(dice).unwrap()),
                "kid" => [json!("pool"), json!("next"), json!("stranger"), json!(word(dice))]
                    .choose(dice)
                    .unwrap()
                    .clone(),
                "typ" => json!(["JWT", "at+jwt", "jwt", "JWE"].choose(dice).unwrap()),
                "jku" | "x5u" => json!(format!("https://evil.example/{}", word(dice))),
                "crit" | "x5c" => json!([word(dice)]),
                "b64" => json!(dice.random::<bool>()),
                _ => json!(word(dice)),
            };
            edit(dice, members, name, &value);
        }
        // Something of no meaning, since the edits above are few.
        let nothing = json!(word(dice));
        edit(dice, members, "x", &nothing);
    })
}

pub fn claims(dice: &mut StdRng, tokens: &Tokens) -> String {
    const NAMES: [&str; 14] = [
        "sub",
        "iss",
        "client_id",
        "aud",
        "token_use",
        "scope",
        "exp",
        "iat",
        "nbf",
        "auth_time",
        "username",
        "cognito:username",
        "cognito:groups",
        "jti",
    ];
    changed(dice, tokens, CLAIMS, |dice, members| {
        for _ in 0..dice.random_range(1..=3) {
            let name = NAMES.choose(dice).unwrap();
            let value = match *name {
                "exp" | "iat" | "nbf" | "auth_time" => json!(now() - 5_000 + dice.random_range(0..10_000)),
                "iss" => json!([ISSUER.to_owned(), format!("{ISSUER}{}", word(dice))].choose(dice).unwrap()),
                "client_id" | "aud" => json!([CLIENT_ID.to_owned(), word(dice)].choose(dice).unwrap()),
                "token_use" => json!(["id", "access", "refresh"].choose(dice).unwrap()),
                "scope" => json!(format!("openid aws.cognito.signin.user.admin {}", word(dice))),
                "cognito:groups" => json!(["admin", "editor", word(dice)]),
                "username" => json!(["admin".to_owned(), word(dice)].choose(dice).unwrap()),
                _ => json!(word(dice)),
            };
            edit(dice, members, name, &value);
        }
    })
}

/// The value of a member, of another type.
pub fn types(dice: &mut StdRng, tokens: &Tokens) -> String {
    let part = any_part(dice);
    changed(dice, tokens, part, |dice, members| {
        for _ in 0..dice.random_range(1..=3) {
            let at = dice.random_range(0..members.len());
            let value = members[at].1.clone();
            let number = dice.random::<i64>();
            members[at].1 = match dice.random_range(0..12) {
                0 => "null".to_owned(),
                1 => dice.random::<bool>().to_string(),
                2 => number.to_string(),
                3 => format!("{number}.5"),
                4 => format!("{}e{}", number % 100, dice.random_range(-400..400)),
                5 => format!("[{value}]"),
                6 => format!("[{value},{number}]"),
                7 => format!("{{\"{}\":{value}}}", word(dice)),
                8 => json!(value).to_string(),
                9 => json!(word(dice)).to_string(),
                10 => format!("{}{value}{}", "[".repeat(20), "]".repeat(20)),
                _ => format!("{value}{}", dice.random_range(0..1_000)),
            };
        }
    })
}

/// A member twice, with the same value or another one, its name spelt the same way or another.
pub fn duplicates(dice: &mut StdRng, tokens: &Tokens) -> String {
    let part = any_part(dice);
    changed(dice, tokens, part, |dice, members| {
        for _ in 0..dice.random_range(1..=2) {
            let (mut name, mut value) = members.choose(dice).unwrap().clone();
            if dice.random() {
                name = respelt(dice, &name);
            }
            if dice.random() {
                value = json!(word(dice)).to_string();
            }
            members.insert(dice.random_range(0..=members.len()), (name, value));
        }
    })
}

/// What JSON allows between its tokens, and a little of what it does not.
pub fn spaces(dice: &mut StdRng, tokens: &Tokens) -> String {
    let part = any_part(dice);
    let json = URL_SAFE_NO_PAD.decode(split(tokens.one(dice))[part]).unwrap();
    let mut json = String::from_utf8(json).unwrap();
    for _ in 0..dice.random_range(1..=6) {
        let places: Vec<_> = json.match_indices(['{', '}', ',', ':']).map(|(at, _)| at).collect();
        let at = *places.choose(dice).unwrap() + dice.random_range(0..=1);
        json.insert_str(
            at,
            [" ", "  ", "\t", "\n", "\r\n", "\n", " ", "\u{b}", "\u{a0}"].choose(dice).unwrap(),
        );
    }
    with_part(dice, tokens, part, &json)
}

pub fn order(dice: &mut StdRng, tokens: &Tokens) -> String {
    changed(dice, tokens, CLAIMS, |dice, members| members.shuffle(dice))
}

/// Escapes that mean the same letters, and letters that look alike or do not show.
pub fn spelling(dice: &mut StdRng, tokens: &Tokens) -> String {
    let part = any_part(dice);
    changed(dice, tokens, part, |dice, members| {
        for _ in 0..dice.random_range(1..=3) {
            let (name, value) = members.choose_mut(dice).unwrap();
            let text = if dice.random() { name } else { value };
            *text = respelt(dice, text);
        }
    })
}

/// A JSON text with one of its letters written otherwise.
fn respelt(dice: &mut StdRng, text: &str) -> String {
    let mut letters: Vec<_> = text.chars().map(String::from).collect();
    // Within the quotes, where it has any.
    let inside = if letters.len() > 2 { 1..letters.len() - 1 } else { 0..letters.len() };
    let letter = &mut letters[dice.random_range(inside)];
    let code = u32::from(letter.chars().next().unwrap());
    *letter = match dice.random_range(0..8) {
        0..3 => format!("\\u{code:04x}"),
        3 => format!("\\u{code:04X}"),
        4 => format!("\\{letter}"),
        5 => char::from_u32(code % 0x80 + 0xfee0).unwrap().to_string(),
        6 => letter.to_uppercase(),
        _ => format!(
            "{letter}{}",
            ["\u{301}", "\u{200b}", "\u{202e}", "\u{feff}", "\\u0000"].choose(dice).unwrap()
        ),
    };
    letters.concat()
}
