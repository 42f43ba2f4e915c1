//! TLS to a Redis: whom the app believes to be its store, and how it shows who it is.

use std::time::{Duration, SystemTime};

use figment::Figment;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose};
use rocket_cognito::Clock;
use rocket_cognito::store::suite::judge;
use rocket_cognito::store::{RedisStore, SessionStore};

use crate::server::{Authority, Identity, PemFile};
use crate::support::redis::RedisServer;
use crate::support::{figment, free_port};

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

/// A server that only serves clients with a certificate of this authority.
struct TlsRedis {
    server: RedisServer,
    port: u16,
    _files: Vec<PemFile>,
}

impl TlsRedis {
    fn start(identity: &Identity, clients: &Authority) -> Option<Self> {
        let (port, [certificate, key], authority) = (free_port(), identity.files(), clients.file());
        let options = [
            ["--tls-port", &port.to_string()],
            ["--tls-cert-file", certificate.path()],
            ["--tls-key-file", key.path()],
            ["--tls-ca-cert-file", authority.path()],
        ];
        let server = RedisServer::start(options.as_flattened())?;
        Some(TlsRedis { server, port, _files: vec![certificate, key, authority] })
    }

    fn settings(&self) -> Figment {
        figment().merge(("cognito.session_store", format!("rediss://localhost:{}", self.port)))
    }
}

fn client(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    authority.issue(|it| {
        it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(it);
    })
}

fn with(settings: Figment, authority: &PemFile, [certificate, key]: &[PemFile; 2]) -> Figment {
    settings
        .merge(("cognito.session_store_ca", authority.path()))
        .merge(("cognito.session_store_client_cert", certificate.path()))
        .merge(("cognito.session_store_client_key", key.path()))
}

#[rocket::async_test]
async fn a_store_over_tls_keeps_each_sentence_of_the_suite() {
    let (servers, clients) = (Authority::new("of servers"), Authority::new("of clients"));
    let Some(redis) = TlsRedis::start(&servers.issue(|_| {}), &clients) else { return };
    let (authority, own, clock) = (servers.file(), client(&clients, |_| {}).files(), Clock::default());
    let settings = with(redis.settings(), &authority, &own);
    judge(RedisStore::from_figment(&settings, &clock).unwrap(), clock).await.unwrap();
}

/// I1: nothing is sent to a server whose certificate does not hold, and the error says where to look.
#[rocket::async_test]
async fn certificates_of_a_store_or_its_app_that_do_not_hold_are_told_with_their_settings() {
    let (servers, clients) = (Authority::new("of servers"), Authority::new("of clients"));
    let (authority, strange) = (servers.file(), clients.file());
    let own = client(&clients, |_| {}).files();
    let strangers = client(&servers, |_| {}).files();
    let expired = client(&clients, |it| it.not_after = (SystemTime::now() - HALF_AN_HOUR).into()).files();
    let (ca, pair) =
        ("see `session_store_ca`", "see `session_store_client_cert` and `session_store_client_key`");
    let Some(redis) = TlsRedis::start(&servers.issue(|_| {}), &clients) else { return };
    let all = redis.settings();
    let by_address = format!("rediss://127.0.0.1:{}", redis.port);
    for (what, settings, told) in [
        ("the machine's authorities", all.clone(), ca),
        ("another authority", with(all.clone(), &strange, &own), ca),
        (
            "another name",
            with(all.clone(), &authority, &own).merge(("cognito.session_store", by_address)),
            ca,
        ),
        ("no certificate", all.clone().merge(("cognito.session_store_ca", authority.path())), pair),
        ("a stranger's certificate", with(all.clone(), &authority, &strangers), pair),
        ("an expired certificate", with(all.clone(), &authority, &expired), pair),
    ] {
        let store = RedisStore::from_figment(&settings, &Clock::default()).unwrap();
        let said = store.check().await.unwrap_err().to_string();
        assert!(
            said.starts_with("the session store is out of reach: ") && said.contains(told),
            "{what}: {said}"
        );
    }
    let commands = redis.server.run("INFO commandstats").text();
    assert!(!commands.contains("cmdstat_hello"), "{commands}");
    let store = RedisStore::from_figment(&with(all, &authority, &own), &Clock::default()).unwrap();
    store.check().await.unwrap();
    let commands = redis.server.run("INFO commandstats").text();
    assert!(commands.contains("cmdstat_hello"), "else this test shows nothing: {commands}");
}

#[rocket::async_test]
async fn a_store_that_shows_a_bad_certificate_is_told_nothing() {
    let servers = Authority::new("of servers");
    let (authority, own) = (servers.file(), client(&servers, |_| {}).files());
    for (what, identity) in [
        ("self-signed", Identity::self_signed()),
        ("of another authority", Authority::new("of servers").issue(|_| {})),
        ("expired", servers.issue(|it| it.not_after = (SystemTime::now() - HALF_AN_HOUR).into())),
        ("for clients", client(&servers, |_| {})),
    ] {
        let Some(redis) = TlsRedis::start(&identity, &servers) else { return };
        let settings = with(redis.settings(), &authority, &own);
        let store = RedisStore::from_figment(&settings, &Clock::default()).unwrap();
        let said = store.check().await.unwrap_err().to_string();
        assert!(
            said.contains("invalid peer certificate") && said.contains("`session_store_ca`"),
            "{what}: {said}"
        );
        let commands = redis.server.run("INFO commandstats").text();
        assert!(!commands.contains("cmdstat_hello"), "{what}: {commands}");
    }
}
