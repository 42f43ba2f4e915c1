//! A hundred thousand texts near a good token, none of which counts. Letters with numbers are rows of
//! `docs/requirements.md`.
//!
//! `MUTANTS=1000000 MUTANTS_SEED=7 cargo test --test token mutants` makes more and others than usual.

mod json;
mod text;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{get, routes};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::json;

use crate::support::forge::{JwksFile, Key, access_claims, now, with};
use crate::support::settings;

const SEED: u64 = 20_260_801;
/// How often the good tokens are tried in between.
const CONTROLS: usize = 10;

type Mutation = fn(&mut StdRng, &Tokens) -> String;

const CLASSES: &[(&str, Mutation)] = &[
    ("flipped bits", text::flipped),
    ("inserted letters", text::inserted),
    ("deleted letters", text::deleted),
    ("replaced letters", text::replaced),
    ("swapped letters", text::swapped),
    ("other segments", text::segments),
    ("another alphabet", text::alphabet),
    ("cut off", text::truncated),
    ("made longer", text::extended),
    ("spliced", text::spliced),
    ("letters beyond ASCII", text::beyond_ascii),
    ("flipped bits inside", text::flipped_inside),
    ("another signature", text::signature),
    ("edited header", json::header),
    ("edited claims", json::claims),
    ("other types", json::types),
    ("duplicate members", json::duplicates),
    ("spaces in the JSON", json::spaces),
    ("members in another order", json::order),
    ("letters written otherwise", json::spelling),
];

/// What the mutants are made of.
struct Tokens {
    /// Each of them is accepted.
    good: Vec<String>,
    /// Signed as well, and refused.
    bad: Vec<String>,
}

impl Tokens {
    fn one(&self, dice: &mut StdRng) -> &str {
        self.good.choose(dice).unwrap()
    }

    fn another(&self, dice: &mut StdRng) -> &str {
        let all: Vec<_> = self.good.iter().chain(&self.bad).collect();
        all.choose(dice).unwrap()
    }
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

struct App {
    client: Client,
    tokens: Tokens,
    _keys: JwksFile,
}

impl App {
    /// Its pool has two keys, and two users.
    async fn start() -> Self {
        let [pool, next, stranger] = ["pool", "next", "stranger"].map(Key::new);
        let keys = JwksFile::new(&[&pool, &next]);
        let rocket = rocket::custom(settings(&keys.uri()))
            .attach(Cognito::fairing())
            .mount("/", routes![me])
            .register("/", rocket_cognito::catchers());
        let client = Client::untracked(rocket).await.expect("the app launches");
        let of_another = with(with(access_claims(), "sub", json!("another")), "username", json!("ada"));
        let expired = with(with(access_claims(), "iat", json!(now() - 3600)), "exp", json!(now() - 60));
        let tokens = Tokens {
            good: vec![pool.token(&access_claims()), pool.token(&of_another), next.token(&access_claims())],
            bad: vec![
                pool.token(&expired),
                stranger.token(&access_claims()),
                stranger.sign(&pool.header(), &access_claims()),
            ],
        };
        App { client, tokens, _keys: keys }
    }

    async fn status(&self, name: &'static str, value: String) -> u16 {
        self.client.get("/me").header(Header::new(name, value)).dispatch().await.status().code
    }

    async fn accepts_the_tokens_themselves(&self, header: fn(&str) -> (&'static str, String), when: &str) {
        for (tokens, expected) in [(&self.tokens.good, 200), (&self.tokens.bad, 401)] {
            for token in tokens {
                let (name, value) = header(token);
                assert_eq!(self.status(name, value).await, expected, "{when} the mutants: {token}");
            }
        }
    }

    /// Holds that of `count` texts sent in `header` each gets a 401, and that each class has its share.
    async fn refuses_mutants(&self, count: usize, header: fn(&str) -> (&'static str, String)) {
        let (seed, share) = (number("MUTANTS_SEED", SEED), count.div_ceil(CLASSES.len()));
        let mut dice = StdRng::seed_from_u64(seed);
        // Hashes of what is sent: the texts themselves would be a hundred megabytes.
        let mut seen: HashSet<u64> = self.tokens.good.iter().map(|token| hash(&header(token).1)).collect();
        self.accepts_the_tokens_themselves(header, "before").await;
        for (class, mutation) in CLASSES {
            let mut draws = (0..4 * share).map(|_| mutation(&mut dice, &self.tokens));
            for index in 0..share {
                let mutant = draws.find(|mutant| seen.insert(hash(&header(mutant).1)));
                let mutant =
                    mutant.unwrap_or_else(|| panic!("seed {seed}: {class} makes but {index} mutants"));
                let (name, value) = header(&mutant);
                let status = self.status(name, value).await;
                assert_eq!(status, 401, "seed {seed}, {class}, mutant {index}: {mutant:?}");
                if index % share.div_ceil(CONTROLS) == 0 {
                    self.accepts_the_tokens_themselves(header, "amid").await;
                }
            }
        }
        self.accepts_the_tokens_themselves(header, "after").await;
        let mutants = seen.len() - self.tokens.good.len();
        assert!(mutants >= count, "seed {seed}: but {mutants} mutants");
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// T16, T37, T42: only the bytes that the pool signed count, and nothing else is an error of ours.
#[rocket::async_test]
async fn no_mutant_of_a_bearer_token_is_accepted() {
    let count = usize::try_from(number("MUTANTS", 100_000)).unwrap();
    // Further spaces before it are none of the token's.
    let bearer = |mutant: &str| ("Authorization", format!("Bearer {}", mutant.trim_start_matches(' ')));
    App::start().await.refuses_mutants(count, bearer).await;
}

/// T16, T37: the same in a session, where every byte of a mutant arrives, as it is percent-encoded.
#[rocket::async_test]
async fn no_mutant_of_a_session_cookie_is_accepted() {
    let count = usize::try_from(number("MUTANTS", 100_000)).unwrap() / 10;
    let cookie = |mutant: &str| {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let encode = |byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") };
        ("Cookie", format!("cognito_access_token={}", mutant.bytes().map(encode).collect::<String>()))
    };
    App::start().await.refuses_mutants(count, cookie).await;
}
