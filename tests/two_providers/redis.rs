//! An app whose sessions lie in a Redis with TLS.

use std::path::PathBuf;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rocket::local::asynchronous::Client;
use rocket_cognito::Cognito;

use crate::support::app::SECRET_KEY;
use crate::support::forge::{JwksFile, Key};
use crate::support::redis::RedisServer;
use crate::support::{free_port, settings};

/// No launch takes longer, on a slow and busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// Launches an app that requires its Redis. `None` where Redis is not installed, which a test says aloud.
pub async fn launch() -> Option<Client> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = Pem::new("certificate", &cert.pem());
    let key = Pem::new("key", &signing_key.serialize_pem());
    let port = free_port();
    let tls_port = port.to_string();
    let options = [
        ["--tls-port", tls_port.as_str()],
        ["--tls-cert-file", certificate.path()],
        ["--tls-key-file", key.path()],
        ["--tls-ca-cert-file", certificate.path()],
        ["--tls-auth-clients", "no"],
    ];
    let _server = RedisServer::start(options.as_flattened())?;
    let keys = JwksFile::new(&[&Key::new("k")]);
    let settings = settings(&keys.uri())
        .merge(("cognito.secret_keys", SECRET_KEY))
        .merge(("cognito.session_store", format!("rediss://localhost:{port}")))
        .merge(("cognito.session_store_ca", certificate.path()))
        .merge(("cognito.require_store_at_launch", true));
    let app = rocket::custom(settings).attach(Cognito::fairing());
    // Nobody would wait for the end of a task that has panicked.
    let launch = tokio::time::timeout(PATIENCE, Client::untracked(app)).await;
    Some(launch.expect("it launches, or does not").expect("it launches"))
}

/// A file that goes with the value.
struct Pem(PathBuf);

impl Pem {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("{name}-{:032x}.pem", rand::random::<u128>());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, text).unwrap();
        Pem(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Pem {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
