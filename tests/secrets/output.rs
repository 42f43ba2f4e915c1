//! What an app writes to stdout and stderr, as people run it.

use reqwest::Method;

use crate::canary::{Canaries, find};
use crate::flow::Flow;
use crate::process;
use crate::support::agent::Agent;
use crate::support::forge::access_claims;
use crate::support::free_port;
use crate::support::pool::{CLIENT_SECRET, Pool, SECRET_KEY};
use crate::support::rig::endpoints;
use crate::support::stub::{Answer, Stub};

const NORMAL: (&str, &str) = ("ROCKET_LOG_LEVEL", "normal");

/// X2.
#[rocket::async_test]
async fn neither_log_nor_answers_tell_a_secret_of_sign_ins_at_the_local_pool() {
    let process = process::with_local_pool(&[NORMAL]).await;
    let mut flow = Flow::new(&process.url(""));
    flow.at_a_local_pool().await;
    let output = process.output();
    for word in [
        "GET /auth/callback",
        "POST /oauth2/token",
        "cognito_sign_in_refused: the pool refused a sign-in",
        "cognito_token_refused: a bearer token was refused",
    ] {
        assert!(output.contains(word), "{word:?} is not in:\n{output}");
    }
    let (secrets, answers) = flow.canaries.counts();
    assert!(secrets > 60 && answers > 60, "{secrets} secrets, {answers} answers");
    flow.canaries.assert_untold(&output);
}

/// X2.
#[rocket::async_test]
async fn neither_log_nor_answers_tell_a_secret_of_sign_ins_at_a_pool_that_fails() {
    let pool = Pool::start(endpoints()).await;
    let process = process::with_pool(&pool, &[NORMAL]).await;
    let mut flow = Flow::new(&process.url(""));
    flow.at_a_failing_pool(pool).await;
    let output = process.output();
    for word in ["GET /auth/callback", "could not be exchanged", "could not be revoked", "refused"] {
        assert!(output.contains(word), "{word:?} is not in:\n{output}");
    }
    let (secrets, answers) = flow.canaries.counts();
    assert!(secrets > 100 && answers > 20, "{secrets} secrets, {answers} answers");
    flow.canaries.assert_untold(&output);
}

/// X2: a proxy that is set up wrongly sends the callback to another path.
#[rocket::async_test]
async fn the_log_tells_no_code_and_no_state_wherever_they_arrive() {
    let process = process::with_local_pool(&[NORMAL]).await;
    let mut flow = Flow::new(&process.url(""));
    flow.at_other_paths().await;
    let output = process.output();
    assert!(output.contains("GET /AUTH/callback") && output.contains("GET /elsewhere"), "{output}");
    assert!(output.contains("GET /elsewhere?state=of-the-apps-own"), "other queries stay: {output}");
    flow.canaries.assert_untold(&output);
}

/// X2.
#[rocket::async_test]
async fn the_log_tells_no_code_and_no_state_by_whatever_method_they_come() {
    let process = process::with_local_pool(&[NORMAL]).await;
    let mut flow = Flow::new(&process.url(""));
    flow.by_other_methods().await;
    let output = process.output();
    assert!(output.contains("POST /auth/callback"), "{output}");
    flow.canaries.assert_untold(&output);
}

/// X2.
#[rocket::async_test]
async fn the_log_tells_no_password_in_the_address_of_the_keys() {
    const PASSWORD: &str = "c4nary-in-a-query/of=keys&more";
    let mut canaries = Canaries::default();
    canaries.add("the password", PASSWORD);
    let pool = Pool::start(endpoints()).await;
    let token = format!("Bearer {}", pool.key.token(&access_claims()));
    canaries.add("a token", &token[7..]);
    let stub = Stub::start(Answer::ok(PASSWORD)).await;
    let unreachable = format!("http://127.0.0.1:{}/keys.json", free_port());
    for (url, answer) in [
        (stub.url("/keys.json"), Answer::ok(format!("{{\"keys\": [\"{PASSWORD}\"]}}"))),
        (stub.url("/keys.json"), Answer::new("500 Internal Server Error", "", PASSWORD)),
        (stub.url("/keys.json"), Answer::redirect(&format!("http://127.0.0.1:9/?password={PASSWORD}"))),
        (stub.url("/keys.json"), Answer::Bytes(PASSWORD.into())),
        (unreachable, Answer::ok("")),
    ] {
        stub.set(answer);
        let uri = format!("{url}?password={}&{PASSWORD}", PASSWORD.replace('&', "%26"));
        let process = process::with_pool(&pool, &[NORMAL, ("ROCKET_COGNITO_JWKS_URI", &uri)]).await;
        let headers = [("authorization", token.as_str())];
        let page = Agent::new().send(Method::GET, &format!("{}/me", process.url("")), &headers, None).await;
        assert_eq!(page.status, 503);
        canaries.answered(&process.url(""), &page);
        let output = process.output();
        assert!(output.contains(&format!("no public keys from {url}:")), "{output}");
        canaries.assert_untold(&output);
    }
}

/// X5. What operators are told word by word is in `tests/config`.
#[rocket::async_test]
async fn a_launch_tells_no_secret_whether_it_succeeds_or_not() {
    let pool = Pool::start(endpoints()).await;
    let output = process::with_pool(&pool, &[NORMAL]).await.output();
    assert!(output.contains("cognito_launched: user pool"), "{output}");
    for secret in [CLIENT_SECRET, SECRET_KEY] {
        assert_eq!(find(&output, secret), None, "{output}");
    }

    const SECRET: &str = "c4nary-of-a-secret-key-that-is-long-enough";
    for (name, value) in [
        ("CLIENT_SECRET", "{secret} with spaces"),
        ("CLIENT_SECRET", "[\"{secret}\", \"another\", \"a-third\"]"),
        ("CLIENT_SECRET", "{a={secret}}"),
        ("CLIENT_SECRETS", "{secret}"),
        ("SECRET", "{secret}"),
        ("SECRET_KEY", "{secret}"),
        ("SECRET_KEYS", "c4nary"),
        ("SECRET_KEYS", "[\"{secret}\", \"c4nary\"]"),
        ("SECRET_KEYS", "[{a=\"{secret}\"}]"),
        ("SECRET_KEYS", "{a=\"{secret}\"}"),
        ("SECRET_KEYS", "c4naryc4naryc4naryc4naryc4naryc4naryc4nary"),
        ("DOMAIN", "https://user:{secret}@auth.example.com"),
        ("DOMAIN", "https://auth.example.com/?secret={secret}"),
        ("ISSUER", "https://user:{secret}@auth.example.com"),
        ("REDIRECT_URL", "https://user:{secret}@app.example.com/cb"),
        ("LOGOUT_URL", "ftp://user:{secret}@app.example.com/"),
        ("JWKS_URI", "https://user:{secret}@keys.example.com/"),
        ("JWKS_URI", "http://keys.example.com:0/?password={secret}"),
        ("SERVER_DOMAIN", "http://user:{secret}@pool:9400"),
        ("LOCAL_POOL", "{secret}"),
        ("LOCAL_POOL", "{users=[{username=\"dave\",password=[\"{secret}\"]}]}"),
        ("LOCAL_POOL", "{users=[{username=\"dave\",pasword=\"{secret}\"}]}"),
        ("LOCAL_POOL", "{clients=[{client_id=\"a\",client_secret={x=\"{secret}\"}}]}"),
    ] {
        let (name, value) = (format!("ROCKET_COGNITO_{name}"), value.replace("{secret}", SECRET));
        let output = process::refused(&pool, &[(&name, &value)]).await;
        assert!(
            output.contains("need attention") || output.contains("needs attention"),
            "{name}={value}:\n{output}"
        );
        assert!(!output.to_lowercase().contains("c4nary"), "{name}={value}:\n{output}");
    }
}
