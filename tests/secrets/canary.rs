//! Secrets, the spellings in which they might stand somewhere, and how to find them.
#![allow(dead_code, reason = "each test target uses its part")]

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::support::agent::Page;

/// So much of a long secret is as telling as all of it.
const PIECE: usize = 24;

/// What must not be told, and what was answered.
#[derive(Default)]
pub struct Canaries {
    secrets: Vec<(String, String)>,
    answers: Vec<String>,
}

impl Canaries {
    pub fn add(&mut self, what: impl Into<String>, secret: impl Into<String>) {
        self.secrets.push((what.into(), secret.into()));
    }

    /// Keeps an answer of the app at `origin`, but for what is meant for the browser or the pool alone: cookies,
    /// and redirects to other origins.
    pub fn answered(&mut self, origin: &str, page: &Page) {
        let headers = page.headers.iter().filter(|(name, value)| match name.as_str() {
            "set-cookie" => false,
            "location" => {
                value.to_str().unwrap().starts_with(['/', '?']) || value.to_str().unwrap().starts_with(origin)
            }
            _ => true,
        });
        let headers: String = headers.map(|(name, value)| format!("{name}: {value:?}\n")).collect();
        self.answer(format!("{} {}\n{headers}\n{}", page.status, page.url.path(), page.body));
    }

    /// Keeps an answer, all of it.
    pub fn answer(&mut self, answer: String) {
        self.answers.push(answer);
    }

    /// Holds that no secret stands in `text`, nor in any answer.
    #[track_caller]
    pub fn assert_untold(&self, text: &str) {
        assert!(!self.secrets.is_empty());
        for text in self.answers.iter().map(String::as_str).chain([text]) {
            for (what, secret) in &self.secrets {
                let told = find(text, secret);
                assert_eq!(told, None, "{what} is told:\n{text}");
            }
        }
    }

    /// How many secrets there are, and how many answers.
    pub fn counts(&self) -> (usize, usize) {
        (self.secrets.len(), self.answers.len())
    }
}

/// The spelling in which `secret` stands in `text`.
pub fn find(text: &str, secret: &str) -> Option<String> {
    spellings(secret).into_iter().find(|spelling| text.contains(spelling))
}

/// The secret as it is, percent-encoded, escaped, in hexadecimal, and as it looks within text that is base64. Of a
/// long one, its beginning, middle and end.
pub fn spellings(secret: &str) -> BTreeSet<String> {
    assert!(secret.len() >= 8 && secret.is_ascii(), "{secret:?} may stand somewhere by chance");
    if secret.len() < 2 * PIECE {
        return spellings_of_piece(secret).into_iter().collect();
    }
    let (middle, end) = (secret.len() / 2 - PIECE / 2, secret.len() - PIECE);
    [0, middle, end].into_iter().flat_map(|start| spellings_of_piece(&secret[start..start + PIECE])).collect()
}

fn spellings_of_piece(secret: &str) -> Vec<String> {
    let upper = percent_encoded(secret, |byte| format!("%{byte:02X}"));
    let debug = format!("{secret:?}");
    let mut all = vec![
        secret.to_owned(),
        percent_encoded(secret, |byte| format!("%{byte:02x}")),
        percent_encoded(&upper, |byte| format!("%{byte:02X}")),
        // As reqwest encodes forms.
        upper.replace('~', "%7E"),
        upper,
        debug[1..debug.len() - 1].to_owned(),
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ];
    for before in 0..3 {
        let bytes = [&b"???"[..before], secret.as_bytes()].concat();
        // Without the letters that depend on what stands before and after.
        let letters = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        all.extend(
            [STANDARD_NO_PAD, URL_SAFE_NO_PAD]
                .map(|base64| base64.encode(&bytes)[letters.clone()].to_owned()),
        );
    }
    all
}

fn percent_encoded(text: &str, encode: impl Fn(u8) -> String) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { encode(byte) }).collect()
}

/// X2: the search itself finds what is there, however it is written.
#[test]
fn a_secret_is_found_in_every_spelling_and_nothing_else_is() {
    let secret = "c4nary/of+a=s3cret&\"<~";
    for text in [
        "GET /?x=c4nary/of+a=s3cret&\"<~ HTTP/1.1",
        "GET /?x=c4nary%2Fof%2Ba%3Ds3cret%26%22%3C~",
        "GET /?x=c4nary%2fof%2ba%3ds3cret%26%22%3c~",
        "GET /?x=c4nary%252Fof%252Ba%253Ds3cret%2526%2522%253C~",
        "x=c4nary%2Fof%2Ba%3Ds3cret%26%22%3C%7E&y=z",
        r#"Some("c4nary/of+a=s3cret&\"<~")"#,
        "<p>c4nary/of+a=s3cret&amp;&quot;&lt;~</p>",
        "63346e6172792f6f662b613d73336372657426223c7e",
        &format!("Basic {}", STANDARD_NO_PAD.encode(format!("client:{secret}"))),
        &format!("Basic {}", STANDARD_NO_PAD.encode(format!("client1:{secret}"))),
        &format!("Basic {}", STANDARD_NO_PAD.encode(format!("client12:{secret}?"))),
        &URL_SAFE_NO_PAD.encode(secret),
    ] {
        assert!(find(text, secret).is_some(), "{text}");
    }
    for text in ["", "c4nary/of+a=s3cret", "another/secret", "c4nary"] {
        assert_eq!(find(text, secret), None, "{text}");
    }
    let long = URL_SAFE_NO_PAD.encode([0x5a; 90]);
    for piece in [&long[..30], &long[40..], &long] {
        assert!(find(&format!("x{piece}y"), &long).is_some());
    }
}
