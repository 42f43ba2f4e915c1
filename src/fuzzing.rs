//! One entry for each parser of untrusted bytes, with what must hold whatever the bytes are.
//!
//! The targets in `fuzz/` call them with bytes without end; the tests below replay the seeds on every run.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::Value;

use crate::clock::UnixSeconds;
use crate::config::LevelNames;
use crate::crypto::{Sealer, Secret};
use crate::http::is_local;
use crate::oauth::{EndpointCall, EndpointError, refusal, tokens};
use crate::request::parse as parse_header;
use crate::sign_in::Attempt;
use crate::sign_in::CallbackParameters;
use crate::token::{Expectations, KeySet, TokenUse, UnverifiedToken};

const JWKS: &[u8] = include_bytes!("../tests/data/fuzz/jwks.json");
const ACCESS: &str = include_str!("../tests/data/fuzz/access.jwt");
const ID: &str = include_str!("../tests/data/fuzz/id.jwt");
const CLIENT_ID: &str = "fuzzclient";
const LEEWAY: u64 = 30;
/// A second within the fixtures' lifetime.
const NOW: UnixSeconds = UnixSeconds(1_800_000_000);
const OWN_PATHS: [&str; 3] = ["/auth/login", "/auth/logout", "/auth/callback"];

static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::parse(JWKS).expect("the fixture is a JWKS"));
static ISSUERS: LazyLock<[String; 1]> =
    LazyLock::new(|| ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Fuzz".to_owned()]);
static CLIENT_IDS: LazyLock<[String; 1]> = LazyLock::new(|| [CLIENT_ID.to_owned()]);
static LOGIN: LazyLock<Sealer> = LazyLock::new(|| {
    let keys = [Secret::new("a key of thirty-two bytes or more")];
    Sealer::new(&keys, "login").expect("a key can be derived")
});

fn expected(token_use: Option<TokenUse>) -> Expectations<'static> {
    Expectations {
        issuers: &*ISSUERS,
        client_ids: &*CLIENT_IDS,
        any_clients_audiences: &[],
        audiences: &[],
        token_use,
        leeway: LEEWAY,
        check_expiration: true,
        accepts_delegated: true,
    }
}

/// Of all texts only the two that the pool's key signed are tokens, each for its own use.
pub fn token(bytes: &[u8]) {
    let Ok(jwt) = std::str::from_utf8(bytes) else { return };
    for (token_use, signed) in [(TokenUse::Access, ACCESS), (TokenUse::Id, ID)] {
        let verified = UnverifiedToken::parse(jwt, &expected(Some(token_use)), NOW).is_ok_and(|candidate| {
            let key = KEYS.get(candidate.kid());
            key.is_some_and(|key| candidate.verify(&key, &LevelNames::default()).is_ok())
        });
        assert_eq!(verified, jwt == signed, "as {token_use:?}");
    }
}

/// Keys that are taken are some, few, and all of them published.
pub fn jwks(bytes: &[u8]) {
    if let Ok(keys) = KeySet::parse(bytes) {
        let document: Value = serde_json::from_slice(bytes).expect("a key set is JSON");
        let published = document["keys"].as_array().expect("an array of keys").len();
        assert!((1..=published.min(32)).contains(&keys.len()));
        assert_eq!(keys.left_out(), published - keys.len());
    }
}

/// A payload that passes names this pool, this client and a time that is now; a header that passes is plain RS256.
pub fn claims(bytes: &[u8]) {
    let part = URL_SAFE_NO_PAD.encode(bytes);
    let mut parts = ACCESS.split('.');
    let (header, payload) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let expected = expected(None);
    if UnverifiedToken::parse(&format!("{header}.{part}.AAAA"), &expected, NOW).is_ok() {
        let claims: Value = serde_json::from_slice(bytes).expect("claims are JSON");
        assert_eq!(claims["iss"], ISSUERS[0]);
        let client = match claims["token_use"].as_str() {
            Some("access") => &claims["client_id"],
            Some("id") => claims["aud"].get(0).unwrap_or(&claims["aud"]),
            other => panic!("passed as {other:?}"),
        };
        assert_eq!(client, CLIENT_ID);
        let seconds = |name: &str| claims[name].as_f64().expect("a number");
        assert!(
            seconds("exp") + LEEWAY as f64 > NOW.0 as f64 && seconds("iat") < (NOW.0 + LEEWAY + 1) as f64
        );
        assert!(claims["sub"].as_str().is_some_and(|sub| (1..=255).contains(&sub.len())));
    }
    if let Ok(candidate) = UnverifiedToken::parse(&format!("{part}.{payload}.AAAA"), &expected, NOW) {
        let header: Value = serde_json::from_slice(bytes).expect("a header is JSON");
        assert_eq!((&header["alg"], &header["kid"]), (&"RS256".into(), &candidate.kid().into()));
        assert_eq!(header.get("crit"), None);
    }
    for now in [0, 1, u64::MAX] {
        let _ = UnverifiedToken::parse(&format!("{header}.{part}.AAAA"), &expected, UnixSeconds(now));
    }
}

/// Nobody without the key makes a cookie that opens; what a cookie holds is of its purpose and time.
pub fn login_cookie(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(LOGIN.open::<Attempt>(text, 600, NOW).is_err());
    }
    if LOGIN.unsealed::<Attempt>(bytes, 600, NOW).is_ok() {
        let envelope: Value = serde_json::from_slice(bytes).expect("an envelope is JSON");
        assert_eq!((&envelope["v"], &envelope["p"]), (&1.into(), &"login".into()));
        let sealed_at = envelope["t"].as_u64().expect("a time");
        assert!((NOW.0 - 600..=NOW.0 + 60).contains(&sealed_at));
    }
}

/// A target that is taken stays on the origin, for the URL standard too, and leads to none of our own routes.
pub fn next(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if is_local(text, OWN_PATHS) {
        let origin = Url::parse("https://app.example").expect("a URL");
        let target = origin.join(text).expect("a path resolves");
        assert_eq!(target.origin(), origin.origin());
        let path = target.path().trim_end_matches('/').to_ascii_lowercase();
        assert!(!OWN_PATHS.contains(&path.as_str()));
        assert!(text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

/// A callback has one state, and one code or one error, all of them of a sensible size.
pub fn callback_query(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    if let Ok(parameters) = CallbackParameters::parse(query) {
        assert!((1..=128).contains(&parameters.state.len()));
        let mut url = Url::parse("https://app.example/").expect("a URL");
        // The URL standard drops tabs and line breaks.
        let kept = query.replace('\t', "%09").replace('\n', "%0A").replace('\r', "%0D");
        url.set_query(Some(&kept));
        let count = |name: &str| url.query_pairs().filter(|(key, _)| key == name).count();
        for name in ["state", "code", "error", "error_description", "iss"] {
            assert!(count(name) <= 1, "{name} stands there {} times", count(name));
        }
        if let Ok(code) = parameters.answer {
            assert!((1..=2048).contains(&code.len()) && !code.expose().chars().any(char::is_control));
        }
    }
}

/// A bearer token is what follows the spaces in its header, and nothing but token characters.
pub fn bearer_header(bytes: &[u8]) {
    let Ok(header) = std::str::from_utf8(bytes) else { return };
    if let Ok(Some(token)) = parse_header(header, "Bearer") {
        let scheme = header.strip_suffix(token).and_then(|rest| rest.strip_suffix(' ')).expect("a space");
        assert!(scheme.trim_end_matches(' ').eq_ignore_ascii_case("Bearer") && !token.is_empty());
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)));
    }
}

/// An answer of the token endpoint has an access token of type bearer, or makes an error that is one line.
pub fn token_response(bytes: &[u8]) {
    if let Some(tokens) = tokens(bytes) {
        let body: Value = serde_json::from_slice(bytes).expect("tokens are JSON");
        assert_eq!(body["access_token"], tokens.access_token.expose());
        assert!(body["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")));
    }
    let reason = match refusal(EndpointCall::UserTokens, bytes, 400, &["a-code"]) {
        EndpointError::Grant | EndpointError::Busy => return,
        EndpointError::NotExchanged { reason }
        | EndpointError::Client { reason, .. }
        | EndpointError::Unavailable { reason, .. } => reason,
    };
    assert!(!reason.chars().any(char::is_control) && reason.len() < 4_000);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    type Target = fn(&[u8]);

    const TARGETS: [(&str, Target); 8] = [
        ("bearer_header", super::bearer_header),
        ("callback_query", super::callback_query),
        ("claims", super::claims),
        ("jwks", super::jwks),
        ("login_cookie", super::login_cookie),
        ("next", super::next),
        ("token", super::token),
        ("token_response", super::token_response),
    ];

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_fuzz_target_withstands_its_seeds() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/seeds");
        assert_eq!(names(&seeds), TARGETS.map(|(name, _)| name));
        for (name, target) in TARGETS {
            let files = std::fs::read_dir(seeds.join(name)).unwrap();
            let files: Vec<_> = files.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
            assert!(files.len() >= 12, "{name} has {} seeds", files.len());
            files.iter().for_each(|seed| target(seed));
        }
    }
}
