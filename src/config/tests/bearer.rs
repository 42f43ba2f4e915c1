//! What the settings about bearer tokens accept.

use super::*;

#[test]
fn bearer_tokens_may_stand_elsewhere() {
    let settings = with::<&str>(&[]);
    assert_eq!(
        (settings.bearer.header.as_str(), settings.bearer.prefix.as_str()),
        ("Authorization", "Bearer")
    );
    let settings = with(&[("jwt_header_name", "X-Auth-Token"), ("jwt_header_prefix", "")]);
    assert_eq!((settings.bearer.header.as_str(), settings.bearer.prefix.as_str()), ("X-Auth-Token", ""));
    assert_eq!(settings.bearer.scheme(), "Bearer");
    for (key, value) in [
        ("jwt_header_name", "Cookie"),
        ("jwt_header_name", "X Token"),
        ("jwt_header_name", "host"),
        ("jwt_header_name", "Sec-Fetch-Site"),
        ("jwt_header_prefix", "Bearer:x y"),
        ("accepted_audiences", "api.example.com"),
        ("accepted_audiences", "https://api.example.com/#x"),
        ("accepted_audiences", "https://a.example.com,https://b.example.com"),
        ("http_proxy", "proxy.example.com:3128"),
        ("http_proxy", "socks5://proxy.example.com"),
        ("http_proxy", "http://user:canary@proxy.example.com/path"),
        ("jwks", "[]"),
        ("jwks", "no JSON"),
    ] {
        let error =
            Settings::load(&figment(&POOL).merge(figment(&[(key, value)])), None).unwrap_err().to_string();
        assert!(
            error.starts_with("1 setting needs") && error.contains(&format!("`{key}`")),
            "{value}: {error}"
        );
        assert!(!error.contains("canary"), "{error}");
    }
}
