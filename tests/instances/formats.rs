//! Another release has written sessions in formats of its own, and is rolled back.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;

use reqwest::Method;
use rocket::futures::future::join_all;

use crate::site::{Site, rotating};
use crate::support::agent::Agent;
use crate::visitor::{Answer, Visitor};

const TOLD: &str = "a release of this crate that this one does not know wrote it";
/// The sessions of the other release.
const OTHERS: usize = 10;

/// Bytes as a word of a command.
fn word(bytes: &[u8]) -> String {
    let escaped = bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "\\x{byte:02x}").unwrap();
        text
    });
    format!("\"{escaped}\"")
}

/// What the server answers to a command about a field of a user's entry: a number, or the field with its length.
fn ask_redis(site: &Site, command: &str) -> Vec<u8> {
    let mut redis = TcpStream::connect(("127.0.0.1", site.redis.port)).unwrap();
    redis.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).unwrap();
    let mut reply = Vec::new();
    redis.read_to_end(&mut reply).unwrap();
    reply.strip_suffix(b"\r\n+OK\r\n").unwrap().to_vec()
}

/// A field of a session in its user's entry: its value, or its note.
struct Field<'s> {
    site: &'s Site,
    place: String,
}

impl<'s> Field<'s> {
    fn of(site: &'s Site, visitor: &Visitor, suffix: &str) -> Self {
        let at = visitor.address();
        let name = [at.session.as_bytes().as_slice(), suffix.as_bytes()].concat();
        Field { site, place: format!("cognito:{} {}", at.user, word(&name)) }
    }

    fn read(&self) -> Vec<u8> {
        let reply = ask_redis(self.site, &format!("HGET {}", self.place));
        reply.splitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec()
    }

    fn write(&self, bytes: &[u8]) {
        assert_eq!(ask_redis(self.site, &format!("HSET {} {}", self.place, word(bytes))), b":0");
    }
}

/// O10: they are passed over, left alone, and reported once a minute. Nobody else is signed out.
#[rocket::async_test]
async fn sessions_of_another_release_are_passed_over_at_each_process_and_left_for_it() {
    let Some(site) = Site::start(rotating(0), 3, &[]).await else { return };
    let visitors = site.many_expired_in_store("alice", 100).await;
    let (user, mut others, mut fields) = (visitors[0].address().user, Vec::new(), Vec::new());
    for number in 0..OTHERS {
        let other = site.valid_in_store("alice", user).await;
        // Of one half the value is in another format, of the other half the note.
        let (suffix, version) = if number < OTHERS / 2 { ("", 2) } else { ("m", b'2') };
        let field = Field::of(&site, &other, suffix);
        let ours = field.read();
        let theirs = [&[version], &ours[1..]].concat();
        field.write(&theirs);
        fields.push((field, ours, theirs));
        others.push(other);
    }
    let refused = Answer { status: 401, code: "session_expired".into(), has_cookies: false };
    for place in 0..3 {
        let url = site.url_at(place, "/me");
        for other in &others {
            assert_eq!(other.get(&url).await, refused);
        }
        site.assert_all_served(&visitors).await;
        Agent::new().sign_in(&site.url_at(place, "/auth/login?next=/me"), "alice").await;
    }
    for (field, _, theirs) in &fields {
        assert_eq!(field.read(), *theirs);
    }
    for process in &site.processes {
        let told = process.output().matches(TOLD).count();
        assert!((1..=2).contains(&told), "{told} times");
    }
    // The other release is back.
    fields.iter().for_each(|(field, ours, _)| field.write(ours));
    let url = site.url("/me");
    for (answer, _) in join_all(others.iter().map(|other| other.ask(Method::GET, &url)))
        .await
        .into_iter()
        .map(Result::unwrap)
    {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
