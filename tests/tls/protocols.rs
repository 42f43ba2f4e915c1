//! Servers that speak no TLS, or none that is still in use.

use serde_json::json;

use crate::server::{Manner, Visit};
use crate::world::{CLIENT_SECRET, CODE, KEY, World, was_told};

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const FATAL: u8 = 2;
const PROTOCOL_VERSION: u8 = 70;

/// Begins with ClientHello, and tells nothing.
fn assert_only_greeted(visit: &Visit, what: &str) {
    assert_eq!(visit.said[0], HANDSHAKE, "{what}");
    assert!(!was_told(visit, &["GET /", "POST /", "HTTP/1", CODE, CLIENT_SECRET]), "{what}: {visit:?}");
}

/// One TLS record.
fn record(content: u8, version: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&[content], &version.to_be_bytes()[..], &length.to_be_bytes(), body].concat()
}

/// A ServerHello that picks `version` (RFC 4346 section 7.4.1.3).
fn server_hello(version: u16) -> Vec<u8> {
    const ECDHE_RSA_WITH_AES_128_CBC_SHA: [u8; 2] = [0xc0, 0x13];
    let random: [u8; 32] = rand::random();
    let hello = [&version.to_be_bytes()[..], &random, &[0], &ECDHE_RSA_WITH_AES_128_CBC_SHA, &[0]].concat();
    let length = u8::try_from(hello.len()).unwrap();
    record(HANDSHAKE, version, &[&[2, 0, 0, length], &hello[..]].concat())
}

/// I1: the client itself ends it.
#[rocket::async_test]
async fn a_server_that_picks_an_old_version_is_told_nothing() {
    for (what, version) in [("TLS 1.1", 0x0302), ("TLS 1.0", 0x0301), ("SSL 3", 0x0300)] {
        let world = World::start(Manner::Raw(server_hello(version))).await;
        let assert_visit = |visit: &Visit| {
            assert_only_greeted(visit, what);
            let farewell = [ALERT, 3, 3, 0, 2, FATAL, PROTOCOL_VERSION];
            assert!(visit.said.ends_with(&farewell), "{what}: {visit:?}");
        };
        world.assert_closed(what, assert_visit).await;
    }
}

/// I1, I3: nor is anything tried again in another way.
#[rocket::async_test]
async fn a_server_that_does_not_speak_tls_is_told_nothing() {
    let keys = json!({ "keys": [KEY.jwk()] }).to_string();
    let page = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{keys}", keys.len());
    let moved = "HTTP/1.1 301 Moved Permanently\r\nLocation: http://localhost/\r\nContent-Length: 0\r\n\r\n";
    for (what, answer) in [
        ("an alert: no version in common", record(ALERT, 0x0302, &[FATAL, PROTOCOL_VERSION])),
        ("an alert: no cipher in common", record(ALERT, 0x0303, &[FATAL, 40])),
        ("plain HTTP with keys", page.into_bytes()),
        ("plain HTTP that leads elsewhere", moved.into()),
        ("noise", vec![0xff; 512]),
        ("nothing", Vec::new()),
    ] {
        let world = World::start(Manner::Raw(answer)).await;
        world.assert_closed(what, |visit| assert_only_greeted(visit, what)).await;
    }
}
