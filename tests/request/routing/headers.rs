//! Headers that must not matter.

use reqwest::Method;

use super::{BROWSER, Headers, essence, send, start};
use crate::support::agent::Agent;
use crate::support::app::{CLIENT, code_for};

/// What proxies and load balancers add, what some frameworks obey, and a token where none belongs.
fn headers(token: &str) -> Vec<(&'static str, String)> {
    let plain = [
        ("host", "evil.example"),
        ("user-agent", "GoogleHC/1.0"),
        ("forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
        ("x-forwarded", "for=127.0.0.1;host=evil.example"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-port", "444"),
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-scheme", "https"),
        ("x-forwarded-server", "evil.example"),
        ("x-forwarded-ssl", "on"),
        ("x-forwarded-uri", "/public"),
        ("x-forwarded-path", "/public"),
        ("x-forwarded-method", "OPTIONS"),
        ("x-forwarded-user", "alice"),
        ("x-forwarded-email", "alice@example.com"),
        ("x-forwarded-groups", "admin"),
        ("x-forwarded-preferred-username", "alice"),
        ("x-original-url", "/public"),
        ("x-original-uri", "/public"),
        ("x-original-host", "evil.example"),
        ("x-original-method", "OPTIONS"),
        ("x-rewrite-url", "/public"),
        ("x-host", "evil.example"),
        ("x-http-host-override", "evil.example"),
        ("x-http-method-override", "POST"),
        ("x-http-method", "POST"),
        ("x-method-override", "POST"),
        ("x-real-ip", "127.0.0.1"),
        ("x-client-ip", "127.0.0.1"),
        ("true-client-ip", "127.0.0.1"),
        ("x-auth-user", "alice"),
        ("x-auth-groups", "admin"),
        ("x-auth-request-user", "alice"),
        ("x-auth-request-groups", "admin"),
        ("x-authenticated-user", "alice"),
        ("x-remote-user", "alice"),
        ("remote-user", "alice"),
        ("remote_user", "alice"),
        ("x-user", "alice"),
        ("x-groups", "admin"),
        ("x-amzn-oidc-identity", "alice"),
        ("x-ssl-client-verify", "SUCCESS"),
        ("x_forwarded_for", "127.0.0.1"),
        ("x_forwarded_host", "evil.example"),
        ("x_forwarded_user", "alice"),
        ("x_auth_request_user", "alice"),
        ("x_amzn_oidc_identity", "alice"),
    ];
    let bearing = [
        "proxy-authorization",
        "x-authorization",
        "x-auth-token",
        "x-access-token",
        "x-forwarded-access-token",
        "x-forwarded-authorization",
        "x-amzn-oidc-accesstoken",
        "x-amzn-oidc-data",
        "cognito_access_token",
        "cognito-access-token",
        "authorization_",
    ];
    let plain = plain.into_iter().map(|(name, value)| (name, value.to_owned()));
    let bearing =
        bearing.into_iter().flat_map(|name| [(name, token.to_owned()), (name, format!("Bearer {token}"))]);
    plain.chain(bearing).collect()
}

/// H10, H11.
#[rocket::async_test]
async fn no_header_but_the_credential_changes_what_a_guarded_route_answers() {
    let app = start().await;
    let token = |name: &str| app.pool.sign_in(name, CLIENT).unwrap().access_token;
    let (headers, bearer) = (headers(&token("alice")), format!("Bearer {}", token("bob")));
    let (nobody, alice, carol) = (Agent::new(), app.signed_in("alice").await, app.signed_in("carol").await);
    let visitors: [(&str, &Agent, Headers<'_>, [u16; 3]); 5] = [
        ("a program", &nobody, &[], [200, 401, 401]),
        ("a browser", &nobody, &BROWSER, [200, 303, 303]),
        ("alice", &alice, &BROWSER, [200, 200, 200]),
        ("carol", &carol, &BROWSER, [200, 200, 403]),
        ("bob's program", &nobody, &[("authorization", &bearer)], [200, 200, 403]),
    ];
    for (who, agent, own, statuses) in visitors {
        for (path, status) in ["/", "/me", "/admin"].into_iter().zip(statuses) {
            let url = app.url(path);
            let expected = essence(&send(agent, Method::GET, &url, &[own]).await);
            assert_eq!(expected.status, status, "{who} at {path}");
            for (name, value) in &headers {
                let page = send(agent, Method::GET, &url, &[own, &[(name, value)]]).await;
                assert_eq!(essence(&page), expected, "{who} at {path} with {name}: {value}");
            }
        }
    }
}

/// H10, C23, R7.
#[rocket::async_test]
async fn no_header_changes_where_login_callback_and_logout_lead() {
    let app = start().await;
    let (callback, home) = (app.url("/auth/callback"), app.url("/"));
    let headers = headers(&app.pool.sign_in("alice", CLIENT).unwrap().access_token);
    let none = [("accept", String::from("*/*"))];
    let (agent, origin) = (Agent::new(), app.origin());
    let same_origin: [(&str, &str); 1] = [("origin", &origin)];
    let mut first = None;
    for (name, value) in none.iter().chain(&headers) {
        let more: Headers<'_> = &[(name, value)];
        let login = send(&agent, Method::GET, &app.url("/auth/login?next=/public?x"), &[more]).await;
        assert_eq!(login.location_parameter("redirect_uri"), callback, "{name}: {value}");
        let delivery = code_for(&agent, &login, "alice").await;
        let pages = [
            login,
            send(&agent, Method::GET, &delivery, &[more]).await,
            send(&agent, Method::POST, &app.url("/auth/logout"), &[more]).await,
            send(&agent, Method::POST, &app.url("/auth/logout"), &[&same_origin, more]).await,
            send(&agent, Method::GET, &app.url("/auth/logout"), &[more]).await,
            send(&agent, Method::GET, &app.url("/auth/callback?state=x&code=y"), &[more]).await,
        ];
        let statuses = pages.each_ref().map(|page| page.status.as_u16());
        assert_eq!(statuses, [303, 303, 403, 303, 405, 400], "{name}: {value}");
        assert_eq!(pages[1].header("location"), "/public?x");
        assert_eq!(pages[3].location_parameter("logout_uri"), home);
        let essences = pages.each_ref().map(essence);
        assert_eq!(&essences, first.get_or_insert_with(|| pages.each_ref().map(essence)), "{name}: {value}");
        assert!(agent.cookies().is_empty());
    }
}
