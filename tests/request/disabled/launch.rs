//! Where disabled mode may run, and what it does without.

use figment::Figment;
use figment::providers::{Format, Toml};
use rocket::error::ErrorKind;
use rocket::tokio::net::TcpListener;
use rocket_cognito::Cognito;

use super::{disabled, figment};
use crate::support::SAME_ORIGIN;
use crate::support::agent::Agent;
use crate::support::app;
use crate::support::server::Server;
use crate::support::stub::{Answer, Stub};

async fn launches(figment: Figment) -> bool {
    match rocket::custom(figment).attach(Cognito::fairing()).ignite().await {
        Ok(_) => true,
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)), "{error}");
            false
        }
    }
}

/// O12.
#[rocket::async_test]
async fn disabled_mode_launches_in_debug_or_the_profile_named_only() {
    for (profile, may) in [("debug", true), ("release", false), ("production", false), ("bench", false)] {
        let figment = disabled().select(profile);
        assert_eq!(launches(figment.clone()).await, may, "{profile}");
        let problem =
            Cognito::check_settings(&figment).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(problem.is_empty(), may, "{problem}");
        if !may {
            let refusal =
                format!("must not run in profile \"{profile}\": it lets anyone in who can reach it");
            let remedy = format!("disabled = false; or, if profile \"{profile}\" is for tests only");
            assert!(problem.contains(&refusal) && problem.contains(&remedy), "{problem}");
            assert!(problem.starts_with("1 setting needs"), "{problem}");
        }
        assert!(launches(figment.merge(("cognito.unsafe_in_profile", profile))).await);
    }
    assert!(!launches(disabled().select("release").merge(("cognito.unsafe_in_profile", "bench"))).await);
}

/// O12. At port 0, where a local pool could not run, and with text, where a yes may have been meant.
#[rocket::async_test]
async fn any_port_will_do_and_text_will_not() {
    let server = Server::start(disabled().merge(("port", 0)), app::build).await;
    server.stop().await;
    for text in ["False", "True", "true", "no", "1"] {
        let figment = disabled().merge(("cognito.disabled", text));
        assert!(!launches(figment.clone()).await, "{text}");
        let problem = Cognito::check_settings(&figment).unwrap_err().to_string();
        assert!(problem.starts_with("1 setting needs"), "{problem}");
        assert!(
            problem.contains(&format!("`disabled`: {text:?} is neither `true` nor `false`")),
            "{problem}"
        );
    }
}

#[rocket::async_test]
async fn nobody_is_called_by_any_setting_and_any_route() {
    let trap = Stub::start(Answer::ok("{}")).await;
    let figment = disabled()
        .merge(("cognito.user_pool_id", "eu-west-1_AbC123"))
        .merge(("cognito.client_id", "shop"))
        .merge(("cognito.logout_url", "http://localhost:8000/"))
        .merge(("cognito.domain", trap.url("")))
        .merge(("cognito.issuer", trap.url("/pool")))
        .merge(("cognito.jwks_uri", trap.url("/jwks.json")))
        .merge(("cognito.redirect_url", "http://localhost:8000/cb"))
        .merge(("cognito.refresh_flow_enabled", true))
        .merge(("cognito.require_keys_at_launch", true));
    let server = Server::start(figment.clone(), app::build).await;
    let agent = Agent::new();
    for path in ["/", "/me", "/admin", "/edit", "/auth/login?next=/me", "/cb?code=c&state=s"] {
        let bearer = [("authorization", "Bearer x.y.z")];
        let page = agent.send(reqwest::Method::GET, &server.url(path), &bearer, None).await;
        assert!(page.status.as_u16() < 400, "{path}");
    }
    for path in ["/auth/refresh", "/auth/logout"] {
        assert_eq!(agent.post(&server.url(path), &SAME_ORIGIN, &[]).await.status, 303, "{path}");
    }
    server.stop().await;
    assert_eq!(trap.requests(), 0);

    // The control: with disabled mode off the launch asks for keys.
    assert!(!launches(figment.merge(("cognito.disabled", false))).await);
    assert_ne!(trap.requests(), 0);
}

#[rocket::async_test]
async fn disabled_mode_wins_over_a_local_pool() {
    let port = crate::support::free_port();
    let figment = disabled().merge(("cognito.local_pool.port", port));
    assert!(Cognito::check_settings(&figment).is_ok());
    let server = Server::start(figment.clone(), app::build).await;
    assert_eq!(Agent::new().get(&server.url("/")).await.body, "disabled");
    let free = TcpListener::bind(("127.0.0.1", port)).await;
    assert!(free.is_ok(), "no pool listens");

    // Its table is checked all the same.
    let wrong = figment.merge(("cognito.local_pool.prot", 1));
    assert!(Cognito::check_settings(&wrong).unwrap_err().to_string().contains("there is no key `prot`"));
    assert!(!launches(wrong).await);
}

#[test]
fn what_is_set_beside_it_is_checked() {
    for (key, value, problem) in [
        ("client_id", "a b", "not the id of an app client"),
        ("mount", "auth", "does not begin with a slash"),
        (
            "disabled_hosts",
            "dev.example.com:8000",
            "is not a host name in lower case, without scheme and port",
        ),
        ("disabled_hosts", "https://dev.example.com", "is not a host name in lower case"),
        ("disabled_hosts", "*.example.com", "is not a host name in lower case"),
        ("redirect_url", "http://app.example.com/cb", "uses `http`"),
        ("client_idd", "a", "did you mean `client_id`?"),
    ] {
        let error =
            Cognito::check_settings(&disabled().merge((format!("cognito.{key}"), value))).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
    // Of `redirect_url`, which is not set, these would be a mistake.
    let aside =
        disabled().merge(("cognito.cookie_domain", "example.com")).merge(("cognito.cookie_samesite", "none"));
    assert!(Cognito::check_settings(&aside).is_ok());
}

/// Whether it is used or not.
#[test]
fn mistakes_in_disabled_user_are_told_with_the_remedy() {
    for (table, problem) in [
        ("\"eve\"", "is text, not a table"),
        (
            "{ usrname = \"eve\" }",
            "disabled_user.usrname`: there is no key `usrname` (did you mean `username`?); there are username, sub",
        ),
        ("{ username = 7 }", "disabled_user.username`: is a number, not text in quotes"),
        ("{ groups = \"admin\" }", "disabled_user.groups`: is text, not a list of texts"),
        ("{ attributes = [] }", "disabled_user.attributes`: is a list, not a table"),
        ("{ username = \"\" }", "disabled_user.username`: needs 1 to 128 printable characters"),
        ("{ sub = \"a\\u0007\" }", "disabled_user.sub`: needs 1 to 255 printable characters"),
        ("{ email = \"eve\" }", "disabled_user.email`: is not an address"),
        ("{ groups = [\"a b\"] }", "disabled_user.groups`: \"a b\" needs 1 to 128 characters"),
        ("{ groups = [\"a\\u0007\"] }", "needs 1 to 128 characters and no spaces"),
        ("{ scopes = [\"openid email\"] }", "\"openid email\" is not a scope"),
        ("{ attributes = { exp = 1 } }", "disabled_user.attributes.exp`: is no attribute"),
        (
            "{ attributes = { \"cognito:groups\" = [\"admin\"] } }",
            "attributes.cognito:groups`: is no attribute",
        ),
    ] {
        for on in [true, false] {
            let toml =
                format!("[debug.cognito]\ndisabled = {on}\ndisabled_user = {table}\nlocal_pool = true\n");
            let figment = figment().merge(Toml::string(&toml).nested());
            let error = Cognito::check_settings(&figment).unwrap_err().to_string();
            assert!(error.starts_with("1 setting needs"), "{error}");
            for words in [problem, "`disabled_user", "to type: disabled_user = { username = \"eve\""] {
                assert!(error.contains(words), "{words:?} is not in:\n{error}");
            }
        }
    }
}
