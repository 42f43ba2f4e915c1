//! Every way to be refused.

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{FAILED, REFUSED, Site, foreign_token};
use crate::support::agent::{Agent, Page};
use crate::support::app::parameters;
use crate::support::forge::{CLIENT_ID, access_claims, id_claims, now, with, without};
use crate::support::pool::{SECRET_KEY, Visit};
use crate::support::rig::{Reply, answer};
use crate::support::sealing::Seal;

/// An answer to somebody who is refused.
pub struct Refusal {
    pub code: &'static str,
    pub status: u16,
    pub by: By,
    pub page: Page,
    /// What the request carried, and what is in the browser's cookies.
    pub secrets: Vec<String>,
}

/// What refused somebody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    Guard,
    /// One of our own routes.
    Route,
    /// A route of the app's own, whose answer is ours.
    Answer,
}

/// All refusals there are but `login_used`, which takes half a minute, and `login_required`, which is for callbacks of the
/// app's own; asked for with these headers.
pub async fn refusals(site: &Site, headers: &[(&str, &str)]) -> Vec<Refusal> {
    let mut all = at_guards(site, headers).await;
    all.extend(at_routes(site, headers).await);
    all.extend(at_the_pool(site, headers).await);
    all.extend(at_the_store(site, headers).await);
    all
}

struct Asking<'a> {
    headers: &'a [(&'a str, &'a str)],
    by: By,
    all: Vec<Refusal>,
}

impl Asking<'_> {
    async fn ask(
        &mut self,
        (code, status): (&'static str, u16),
        agent: &Agent,
        (method, url): (Method, &str),
        more: &[(&str, &str)],
    ) {
        let mut secrets: Vec<_> =
            agent.cookies().into_values().chain(more.iter().map(|(_, value)| (*value).to_owned())).collect();
        secrets.extend(parameters(url).into_iter().map(|(_, value)| value));
        secrets.retain(|secret| secret.len() >= 10 && secret != code);
        let page = agent.send(method, url, &[self.headers, more].concat(), None).await;
        self.all.push(Refusal { code, status, by: self.by, page, secrets });
    }
}

async fn at_guards(site: &Site, headers: &[(&str, &str)]) -> Vec<Refusal> {
    let mut asking = Asking { headers, by: By::Guard, all: Vec::new() };
    let visit = Visit::begin(&site.url("")).await;
    visit.sign_in(&site.pool).await;
    let editor = &visit.agent;
    let bearer = format!("Bearer {}", foreign_token());
    let nobody = Agent::new();
    let stale = Agent::new();
    stale.set_cookie("cognito_access_token", &foreign_token());
    let (me, admin, keyless) = (site.url("/me"), site.url("/admin"), site.keyless.url("/me"));
    fn get(url: &str) -> (Method, &str) {
        (Method::GET, url)
    }

    asking.ask(("not_signed_in", 401), &nobody, get(&me), &[]).await;
    asking.ask(("session_expired", 401), &stale, get(&me), &[]).await;
    let two = [("cookie", "cognito_access_token=a; cognito_access_token=b")];
    asking.ask(("session_in_doubt", 401), &nobody, get(&me), &two).await;
    for (code, value) in [
        ("invalid_token", bearer.as_str()),
        ("missing_bearer_token", "Bearer"),
        ("several_bearer_tokens", "Bearer one-token another-token"),
        ("malformed_bearer_token", "Bearer one-token,another-token"),
    ] {
        asking.ask((code, 401), &nobody, get(&me), &[("authorization", value)]).await;
    }
    let two = [("authorization", "Bearer one-token"), ("authorization", "Bearer another-token")];
    asking.ask(("repeated_authorization", 400), &nobody, get(&me), &two).await;
    let long_ago = with(access_claims(), "auth_time", json!(now() - 1_000));
    let long_ago = format!("Bearer {}", site.pool.key.token(&long_ago));
    let safe = site.url("/safe");
    asking.ask(("login_too_old", 401), &nobody, get(&safe), &[("authorization", &long_ago)]).await;
    let weak =
        format!("Bearer {}", site.pool.key.token(&with(access_claims(), "acr", json!("urn:cognito:loa:1"))));
    asking.ask(("level_too_low", 401), &nobody, get(&site.url("/strong")), &[("authorization", &weak)]).await;
    let (for_tokens, for_sessions) = (site.url("/for-tokens"), site.url("/for-sessions"));
    asking.ask(("bearer_required", 401), editor, get(&for_tokens), &[]).await;
    let basic = [("authorization", "Basic c3RhZ2luZzpzaXRl")];
    asking.ask(("other_scheme", 401), editor, get(&for_tokens), &basic).await;
    asking.ask(("session_required", 401), editor, get(&for_sessions), &[("authorization", &bearer)]).await;
    let machine = with(without(access_claims(), "username"), "sub", json!(CLIENT_ID));
    let machine = format!("Bearer {}", site.pool.key.token(&machine));
    asking.ask(("person_required", 403), &nobody, get(&me), &[("authorization", &machine)]).await;
    let agent = with(access_claims(), "act", json!({ "sub": "an-agent" }));
    let agent = format!("Bearer {}", site.pool.key.token(&agent));
    asking.ask(("delegated", 403), &nobody, get(&me), &[("authorization", &agent)]).await;
    asking.ask(("machine_required", 403), editor, get(&site.url("/for-machines")), &[]).await;
    asking.ask(("rule_not_met", 403), editor, get(&admin), &[]).await;
    asking.ask(("unknown_user", 403), editor, get(&site.url("/unknown")), &[]).await;
    asking.ask(("user_not_loaded", 503), editor, get(&site.url("/not-loaded")), &[]).await;
    asking.ask(("cross_site", 403), editor, (Method::POST, &site.url("/change")), &[]).await;
    let elsewhere = site.disabled.url("/me");
    asking.ask(("host_refused", 421), &nobody, get(&elsewhere), &[("host", "evil.example")]).await;
    let expired = Visit::begin(&site.url("")).await;
    expired.sign_in(&site.pool).await;
    expired.agent.drop_cookie("cognito_access_token");
    site.pool.will_answer(Reply::json(500, &Value::Null));
    asking.ask(("session_not_renewed", 503), &expired.agent, get(&me), &[]).await;
    let ended = Visit::begin(&site.url("")).await;
    ended.sign_in(&site.pool).await;
    ended.agent.drop_cookie("cognito_access_token");
    site.pool.will_answer(Reply::json(400, &json!({ "error": "invalid_grant" })));
    asking.ask(("session_ended", 401), &ended.agent, get(&me), &[]).await;
    asking.ask(("keys_unavailable", 503), &nobody, get(&keyless), &[("authorization", &bearer)]).await;
    asking.all
}

async fn at_routes(site: &Site, headers: &[(&str, &str)]) -> Vec<Refusal> {
    let mut asking = Asking { headers, by: By::Route, all: Vec::new() };
    let nobody = Agent::new();
    let url = |path: &str| site.url(path);
    let callback = url("/auth/callback?state=an-unknown-state&code=a-code-of-nobody");
    let logout = url("/auth/logout");
    for (refusal, method, url) in [
        (("bad_login", 400), Method::GET, &url("/auth/login?next=/one-page&next=/another-page")),
        (("bad_callback", 400), Method::GET, &url("/auth/callback")),
        (("no_login_attempt", 400), Method::GET, &callback),
        (("method_not_allowed", 405), Method::GET, &logout),
        (("cross_site", 403), Method::POST, &logout),
    ] {
        asking.ask(refusal, &nobody, (method, url), &[]).await;
    }
    let prefetch = [("sec-purpose", "prefetch")];
    asking.ask(("prefetch_refused", 503), &nobody, (Method::GET, &url("/auth/login")), &prefetch).await;

    for (code, change) in [("login_expired", "started an hour ago"), ("login_not_recognised", "")] {
        let visit = Visit::begin(&site.url("")).await;
        let (name, sealed) = visit.agent.cookies().pop_first().unwrap();
        let seal = Seal::new(SECRET_KEY, "login");
        let old = seal.seal(&seal.open(&sealed), now() - 3_600);
        visit.agent.set_cookie(&name, if change.is_empty() { "not-sealed-at-all" } else { &old });
        asking.ask((code, 400), &visit.agent, (Method::GET, &visit.callback()), &[]).await;
    }
    asking.all
}

async fn at_the_pool(site: &Site, headers: &[(&str, &str)]) -> Vec<Refusal> {
    let mut asking = Asking { headers, by: By::Route, all: Vec::new() };
    for (refusal, query) in [
        (("sign_in_refused", 400), "error=an-unknown-error"),
        (("access_denied", 403), "error=access_denied&error_description=a-description"),
        (("sign_in_misconfigured", 503), "error=invalid_scope"),
        (("pool_unavailable", 503), "error=server_error"),
    ] {
        let visit = Visit::begin(&site.url("")).await;
        let url = site.url(&format!("/auth/callback?state={}&{query}", visit.state));
        asking.ask(refusal, &visit.agent, (Method::GET, &url), &[]).await;
    }
    let refused = |error: &str| Reply::json(400, &json!({ "error": error }));
    for (refusal, reply) in [
        (("code_refused", 400), refused("invalid_grant")),
        (("sign_in_misconfigured", 503), refused("invalid_client")),
        (("pool_unavailable", 503), Reply::json(500, &Value::Null)),
        (("tokens_refused", 400), Reply::json(200, &site.pool.tokens(&Visit::begin(&site.url("")).await))),
    ] {
        let visit = Visit::begin(&site.url("")).await;
        site.pool.will_answer(reply);
        asking.ask(refusal, &visit.agent, (Method::GET, &visit.callback()), &[]).await;
    }
    let visit = Visit::leading_to(&site.url(""), "/me&prompt=login&max_age=60").await;
    let long_ago = |claims| with(with(claims, "auth_time", json!(now() - 90)), "iat", json!(now() - 90));
    let id = site.pool.key.token(&with(long_ago(id_claims()), "nonce", json!(visit.nonce)));
    site.pool.will_answer(Reply::json(200, &answer(&site.pool.key.token(&long_ago(access_claims())), &id)));
    asking.ask(("login_not_fresh", 403), &visit.agent, (Method::GET, &visit.callback()), &[]).await;
    let visit = Visit::leading_to(&site.url(""), "/me&level=3").await;
    site.pool.will_answer(Reply::json(200, &site.pool.tokens(&visit)));
    asking.ask(("login_not_strong_enough", 403), &visit.agent, (Method::GET, &visit.callback()), &[]).await;
    for (refusal, next) in [(("refused_by_app", 403), REFUSED), (("hook_failed", 500), FAILED)] {
        let visit = Visit::leading_to(&site.url(""), next).await;
        site.pool.will_answer(Reply::json(200, &site.pool.tokens(&visit)));
        asking.ask(refusal, &visit.agent, (Method::GET, &visit.callback()), &[]).await;
    }
    asking.all
}

async fn at_the_store(site: &Site, headers: &[(&str, &str)]) -> Vec<Refusal> {
    let mut asking = Asking { headers, by: By::Answer, all: Vec::new() };
    let sessions = site.url("/sessions");
    asking.ask(("sessions_unavailable", 503), &Agent::new(), (Method::GET, &sessions), &[]).await;
    asking.all
}
