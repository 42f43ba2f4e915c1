//! T38, T40 to T42: where a credential may stand, and how it must be written.

use rocket::http::{ContentType, Header};
use rocket::routes;
use rocket_cognito::Cognito;
use serde_json::json;

use super::{App, POOL, STRANGER, cookie, me};
use crate::support::forge::{JwksFile, access_claims, id_claims, now, with};
use crate::support::server::Server;
use crate::support::{raw, settings};

const INVALID_TOKEN: &str = "Bearer error=\"invalid_token\"";

fn good() -> String {
    POOL.token(&access_claims())
}

/// The cookie of a signed-in browser.
fn session() -> Header<'static> {
    cookie("cognito_access_token", &good())
}

/// T41: RFC 9110 says that schemes have no case.
#[rocket::async_test]
async fn the_scheme_has_no_case() {
    let app = App::new().await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        assert_eq!(app.authorization("/me", &format!("{scheme} {}", good())).await.status, 200, "{scheme}");
    }
}

/// T41, T42: one answer for each way to write it wrongly, which repeats nothing of it.
#[rocket::async_test]
async fn a_malformed_header_is_told_from_a_bad_token() {
    let app = App::new().await;
    let token = good();
    for value in ["Bearer", "bearer", "Bearer ", "Bearer  ", "Bearer\t"] {
        app.authorization("/me", value).await.assert_denied(401, "missing_bearer_token", INVALID_TOKEN);
    }
    let malformed = app.authorization("/me", "Bearer %").await;
    malformed.assert_denied(401, "malformed_bearer_token", INVALID_TOKEN);
    let several = app.authorization("/me", "Bearer a b").await;
    several.assert_denied(401, "several_bearer_tokens", INVALID_TOKEN);
    for value in [
        format!("Bearer {token} {token}"),
        format!("Bearer a {token}"),
        format!("Bearer  {token} x"),
        format!("Bearer {token}, Basic x"),
        format!("Bearer x{}", " x".repeat(32_768)),
        r#"Bearer {"payload": "", "signatures": []}"#.to_owned(),
    ] {
        assert_eq!(app.authorization("/me", &value).await, several, "{value:.80}");
    }
    for value in [
        format!("Bearer {token} "),
        format!("Bearer \t{token}"),
        format!("Bearer {token}\t"),
        format!("Bearer {token}\n"),
        format!("Bearer {token}\r\n"),
        format!("Bearer {token}\0"),
        format!("Bearer \"{token}\""),
        format!("Bearer {token},{token}"),
        format!("Bearer {token};"),
        format!("Bearer token={token}"),
        format!("Bearer ={token}"),
        format!("Bearer\t{token}"),
        format!("Bearer:{token}"),
        format!("Bearer={token}"),
        format!("Bearer,{token}"),
        "Bearer =".to_owned(),
        "Bearer ==".to_owned(),
        "Bearer %00".to_owned(),
        format!("Bearer %{token}"),
        format!("Bearer {}", token.replace('.', "%2E")),
        "Bearer é".to_owned(),
        "Bearer \u{80}\u{ff}".to_owned(),
        "Bearer \u{ff42}".to_owned(),
        "Bearer <script>".to_owned(),
        format!("Bearer {}", "%".repeat(65_536)),
        r#"Bearer {"payload":"","signatures":[]}"#.to_owned(),
    ] {
        assert_eq!(app.authorization("/me", &value).await, malformed, "{value:.80}");
    }
    app.authorization("/me", &format!(" Bearer {token}")).await.assert_denied(401, "not_signed_in", "Bearer");
}

/// T38: neither body nor header tells which check failed, or repeats the token.
#[rocket::async_test]
async fn all_bad_tokens_get_one_answer() {
    let app = App::new().await;
    let tokens = [
        "x".to_owned(),
        "x.y.z".to_owned(),
        "~".to_owned(),
        POOL.token(&with(access_claims(), "exp", (now() - 100).into())),
        POOL.token(&with(access_claims(), "client_id", "other".into())),
        POOL.token(&id_claims()),
        STRANGER.token(&access_claims()),
        STRANGER.sign(&POOL.header(), &access_claims()),
    ];
    let expected = app.bearer(&tokens[0]).await;
    expected.assert_denied(401, "invalid_token", INVALID_TOKEN);
    for token in tokens {
        assert_eq!(app.bearer(&token).await, expected, "{token}");
    }
}

/// T41.
#[rocket::async_test]
async fn without_a_credential_the_challenge_names_no_error() {
    let app = App::new().await;
    app.send(app.client.get("/me")).await.assert_denied(401, "not_signed_in", "Bearer");
}

/// T40: two headers, whatever is in them, are one too many.
#[rocket::async_test]
async fn two_authorization_headers_are_refused() {
    let app = App::new().await;
    let bearer = format!("Bearer {}", good());
    for (first, second) in [
        (&*bearer, &*bearer),
        (&bearer, "Bearer x"),
        ("Bearer x", &bearer),
        (&bearer, "Basic x"),
        ("Basic x", &bearer),
    ] {
        let mut request = app.client.get("/me").header(session());
        request.add_header(Header::new("Authorization", first.to_owned()));
        request.add_header(Header::new("authorization", second.to_owned()));
        let challenge = "Bearer error=\"invalid_request\"";
        app.send(request).await.assert_denied(400, "repeated_authorization", challenge);
    }
}

/// T40: a bearer header counts alone; of other schemes we know nothing.
#[rocket::async_test]
async fn a_bad_bearer_token_does_not_fall_back_to_the_cookie() {
    let app = App::new().await;
    let both = async |value: String| {
        app.send(app.client.get("/me").header(session()).header(Header::new("Authorization", value)))
            .await
            .status
    };
    for value in ["Bearer", "Bearer ", "Bearer %", "Bearer\tx", "Bearer:x", "Bearer x", "bearer x.y.z"] {
        assert_eq!(both(value.to_owned()).await, 401, "{value}");
    }
    assert_eq!(both(format!("Bearer {}", STRANGER.token(&access_claims()))).await, 401);
    for value in ["Basic dXNlcjpwYXNzd29yZA==", "Digest username=\"x\"", "Negotiate x", "", "Basic"] {
        assert_eq!(both(value.to_owned()).await, 200, "{value}");
    }
    // The bearer token is the one that counts.
    let other = POOL.token(&with(access_claims(), "username", "erika".into()));
    let request = app.client.get("/me").header(session());
    let request = request.header(Header::new("Authorization", format!("Bearer {other}")));
    assert_eq!(app.send(request).await.json()["username"], "erika");
}

/// T40.
#[rocket::async_test]
async fn another_scheme_is_no_credential() {
    let app = App::new().await;
    for scheme in ["Basic", "Token", "JWT", "Bearers", "Bear", "DPoP"] {
        let answer = app.authorization("/me", &format!("{scheme} {}", good())).await;
        answer.assert_denied(401, "not_signed_in", "Bearer");
    }
}

/// T40: OAuth 2.1 knows no token in a query.
#[rocket::async_test]
async fn a_token_elsewhere_in_the_request_is_no_credential() {
    let app = App::new().await;
    let token = good();
    for name in ["access_token", "token", "bearer", "id_token", "Authorization"] {
        let uri = format!("/me?{name}={token}");
        app.send(app.client.get(uri)).await.assert_denied(401, "not_signed_in", "Bearer");
        let form = app.client.post("/me").header(ContentType::Form).body(format!("{name}={token}"));
        app.send(form).await.assert_denied(401, "not_signed_in", "Bearer");
    }
    for name in
        ["X-Authorization", "X-Forwarded-Access-Token", "Proxy-Authorization", "X-Amzn-Oidc-Data", "Cookie2"]
    {
        let header = Header::new(name, format!("Bearer {token}"));
        app.send(app.client.get("/me").header(header)).await.assert_denied(401, "not_signed_in", "Bearer");
    }
    for name in [
        "access_token",
        "id_token",
        "cognito_id_token_1",
        "cognito_Access_token",
        "__Host-Http-cognito_access_token",
    ] {
        let request = app.client.get("/me").header(cookie(name, &token));
        app.send(request).await.assert_denied(401, "not_signed_in", "Bearer");
    }
}

/// T30, T34: the cookies of a session are one access token and the ID token of the same sign-in.
#[rocket::async_test]
async fn an_id_token_in_a_session_counts_only_beside_its_own_access_token() {
    let app = App::new().await;
    let id_token = POOL.token(&id_claims());
    assert_eq!(app.cookie(&id_token).await.status, 401, "an ID token in place of the access token");

    let email = async |id_token: String| {
        let request = app.client.get("/me").header(session());
        app.send(request.header(cookie("cognito_id_token", &id_token))).await.json()["email"].clone()
    };
    assert_eq!(email(id_token).await, "dora@example.com");
    for (name, claims) in [
        ("of another person", with(id_claims(), "sub", "other".into())),
        ("of another sign-in", with(id_claims(), "origin_jti", "other".into())),
        ("of another access token", with(id_claims(), "at_hash", "AAAAAAAAAAAAAAAAAAAAAA".into())),
        ("of another client", with(id_claims(), "aud", "other".into())),
        ("that is expired", with(with(id_claims(), "iat", 1.into()), "exp", 2.into())),
        ("that is an access token", with(access_claims(), "email", "dora@example.com".into())),
    ] {
        assert_eq!(email(POOL.token(&claims)).await, json!(null), "{name}");
    }
    assert_eq!(email(STRANGER.token(&id_claims())).await, json!(null), "of a stranger");
    assert_eq!(email("x".to_owned()).await, json!(null), "that is none");
}

/// T42: bytes as they come off the wire. Rocket drops headers that are not UTF-8.
#[rocket::async_test]
async fn no_bytes_in_the_header_cause_more_than_a_refusal() {
    let keys = JwksFile::new(&[&POOL]);
    let app = Server::start(settings(&keys.uri()), |rocket| {
        rocket.attach(Cognito::fairing()).mount("/", routes![me]).register("/", rocket_cognito::catchers())
    })
    .await;
    let ask = async |authorization: &[u8]| {
        let head = b"GET /me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: ";
        let answer = raw::exchange(app.port, [head, authorization, b"\r\n\r\n"].concat()).await;
        answer.split(' ').nth(1).map(|status| status.parse::<u16>().unwrap())
    };
    assert_eq!(ask(format!("Bearer {}", good()).as_bytes()).await, Some(200));
    for byte in (0x01..=0xff).filter(|byte| !b"\r\n".contains(byte)) {
        for value in
            [vec![byte], [b"Bearer ", [byte].as_slice()].concat(), [b"Bearer x", [byte].as_slice()].concat()]
        {
            let status = ask(&value).await.expect("an answer");
            assert!([400, 401].contains(&status), "{byte:#x}: {status}");
        }
    }
    assert_eq!(ask(format!("Bearer {}", "x".repeat(16_000)).as_bytes()).await, Some(401));
    assert_eq!(ask(format!("Bearer {}\r\nAuthorization: Bearer x", good()).as_bytes()).await, Some(400));
    app.stop().await;
}
