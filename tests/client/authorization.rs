//! The addresses that browsers are sent to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket_cognito::client::{CognitoClient, PendingSignIn, SignInRequest, TokenExchange};
use sha2::{Digest, Sha256};

use crate::support::agent::Agent;
use crate::support::forge::{Key, access_claims};
use crate::support::stub::{Answer, Stub};
use crate::world::*;

/// Beside those of the request itself.
const OWN: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

fn client() -> CognitoClient {
    CognitoClient::new([
        ("user_pool_id", "eu-west-1_AbC123"),
        ("client_id", "web"),
        ("client_secret", SECRET),
        ("domain", "acme"),
        ("redirect_url", CALLBACK),
        ("accepted_audiences", "https://api.example.com"),
    ])
    .unwrap()
}

#[test]
fn a_request_has_state_nonce_and_challenge_of_its_own() {
    let client = client();
    let [begun, other] = [(); 2].map(|()| client.authorization().begin().unwrap());
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.code_verifier()));
    let values = ["code", "web", CALLBACK, begun.state(), begun.nonce(), &challenge, "S256"];
    let expected: Vec<_> = OWN.into_iter().zip(values).map(|(key, it)| (key.into(), it.into())).collect();
    assert!(begun.url().starts_with("https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?"));
    assert_eq!(parameters(begun.url()), expected);
    assert_eq!(begun.redirect_url(), CALLBACK);
    assert_eq!((begun.state().len(), begun.nonce().len(), begun.code_verifier().len()), (43, 43, 64));

    assert!(begun.has_state(begun.state()) && !begun.has_state(other.state()) && !begun.has_state(""));
    assert_ne!(begun.nonce(), other.nonce());
    assert_ne!(begun.code_verifier(), other.code_verifier());
    assert_ne!(begun.state(), begun.nonce());
}

/// Sets one parameter of the request.
type Set = for<'c> fn(SignInRequest<'c>, &str) -> SignInRequest<'c>;

const HINTS: [(&str, Set); 5] = [
    ("identity_provider", |request, value| request.identity_provider(value)),
    ("idp_identifier", |request, value| request.idp_identifier(value)),
    ("login_hint", |request, value| request.login_hint(value)),
    ("lang", |request, value| request.lang(value)),
    ("prompt", |request, value| request.prompt(value)),
];

#[test]
fn what_is_asked_for_stands_in_it_once_and_adds_nothing_else() {
    let client = client();
    for value in
        ["Google", "a b+c%20d", "x&state=forged", "x#y?z=1", "é\u{202e}", "redirect_uri=https://evil"]
    {
        for (name, set) in HINTS {
            for begun in [
                set(client.authorization(), value).begin(),
                set(client.authorization(), value).begin_after_logout(),
                set(set(client.authorization(), "replaced"), value).begin(),
            ] {
                let begun = begun.unwrap();
                let names: Vec<_> = parameters(begun.url()).into_iter().map(|(name, _)| name).collect();
                assert_eq!(names, [&OWN[..], &[name]].concat());
                assert_eq!(parameter(begun.url(), name).as_deref(), Some(value));
                assert_eq!(parameter(begun.url(), "state").as_deref(), Some(begun.state()));
            }
            let taken_back = set(set(client.authorization(), value), "").begin().unwrap();
            assert_eq!(parameters(taken_back.url()).len(), OWN.len());
        }
        let begun = client.authorization().redirect_url(value).begin().unwrap();
        assert_eq!(parameters(begun.url()).len(), OWN.len());
        assert_eq!(parameter(begun.url(), "redirect_uri").as_deref(), Some(value));
    }
    let request =
        client.authorization().scopes(["openid", "orders/read"]).resource("https://api.example.com");
    let begun = request.begin().unwrap();
    assert_eq!(parameter(begun.url(), "scope").as_deref(), Some("openid orders/read"));
    assert_eq!(parameter(begun.url(), "resource").as_deref(), Some("https://api.example.com"));
}

#[test]
fn what_cannot_be_sent_is_told_and_not_repeated() {
    let client = client();
    let long = "x".repeat(257);
    for value in ["a\r\nb", "a\0b", "\u{85}", long.as_str()] {
        for (_, set) in HINTS {
            let told = text("misconfigured", set(client.authorization(), value).begin());
            assert!(told.contains("at most 256 bytes") && !told.contains(value), "{told}");
        }
    }
    let scopes = |scopes: &[&str]| client.authorization().scopes(scopes.to_vec()).begin();
    for (told, words) in [
        (text("misconfigured", scopes(&["email"])), "`scopes` lacks `openid`"),
        (text("misconfigured", scopes(&[])), "`scopes` lacks `openid`"),
        (text("misconfigured", scopes(&["openid", "a b"])), "`scopes` value 2 is not a scope"),
        (
            text("misconfigured", scopes(&["openid", "phones"])),
            "which has aws.cognito.signin.user.admin, email",
        ),
        (
            text("misconfigured", client.authorization().resource("api").begin()),
            "`resource` is not an absolute URL",
        ),
        (
            text("misconfigured", client.authorization().resource("https://b.example.com").begin()),
            "`resource` is neither the setting of that name nor one of `accepted_audiences`",
        ),
    ] {
        assert!(told.contains(words), "{told}");
    }
}

/// Cognito ignores it or refuses the sign-in, and nobody learns why.
#[rocket::async_test]
async fn offline_access_is_refused_at_every_call_that_takes_scopes() {
    let key = Key::new("key");
    let stub = Stub::start(Answer::ok("{}")).await;
    let client = forged(&key, &stub.url(""), &[]);
    let with_it = ["openid", "offline_access"];
    for begun in [
        client.authorization().scopes(with_it).begin(),
        client.authorization().scopes(with_it).begin_after_logout(),
    ] {
        let refused = text("misconfigured", begun);
        assert!(refused.contains("`scopes` value 2 is no scope of Cognito's"), "{refused}");
    }
    let subject = key.token(&access_claims());
    let exchange = TokenExchange::of(&subject).scopes(["orders/read", "offline_access"]);
    for refused in [
        text("misconfigured", client.client_credentials(&["orders/read", "offline_access"], now()).await),
        text("misconfigured", client.exchange(exchange.clone(), now()).await),
    ] {
        assert!(refused.contains("`offline_access` is no scope of Cognito's"), "{refused}");
        assert!(refused.contains("leave it out: no refresh token comes"), "{refused}");
    }
    assert_eq!(stub.requests(), 0);

    let elsewhere = forged(&key, &stub.url(""), &[("issuer", "https://id.example.com")]);
    let begun = elsewhere.authorization().scopes(with_it).begin().unwrap();
    assert_eq!(parameter(begun.url(), "scope").as_deref(), Some("openid offline_access"));
    let _ = elsewhere.client_credentials(&["offline_access"], now()).await;
    let _ = elsewhere.exchange(exchange, now()).await;
    assert_eq!(stub.requests(), 2);
}

#[test]
fn it_needs_a_domain_and_a_callback() {
    let pool = [("user_pool_id", "eu-west-1_AbC123"), ("client_id", "web")];
    let bare = CognitoClient::new(pool).unwrap();
    assert!(text("misconfigured", bare.authorization().begin()).contains("`domain` is not set"));
    let no_callback = CognitoClient::new(pool.into_iter().chain([("domain", "acme")])).unwrap();
    let told = text("misconfigured", no_callback.authorization().begin_after_logout());
    assert!(told.contains("`redirect_url` is not set"), "{told}");
    assert!(no_callback.authorization().redirect_url(CALLBACK).begin().is_ok());
}

/// A session at the pool would sign the same person in without a question.
#[rocket::async_test]
async fn after_the_pools_own_sign_out_it_asks_who_it_is() {
    let world = World::start().await;
    let agent = Agent::new();
    let first = world.client.authorization().begin().unwrap();
    let fields = [("username", "alice"), ("password", "Passw0rd!")];
    let form = agent.open(first.url()).await.location();
    assert!(agent.post(&form, &[], &fields).await.location().starts_with(CALLBACK));

    let again = world.client.authorization().begin().unwrap();
    assert!(agent.open(again.url()).await.location().starts_with(CALLBACK), "still signed in there");

    let after_logout = world.client.authorization().login_hint("bob").begin_after_logout().unwrap();
    assert!(after_logout.url().starts_with(&format!("{}/logout?", world.pool.base_url())));
    let form = agent.open(after_logout.url()).await.location();
    assert!(form.starts_with(&format!("{}/login?", world.pool.base_url())), "{form}");
    let answer = agent.post(&form, &[], &[("username", "bob"), ("password", "Passw0rd!")]).await;
    assert!(answer.location().starts_with(CALLBACK));
    assert!(after_logout.has_state(&answer.location_parameter("state")));
}

#[test]
fn it_can_be_kept_as_data() {
    let begun = client().authorization().begin().unwrap();
    let data = serde_json::to_string(&begun).unwrap();
    let kept: PendingSignIn = serde_json::from_str(&data).unwrap();
    let parts = |begun: &PendingSignIn| {
        [begun.url(), begun.state(), begun.nonce(), begun.code_verifier(), begun.redirect_url()]
            .map(str::to_owned)
    };
    assert_eq!(parts(&kept), parts(&begun));
    for part in ["url", "state", "nonce", "code_verifier", "redirect_url"] {
        let without = data.replacen(&format!("\"{part}\""), "\"other\"", 1);
        assert!(serde_json::from_str::<PendingSignIn>(&without).is_err(), "{part}");
    }
}
