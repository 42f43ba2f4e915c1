//! How long guarded requests take while sessions of others are renewed.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket_cognito::local_pool::LocalPool;
use serde_json::{Value, json};

use super::pool::Pool;
use super::samples::{median, share};
use super::traffic::{Answered, Traffic, timed};
use crate::sealing::Seal;
use crate::site::key::decoded;
use crate::site::preparation::{CLIENT, SECRET_KEY, session, settings};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::{Case, Connection};

const ROUNDS: usize = 9;
/// Renewals of a round, and how far apart they are: as many as 180,000 sessions need that are renewed each half hour.
const RENEWALS: usize = 200;
const APART: Duration = Duration::from_millis(10);
/// Tokens of this age are near the end of `cookie_age_seconds`, which is 1,800.
const AGE_WHEN_DUE: i32 = 1_790;

/// How long the requests of each round took.
#[derive(Default)]
struct Rounds {
    ordinary: Vec<Vec<f64>>,
    paced: Vec<Vec<f64>>,
}

pub fn run() {
    let pool = Pool::start();
    let current = sessions(&pool, 1);
    pool.set_clock_skew_seconds(-AGE_WHEN_DUE);
    let due = sessions(&pool, RENEWALS * ROUNDS);
    pool.set_clock_skew_seconds(0);
    let mut settings = settings(&pool);
    settings["cognito"]["refresh_flow_enabled"] = true.into();
    let server = Server::start(&ON_ONE_CORE, &settings, &[]);
    let ordinary = Arc::new(Case::new("session", "/user", &current, ""));
    let renewing = Case::new("session that is due", "/user", &due, "");
    ordinary.send(server.port(), 2_000);
    let (mut quiet, mut busy) = (Rounds::default(), Rounds::default());
    for round in 0..ROUNDS {
        quiet.measure(&server, &ordinary, &ordinary, round);
        busy.measure(&server, &ordinary, &renewing, round);
    }
    let renewed = pool.requests("/oauth2/token");
    assert_eq!(renewed, (RENEWALS * ROUNDS) as u64, "each session that is due is renewed, once");
    print(&quiet, &busy);
}

/// Header lines of as many sessions of their own, with refresh tokens.
fn sessions(pool: &LocalPool, count: usize) -> Vec<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
    let seal = Seal::new(SECRET_KEY, "refresh");
    let one = || {
        let tokens = pool.sign_in("alice", CLIENT).expect("alice and the client are in the pool");
        let claims = decoded(tokens.access_token.split('.').nth(1).expect("a token"));
        let claims: Value = serde_json::from_slice(&claims).expect("claims in JSON");
        let record = json!({
            "issuer": pool.issuer(), "client_id": CLIENT, "sub": claims["sub"], "created_at": now, "seen_at": now,
            "session_id": URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()), "generation": 0,
            "issued_at": claims["iat"], "refresh_token": tokens.refresh_token, "refresh_token_digest": null,
        });
        let cookies = session(&tokens.access_token, &tokens.id_token);
        format!("{cookies}; cognito_refresh_token={}", seal.seal(&record, now))
    };
    (0..count).map(|_| one()).collect()
}

impl Rounds {
    /// Ordinary requests back to back, and others at their pace.
    fn measure(&mut self, server: &Server, ordinary: &Arc<Case>, others: &Case, round: usize) {
        let paced = |_: &Traffic| paced(server.port(), others, round * RENEWALS);
        let (paced, answered) = Traffic::during(server.port(), ordinary, paced);
        self.ordinary.push(answered.iter().map(|one| one.microseconds).collect());
        self.paced.push(paced.iter().map(|one| one.microseconds).collect());
    }
}

fn paced(port: u16, case: &Case, first: usize) -> Vec<Answered> {
    let (mut connection, start) = (Connection::open(port), Instant::now());
    let one = |number: usize| {
        thread::sleep((APART * number as u32).saturating_sub(start.elapsed()));
        timed(case, &mut connection, first + number)
    };
    (0..RENEWALS).map(one).collect()
}

fn print(quiet: &Rounds, busy: &Rounds) {
    let per_second = 1.0 / APART.as_secs_f64();
    println!(
        "\nGuarded requests beside {per_second} renewals of other sessions a second: µs, medians of {ROUNDS} rounds"
    );
    println!("  {:<44} {:>8} {:>8} {:>8}", "", "50 %", "99 %", "99.9 %");
    let of_all = |rounds: &[Vec<f64>], part| {
        median(&rounds.iter().map(|round| share(round, part)).collect::<Vec<_>>())
    };
    for (name, rounds) in [
        ("session, while nobody's is renewed", &quiet.ordinary),
        ("session, while others are renewed", &busy.ordinary),
        ("one among the others that needs no renewal", &quiet.paced),
        ("one among the others that is renewed", &busy.paced),
    ] {
        let [half, most, nearly_all] = [0.5, 0.99, 0.999].map(|part| of_all(rounds, part));
        println!("  {name:<44} {half:>8.1} {most:>8.1} {nearly_all:>8.1}");
    }
    let ratio = of_all(&busy.ordinary, 0.99) / of_all(&quiet.ordinary, 0.99);
    println!("99 % of a session's requests, while others are renewed: × {ratio:.2} of the time without");
}
