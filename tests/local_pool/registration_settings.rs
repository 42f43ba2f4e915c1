//! What the settings say of clients that register themselves.

use std::fs;

use rocket_cognito::local_pool::{LocalPoolConfig, LocalRegistration};

use crate::state::Folder;

#[test]
fn wrong_settings_of_registration_are_refused() {
    let folder = Folder::new();
    let path = folder.path("pool.toml");
    let read = |toml: &str| {
        fs::write(&path, toml).unwrap();
        LocalPoolConfig::from_file(&path)
    };
    for right in
        ["registration = \"open\"", "registration = \"authenticated\"\nregistration_scopes = [\"a/b\"]"]
    {
        read(right).unwrap().check().unwrap();
    }
    for (wrong, words) in [
        ("registration = \"closed\"", "`registration`"),
        ("registration = true", "`registration`"),
        ("clients = [{ client_id = \"spa\", token_exchange = \"all\" }]", "`clients[0].token_exchange`"),
        ("registration_scopes = [\"tools/call\"]", "needs `registration`"),
        ("registration = \"open\"\nregistration_scopes = [\"a b\"]", "is no scope"),
        ("registration = \"open\"\nregistration_scopes = [\"openid\"]", "twice"),
        ("registration = \"open\"\nregistration_scopes = [\"a/b\", \"a/b\"]", "twice"),
        (
            "registration = \"open\"\nregistration_scopes = [\"aws.cognito/dcr/register\"]",
            "no registered client",
        ),
    ] {
        let error = read(wrong).unwrap_err().to_string();
        assert!(error.contains(words), "{wrong}: {error}");
    }
    let many = (0..51).map(|number| format!("tools/{number}"));
    let error = LocalPoolConfig::default()
        .registration(LocalRegistration::Open)
        .registration_scopes(many)
        .check()
        .unwrap_err()
        .to_string();
    assert!(error.contains("51 scopes"), "{error}");
}
