//! Changes of a token as text, and of the bytes in its segments.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::Tokens;
use crate::support::forge::base64url;

const BASE64URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PUNCTUATION: &[u8] = b" \t\r\n\0\x0b\x7f.=+/~%,;:\"'\\{}[]()<>@#&!*$^`|?";
/// Twins of letters, slashes and dots, letters of no width, marks of direction and order, half letters.
const STRANGE: &[char] = &[
    'А',
    'е',
    'ſ',
    'K',
    '\u{ff0e}',
    '\u{3002}',
    '\u{ff0f}',
    '\u{2215}',
    '\u{2024}',
    '\u{2010}',
    '\u{ff3f}',
    '\u{200b}',
    '\u{200d}',
    '\u{feff}',
    '\u{202e}',
    '\u{2066}',
    '\u{2028}',
    '\u{85}',
    '\u{a0}',
    '\u{ad}',
    '\u{301}',
    '\u{fffd}',
    '\u{10ffff}',
    'ё',
    '😀',
];

/// A place in a text of `length` letters.
fn place(dice: &mut StdRng, length: usize) -> usize {
    dice.random_range(0..length)
}

fn letter(dice: &mut StdRng) -> char {
    match dice.random_range(0..8) {
        0..5 => char::from(*BASE64URL.choose(dice).unwrap()),
        5 => char::from(*PUNCTUATION.choose(dice).unwrap()),
        6 => char::from(dice.random::<u8>()),
        _ => *STRANGE.choose(dice).unwrap(),
    }
}

fn letters(token: &str) -> Vec<char> {
    token.chars().collect()
}

pub fn split(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// The bits of the letters; beyond ASCII they stand for Latin-1.
pub fn flipped(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut bytes = tokens.one(dice).as_bytes().to_vec();
    flip(dice, &mut bytes);
    bytes.into_iter().map(char::from).collect()
}

fn flip(dice: &mut StdRng, bytes: &mut [u8]) {
    for _ in 0..dice.random_range(1..=3) {
        bytes[place(dice, bytes.len())] ^= 1 << dice.random_range(0..8);
    }
}

pub fn inserted(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut text = letters(tokens.one(dice));
    for _ in 0..dice.random_range(1..=3) {
        text.insert(place(dice, text.len() + 1), letter(dice));
    }
    text.into_iter().collect()
}

pub fn deleted(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut text = letters(tokens.one(dice));
    for _ in 0..dice.random_range(1..=4) {
        text.remove(place(dice, text.len()));
    }
    text.into_iter().collect()
}

pub fn replaced(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut text = letters(tokens.one(dice));
    for _ in 0..dice.random_range(1..=4) {
        let at = place(dice, text.len());
        text[at] = letter(dice);
    }
    text.into_iter().collect()
}

pub fn swapped(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut text = letters(tokens.one(dice));
    for _ in 0..dice.random_range(1..=3) {
        let (one, another) = (place(dice, text.len()), place(dice, text.len()));
        text.swap(one, another);
    }
    text.into_iter().collect()
}

/// Segments left out, repeated, in another order, and written in other ways.
pub fn segments(dice: &mut StdRng, tokens: &Tokens) -> String {
    let segments = split(tokens.one(dice));
    let count = *[2, 3, 3, 3, 3, 4, 5].choose(dice).unwrap();
    let in_order = dice.random();
    let chosen = (0..count).map(|index| {
        let segment = if in_order { segments[index % 3] } else { segments.choose(dice).unwrap() };
        rewritten(dice, segment)
    });
    chosen.collect::<Vec<_>>().join(".")
}

fn rewritten(dice: &mut StdRng, segment: &str) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(segment).unwrap();
    match dice.random_range(0..16) {
        0 => STANDARD.encode(bytes),
        1 => STANDARD_NO_PAD.encode(bytes),
        2 => URL_SAFE.encode(bytes),
        3 => base64url(segment),
        4 => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        5 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        6 => segment.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        7 => segment.chars().rev().collect(),
        8 => base64url(bytes.iter().rev().copied().collect::<Vec<_>>()),
        9 => segment.to_lowercase(),
        10 => String::new(),
        11 => base64url([bytes.as_slice(), b"\0"].concat()),
        12 => base64url([b"\0", bytes.as_slice()].concat()),
        _ => segment.to_owned(),
    }
}

/// Other ways to write what a lenient decoder would take for the same bytes.
pub fn alphabet(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut segments = split(tokens.one(dice)).map(str::to_owned);
    for _ in 0..dice.random_range(1..=4) {
        let segment = &mut segments[place(dice, 3)];
        let (at, some) = (place(dice, segment.len()), dice.random_range(1..9));
        match dice.random_range(0..8) {
            0 | 1 => change_last(dice, segment),
            2 => *segment = segment.replacen('-', "+", some),
            3 => *segment = segment.replacen('_', "/", some),
            4 => *segment = segment.replacen(['-', '_'], "", some),
            5 => segment.insert(at, *['\n', '\r', ' ', '\t', '='].choose(dice).unwrap()),
            6 => segment.replace_range(at..=at, &format!("%{:02x}", segment.as_bytes()[at])),
            _ => segment.push_str(["=", "==", "===", "%3D", "A", "\n"].choose(dice).unwrap()),
        }
    }
    segments.join(".")
}

/// Changes low bits of the last letter, which may stand for nothing.
fn change_last(dice: &mut StdRng, segment: &mut String) {
    let last = segment.pop().unwrap();
    let value = BASE64URL.iter().position(|byte| char::from(*byte) == last).unwrap_or(0);
    segment.push(char::from(BASE64URL[value ^ dice.random_range(1..16)]));
}

/// A piece of the token, or its signature cut short.
pub fn truncated(dice: &mut StdRng, tokens: &Tokens) -> String {
    let token = tokens.one(dice);
    let (from, to) = (place(dice, token.len()), place(dice, token.len()));
    match dice.random_range(0..5) {
        0 => token[..to].to_owned(),
        1 => token[from..].to_owned(),
        2 | 3 => token[from.min(to)..from.max(to)].to_owned(),
        _ => {
            let [header, claims, signature] = split(token);
            let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
            bytes.drain(..place(dice, 128));
            bytes.truncate(1 + place(dice, bytes.len()));
            format!("{header}.{claims}.{}", base64url(bytes))
        }
    }
}

pub fn extended(dice: &mut StdRng, tokens: &Tokens) -> String {
    let (token, another) = (tokens.one(dice), tokens.another(dice));
    let more: String = (0..dice.random_range(1..40)).map(|_| letter(dice)).collect();
    match dice.random_range(0..8) {
        0 => format!("{more}{token}"),
        1 => format!("{token}.{more}"),
        2 => format!("{more}.{token}"),
        3 => format!("{token}{another}{more}"),
        4 => format!("{token} {another}{more}"),
        5 => format!("{token}{}", "=".repeat(dice.random_range(1..2_000))),
        6 => format!("{token}{}", base64url(vec![dice.random(); dice.random_range(1..30_000)])),
        _ => format!("{token}{more}"),
    }
}

/// Pieces of two tokens: of another user, of another key, expired, or of a stranger.
pub fn spliced(dice: &mut StdRng, tokens: &Tokens) -> String {
    let (one, another) = (tokens.one(dice), tokens.another(dice));
    match dice.random_range(0..4) {
        0 => {
            let parts = [split(one), split(another), split(tokens.another(dice))];
            (0..3).map(|index| parts.choose(dice).unwrap()[index]).collect::<Vec<_>>().join(".")
        }
        1 => {
            let at = place(dice, one.len().min(another.len()));
            format!("{}{}", &one[..at], &another[at..])
        }
        2 => {
            let (from, to) = (place(dice, one.len()), place(dice, another.len()));
            format!("{}{}", &one[..from], &another[to..])
        }
        _ => {
            let length = one.len().min(another.len());
            let (from, to) = (place(dice, length), place(dice, length));
            let (from, to) = (from.min(to), from.max(to));
            format!("{}{}{}", &one[..from], &another[from..to], &one[to..])
        }
    }
}

/// Full-width twins of some letters, and letters that few people see.
pub fn beyond_ascii(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut text = letters(tokens.one(dice));
    for _ in 0..dice.random_range(1..=4) {
        let at = place(dice, text.len());
        match dice.random_range(0..3) {
            0 => text[at] = char::from_u32(u32::from(text[at]) % 0x80 + 0xfee0).unwrap(),
            1 => text[at] = *STRANGE.choose(dice).unwrap(),
            _ => text.insert(at, *STRANGE.choose(dice).unwrap()),
        }
    }
    text.into_iter().collect()
}

/// Bits of what a segment stands for; the base64url is canonical.
pub fn flipped_inside(dice: &mut StdRng, tokens: &Tokens) -> String {
    let mut segments = split(tokens.one(dice)).map(str::to_owned);
    let index = place(dice, 3);
    let mut bytes = URL_SAFE_NO_PAD.decode(&segments[index]).unwrap();
    flip(dice, &mut bytes);
    segments[index] = base64url(bytes);
    segments.join(".")
}

/// Random, constant, shuffled and shifted signatures, mostly of the right length.
pub fn signature(dice: &mut StdRng, tokens: &Tokens) -> String {
    let [header, claims, signature] = split(tokens.one(dice));
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    match dice.random_range(0..6) {
        0 => dice.fill_bytes(&mut bytes),
        1 => bytes.fill(dice.random()),
        2 => bytes.rotate_left(dice.random_range(1..256)),
        3 => bytes.iter_mut().for_each(|byte| *byte ^= 1 << dice.random_range(0..8)),
        4 => {
            let at = place(dice, bytes.len());
            bytes[at..].fill(dice.random());
        }
        _ => {
            let at = place(dice, bytes.len());
            bytes.insert(at, dice.random());
        }
    }
    format!("{header}.{claims}.{}", base64url(bytes))
}
