//! Texts made of what URL parsers, browsers and proxies read differently. A fair share of them are paths.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

const STARTS: &[&str] = &[
    "",
    "//",
    "///",
    "\\",
    "/\\",
    "\\/",
    "/\t/",
    "/ /",
    " /",
    "/.",
    "/..",
    "/%2f",
    "/%5c",
    "/;",
    "/@",
    "/:",
    "http:",
    "https:",
    "https:/",
    "https://",
    "https:\\\\",
    "HTTPS:",
    "javascript:",
    "data:",
    "//user@",
    "?",
    "#",
];
const WORDS: &[&str] =
    &["a", "me", "auth", "x1", "evil.example", "app.example", "login", "~u", "a-b_c", "100%"];
const SEPARATORS: &[&str] =
    &["/", "//", "\\", "/./", "/../", "/.", "/..", ";/", "/;", "\\..\\", ".", "..", ":", "@", "?", "#"];
const ENCODED: &[&str] = &[
    "%2f",
    "%2F",
    "%5c",
    "%2e",
    "%2E",
    "%2e%2e",
    "%3f",
    "%23",
    "%40",
    "%3a",
    "%00",
    "%09",
    "%0d%0a",
    "%20",
    "%7f",
    "%ff",
    "%c0%af",
    "%e3%80%82",
    "%ef%bc%8f",
    "%25",
    "%",
    "%2",
    "%zz",
    "25",
    "2f",
    "2e",
];
const STRANGE: &[&str] = &[
    "\t", "\n", "\r", "\0", "\u{b}", "\u{7f}", " ", "\u{85}", "\u{a0}", "\u{ff0f}", "\u{2215}", "\u{2044}",
    "\u{ff3c}", "\u{3002}", "\u{ff0e}", "\u{2024}", "\u{202e}", "\u{200b}", "\u{feff}", "\u{ff1a}",
    "\u{ff20}", "\u{ff03}", "\u{df}", "é", "\"", "<", ">", "`", "{", "|", "^", "'", "&", "=", "+", ",", "[",
    "]", "*",
];
const ENDINGS: &[&str] =
    &["", "", "", "/", "//", "?", "?x", "#x", ";x", "/.", "/..", "%2f", "%3fx", "%23", "%20", ".", "\\"];
const QUERIES: &[&str] =
    &["?", "?x=1", "?next=//evil.example", "?/../..//", "??", "?a\\b", "?x#y", "?%0d%0a", "?é"];

/// A text that may be a path of this site, or may look like one. `own` are paths that it may disguise.
pub fn candidate(dice: &mut StdRng, own: &[&str]) -> String {
    let one = |dice: &mut StdRng, of: &[&str]| of.choose(dice).unwrap().to_string();
    if dice.random_range(0..5) == 0 {
        let start = if dice.random_range(0..4) == 0 { one(dice, SEPARATORS) } else { String::new() };
        return start + &disguised(dice, own) + &one(dice, ENDINGS);
    }
    let mut text = if dice.random_range(0..4) == 0 { one(dice, STARTS) } else { "/".to_owned() };
    for _ in 0..dice.random_range(0..5) {
        text += &one(dice, WORDS);
        text += &match dice.random_range(0..16) {
            0..9 => "/".to_owned(),
            9..11 => one(dice, SEPARATORS),
            11..13 => one(dice, ENCODED),
            13 => {
                let encoded = one(dice, ENCODED);
                again(dice, &encoded)
            }
            14 => one(dice, STRANGE),
            _ => String::new(),
        };
    }
    if dice.random_range(0..5) == 0 {
        text += &one(dice, QUERIES);
    }
    text
}

/// One of `own` with letters in the other case, and some encoded once or several times.
fn disguised(dice: &mut StdRng, own: &[&str]) -> String {
    let path = own.choose(dice).unwrap();
    let rate = dice.random_range(2..20);
    path.chars()
        .map(|letter| match dice.random_range(0..rate) {
            0 => {
                let encoded = format!("%{:02x}", u32::from(letter));
                again(dice, &encoded)
            }
            1 if dice.random() => letter.to_ascii_uppercase().to_string(),
            1 => format!("{letter}{}", SEPARATORS.choose(dice).unwrap()),
            _ => letter.to_string(),
        })
        .collect()
}

/// Percent-encodes the percent signs of `encoded` up to two times more.
fn again(dice: &mut StdRng, encoded: &str) -> String {
    (0..dice.random_range(0..=2)).fold(encoded.to_owned(), |text, _| text.replace('%', "%25"))
}

/// Browsers are shown those of them that are taken, by `tests/browser/redirects.rs`.
#[test]
fn the_texts_that_browsers_are_shown_are_of_this_grammar() {
    let mut dice = StdRng::seed_from_u64(20_260_801);
    let own = ["/auth/login", "/auth/logout", "/auth/callback"];
    let texts: Vec<_> = (0..1_200).map(|_| candidate(&mut dice, &own)).collect();
    let shown: Vec<String> = serde_json::from_str(include_str!("../../../tests/data/paths.json")).unwrap();
    assert_eq!(shown, texts);
}
