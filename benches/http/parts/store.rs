//! What a guard costs when its session lies in the memory store, beside sessions that lie in cookies.

use rocket_cognito::local_pool::LocalPool;
use serde_json::Value;

use super::cpu::{Measured, measure, of, print};
use super::pool::Pool;
use crate::agent::Agent;
use crate::site::preparation::{CALLBACK, settings};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;

const COOKIES_PRIVATE: &str = "the cookie, private";
const IN_COOKIES: &str = "CognitoUser, in cookies";
const EMAIL_IN_COOKIES: &str = "the same, e-mail address read";
const ID_PRIVATE: &str = "the id, private";
const IN_STORE: &str = "CognitoUser, in the store";
const EMAIL_IN_STORE: &str = "the same of the store, e-mail read";

pub fn run() {
    let pool = Pool::start();
    // Where sign-ins go to cookies, both kinds are accepted all the same.
    let server = Server::start(&ON_ONE_CORE, &settings_with_store(&pool, "memory", true), &[]);
    let id = [sign_in(&server, "cognito_sid")];
    let other = Server::start(&ON_ONE_CORE, &settings_with_store(&pool, "memory", false), &[]);
    let cookies = [sign_in(&other, "cognito_refresh_token")];
    drop(other);
    let cases = vec![
        Case::new("open route, cookies sent", "/open", &cookies, "open route, cookies sent"),
        Case::new("guard that looks the cookie up", "/cookie", &cookies, "open route, cookies sent"),
        Case::new(COOKIES_PRIVATE, "/cookie-private", &cookies, "guard that looks the cookie up"),
        Case::new(IN_COOKIES, "/user", &cookies, COOKIES_PRIVATE),
        Case::new(EMAIL_IN_COOKIES, "/email", &cookies, COOKIES_PRIVATE),
        Case::new("open route, id sent", "/open", &id, "open route, id sent"),
        Case::new("guard that looks the id up", "/cookie", &id, "open route, id sent"),
        Case::new(ID_PRIVATE, "/cookie-private", &id, "guard that looks the id up"),
        Case::new(IN_STORE, "/user", &id, ID_PRIVATE),
        Case::new(EMAIL_IN_STORE, "/email", &id, ID_PRIVATE),
    ];
    let measured = measure(&server, cases, || {});
    assert_eq!(pool.requests("/oauth2/token"), 2, "a token call for each sign-in, and none for a refresh");
    let title = format!(
        "Sessions in cookies, a header of {} bytes, and in the store, one of {}",
        cookies[0].len(),
        id[0].len()
    );
    print(&title, &measured);
    print_beside(&measured);
}

/// Settings of an app that accepts sessions of both kinds, and whose sign-ins go to the store or to cookies.
pub fn settings_with_store(pool: &LocalPool, store: &str, writes_to_store: bool) -> Value {
    let mut settings = settings(pool);
    let cognito = &mut settings["cognito"];
    cognito["refresh_flow_enabled"] = true.into();
    cognito["session_store"] = store.into();
    cognito["session_store_writes"] = writes_to_store.into();
    cognito["unsafe_in_profile"] = "bench".into();
    settings
}

/// The header line with the cookies of a new session, of which one has this name.
pub fn sign_in(server: &Server, name: &str) -> String {
    let (agent, origin) = (Agent::new(), format!("http://localhost:{}", server.port()));
    rocket::execute(async {
        let form = agent.follow(&format!("{origin}/auth/login?next=/open")).await;
        let fields = [("username", "alice"), ("password", "Passw0rd!")];
        let answer = agent.post(form.url.as_str(), &[], &fields).await;
        // The pool knows the callback without the port.
        let callback = answer.location().replacen(CALLBACK, &format!("{origin}/cb"), 1);
        assert_eq!(agent.follow(&callback).await.body, "Hello");
    });
    let cookies = agent.cookies();
    assert!(cookies.contains_key(name), "{:?}", cookies.keys());
    let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("Cookie: {}", pairs.join("; "))
}

/// Each guard of the store beside the same one of cookies: the whole request, and what the guard adds to its floor.
fn print_beside(measured: &[Measured]) {
    println!("In the store, beside in cookies");
    let beside = |name: &str, store: f64, cookies: f64| {
        println!("  {name:<36} {store:>8.2}  × {:.3} of {cookies:.2} in cookies", store / cookies);
    };
    for (name, store, cookies) in
        [("CognitoUser", IN_STORE, IN_COOKIES), ("e-mail address read", EMAIL_IN_STORE, EMAIL_IN_COOKIES)]
    {
        let (store, cookies) = (of(measured, store), of(measured, cookies));
        beside(name, store, cookies);
        let added = [store - of(measured, ID_PRIVATE), cookies - of(measured, COOKIES_PRIVATE)];
        beside("what the guard adds", added[0], added[1]);
    }
}
