//! The files of TLS to a Redis, which a launch reads.

use std::path::PathBuf;

use figment::Figment;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rocket_cognito::Clock;
use rocket_cognito::store::RedisStore;

/// A folder with files in PEM; gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("store-files-{:032x}", rand::random::<u128>());
        let folder = Folder(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name));
        std::fs::create_dir(&folder.0).unwrap();
        for name in ["app", "other"] {
            let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
            std::fs::write(folder.0.join(format!("{name}.pem")), cert.pem()).unwrap();
            std::fs::write(folder.0.join(format!("{name}.key")), signing_key.serialize_pem()).unwrap();
        }
        let no_certificate = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n";
        std::fs::write(folder.0.join("none.pem"), no_certificate).unwrap();
        folder
    }

    /// What is said of these settings of TLS; empty when nothing is wrong.
    fn told(&self, settings: &[(&str, &str)]) -> String {
        let figment = Figment::new().merge(("cognito.session_store", "rediss://localhost"));
        let figment = settings.iter().fold(figment, |figment, (key, file)| {
            figment.merge((format!("cognito.session_store_{key}"), self.0.join(file).to_str().unwrap()))
        });
        let store = RedisStore::from_figment(&figment, &Clock::default());
        store.map_or_else(|error| error.to_string(), |_| String::new())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_files_of_tls_to_a_redis_are_what_their_settings_say() {
    let folder = Folder::new();
    let right = [("ca", "other.pem"), ("client_cert", "app.pem"), ("client_key", "app.key")];
    assert_eq!(folder.told(&right), "");
    for (settings, words) in [
        (
            [("client_cert", "app.pem"), ("client_key", "other.key")],
            "`session_store_client_key`: the value is not the key of the certificate",
        ),
        ([("client_cert", "app.key"), ("client_key", "app.key")], "has no certificates in PEM"),
        ([("client_cert", "app.pem"), ("client_key", "app.pem")], "has no private key in PEM"),
        ([("client_cert", "none.pem"), ("client_key", "app.key")], "is not the key of the certificate"),
    ] {
        let told = folder.told(&settings);
        assert!(told.starts_with("1 setting needs") && told.contains(words), "{told}");
    }
    // A long path is quoted without its end, so the file's name is not looked for.
    let told = folder.told(&[("ca", "none.pem")]);
    assert!(told.contains("1. `session_store_ca`: \""), "{told}");
    assert!(told.contains(", which has something that is no certificate"), "{told}");
}
