//! Settings that would do without TLS, and a system that cannot do TLS.

use figment::Figment;
use rocket::error::ErrorKind;
use rocket_cognito::Cognito;

use crate::server::PemFile;
use crate::support::quickstart::Quickstart;
use crate::support::{free_port, settings};

/// Every setting that takes a URL, with a path that suits it.
const KEYS: [(&str, &str); 7] = [
    ("domain", ""),
    ("server_domain", ""),
    ("issuer", "/eu-west-1_Forged123"),
    ("accepted_issuers", "/eu-west-1_Forged123"),
    ("jwks_uri", "/jwks.json"),
    ("redirect_url", "/auth/callback"),
    ("logout_url", "/"),
];

/// Those of URLs that the app itself calls, which may be a pool in a container.
const CALLED: [&str; 3] = ["server_domain", "issuer", "jwks_uri"];

/// Hosts that cannot be public, to which such calls may go where the unsafe modes may run.
const PRIVATE: [&str; 4] = ["sub.localhost", "127.0.0.2", "10.0.0.7", "169.254.169.254"];

const OTHER_HOSTS: [&str; 12] = [
    "auth.example.com",
    "auth.example.com:80",
    "localhost.example.com",
    "sub.localhost",
    "127.0.0.1.example.com",
    "127.0.0.2",
    "127.1",
    "0.0.0.0",
    "10.0.0.7",
    "169.254.169.254",
    "2130706433",
    "0x7f000001",
];

/// Other hosts than a hasty reader sees, or spellings on which readers disagree.
const TRICKS: [&str; 12] = [
    "LOCALHOST",
    "localhost.",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::1%25lo]",
    "[::1]evil.example",
    "localhost@evil.example",
    "localhost:80@evil.example",
    "localhost\\@evil.example",
    "evil.example#@localhost",
    "evil.example?@localhost",
    "l\u{f6}calhost",
];

fn with(key: &str, value: &str, profile: &str) -> Figment {
    settings("https://keys.example.com/jwks.json")
        .merge(("cognito.secret_keys", "0123456789abcdefghijklmnopqrstuvwxyz"))
        .merge((format!("cognito.{key}"), value))
        .select(profile)
}

/// Whether the app ignites.
async fn ignites(figment: &Figment) -> bool {
    match rocket::custom(figment).attach(Cognito::fairing()).ignite().await {
        Ok(_) => true,
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)), "{error}");
            false
        }
    }
}

/// I2: in no profile, and for no setting, but for what the app itself calls at a private host, where the unsafe modes may
/// run.
#[rocket::async_test]
async fn http_for_another_host_than_loopback_is_refused_at_ignition() {
    for (key, path) in KEYS {
        for host in OTHER_HOSTS.into_iter().chain(TRICKS) {
            let is_of_container = CALLED.contains(&key) && PRIVATE.contains(&host);
            for profile in ["debug", "release"].into_iter().skip(usize::from(is_of_container)) {
                let figment = with(key, &format!("http://{host}{path}"), profile);
                assert!(!ignites(&figment).await, "{key} at {host} in {profile}");
                let told = Cognito::check_settings(&figment).unwrap_err().to_string();
                let expected = ["1 setting needs attention", &format!("`{key}`")];
                assert!(expected.iter().all(|words| told.contains(words)), "{key} at {host}: {told}");
                // As a name without a dot it could be private, but it is an address.
                let is_odd = host == "0x7f000001" && told.contains("read in different ways");
                let is_plain = !OTHER_HOSTS.contains(&host) || told.contains("uses `http`");
                assert!(is_plain || is_odd, "{host}: {told}");
            }
        }
    }
}

/// I2: what never leaves the machine needs no TLS, in any profile.
#[rocket::async_test]
async fn http_on_loopback_is_accepted() {
    for (key, path) in KEYS {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            for profile in ["debug", "release"] {
                let figment = with(key, &format!("http://{host}:9400{path}"), profile);
                assert!(ignites(&figment).await, "{key} at {host} in {profile}");
            }
        }
    }
}

/// I1: without roots nobody is believed, rather than everybody.
#[rocket::async_test]
async fn a_system_without_root_certificates_refuses_to_start_for_a_pool_with_https() {
    let none = PemFile::new("");
    for path in [none.path(), "/nowhere/roots.pem"] {
        let variables = [
            ("SSL_CERT_FILE", path),
            ("ROCKET_COGNITO_LOCAL_POOL", "false"),
            ("ROCKET_COGNITO_USER_POOL_ID", "eu-west-1_Forged123"),
            ("ROCKET_COGNITO_CLIENT_ID", "forgedclient"),
            ("ROCKET_COGNITO_DOMAIN", "https://localhost:9"),
            ("ROCKET_COGNITO_REDIRECT_URL", "http://localhost:8000/auth/callback"),
            ("ROCKET_COGNITO_LOGOUT_URL", "http://localhost:8000/"),
        ];
        let (status, output) = Quickstart::spawn(free_port(), &variables).ended().await;
        assert!(!status.success() && output.contains("ca-certificates"), "{output}");

        let pool = format!("{{port={}}}", free_port());
        let variables = [("SSL_CERT_FILE", path), ("ROCKET_COGNITO_LOCAL_POOL", &pool)];
        Quickstart::spawn(free_port(), &variables).launched().await;
    }
}
