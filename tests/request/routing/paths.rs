//! Paths spelt in ways that a client would put in order, and methods that no route was made for.

use reqwest::Method;

use super::{BROWSER, CANARY, Headers, cookie_line, essence, raw, send, start};
use crate::support::agent::Agent;
use crate::support::app::CLIENT;

/// Request targets that Rocket takes for `/admin`.
const ROUTED: [&str; 14] = [
    "/admin",
    "//admin",
    "///admin",
    "/admin/",
    "/admin//",
    "//admin///",
    "/%61dmin",
    "/%61%64%6D%69%6E/",
    "/admin?",
    "/admin?x=/public",
    "/admin?/../public",
    "/admin#/public",
    "http://evil.example/admin",
    "https://user@evil.example//admin",
];

/// Those that other servers take for it.
const UNROUTED: [&str; 42] = [
    "/admin;x",
    "/admin;/public",
    "/public;/admin",
    "/public/..;/admin",
    "/./admin",
    "/admin/.",
    "/admin/..",
    "/../admin",
    "/public/../admin",
    "/public/%2e%2e/admin",
    "/public/..%2fadmin",
    "/public/%252e%252e/admin",
    "/public/admin",
    "/admin/public",
    "/admin%2f",
    "/admin%2Fpublic",
    "/%2fadmin",
    "/%2f%61dmin",
    "/%2561dmin",
    "/%u0061dmin",
    "/%c0%afadmin",
    "/%ff",
    "/%",
    "/admin%",
    "/admin%00",
    "/admin%00.html",
    "/admin%09",
    "/admin%20",
    "/admin%0d%0a",
    "/admin%23/public",
    "/admin%3f/public",
    "/admin\\",
    "/\\admin",
    "/admin.json",
    "/admin~",
    "/admin+",
    "/ADMIN",
    "/%41dmin",
    "/\u{ff41}dmin",
    "/adm\u{131}n",
    "admin",
    "*",
];

/// H11, R7.
#[rocket::async_test]
async fn no_spelling_of_a_path_goes_past_its_guards() {
    let app = start().await;
    let (alice, carol) = (app.signed_in("alice").await, app.signed_in("carol").await);
    let (alice, carol) = (cookie_line(&alice), cookie_line(&carol));
    let with_token =
        format!("/admin?access_token={}", app.pool.sign_in("alice", CLIENT).unwrap().access_token);
    let host = format!("Host: localhost:{}\r\n", app.server.port);
    let get = async |target: &str, headers: &str| {
        raw(&app, &format!("GET {target} HTTP/1.1"), &format!("{host}{headers}")).await
    };
    for target in ROUTED.into_iter().chain([with_token.as_str()]) {
        let open = get(target, &alice).await;
        assert!(open.status == 200 && open.text.contains(CANARY), "{target}: {}", open.text);
        for (headers, status) in [("", 401), ("Accept: text/html\r\n", 303), (carol.as_str(), 403)] {
            let answer = get(target, headers).await;
            assert_eq!(answer.status, status, "{target} {headers}");
            assert!(!answer.text.contains(CANARY));
            assert!(
                // An address that is no plain path is left out.
                status != 303
                    || answer.location == "/auth/login"
                    || answer.location.starts_with("/auth/login?next=%2F"),
                "{}",
                answer.location
            );
        }
    }
    for target in UNROUTED {
        for headers in ["", "Accept: text/html\r\n", &carol, &alice] {
            let answer = get(target, headers).await;
            assert!([400, 404].contains(&answer.status), "{target} {headers}: {}", answer.status);
            assert!(!answer.text.contains(CANARY), "{target}");
        }
    }
}

/// H9.
#[rocket::async_test]
async fn head_tells_what_get_tells_and_other_methods_tell_nothing() {
    let app = start().await;
    let (nobody, alice, carol) = (Agent::new(), app.signed_in("alice").await, app.signed_in("carol").await);
    let visitors: [(&Agent, Headers<'_>, [u16; 2]); 4] = [
        (&nobody, &[], [401, 401]),
        (&nobody, &BROWSER, [303, 401]),
        (&carol, &[], [403, 403]),
        (&alice, &[], [200, 200]),
    ];
    for (agent, own, [safe, by_options]) in visitors {
        let ask =
            async |method: Method, path: &str| essence(&send(agent, method, &app.url(path), &[own]).await);
        let (mut get, head) = (ask(Method::GET, "/admin").await, ask(Method::HEAD, "/admin").await);
        assert_eq!(get.status, safe);
        get.body.clear();
        if !head.headers.contains_key("content-length") {
            // hyper leaves out a length of nothing.
            assert_eq!(get.headers.remove("content-length"), Some(vec!["0".to_owned()]));
        }
        assert_eq!(head, get);

        // Routes that the application has for these methods have guards of their own.
        assert_eq!(ask(Method::HEAD, "/asked").await.status, safe);
        let options = ask(Method::OPTIONS, "/asked").await;
        assert_eq!((options.status, options.body.contains(CANARY)), (by_options, by_options == 200));

        let nowhere = ask(Method::GET, "/nowhere").await;
        assert_eq!(nowhere.status, 404);
        for method in ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            for path in ["/admin", "/me", "/auth/login", "/auth/callback"] {
                let mut answer = ask(method.parse().unwrap(), path).await;
                if path == "/auth/callback" {
                    // A code may have come along, so nothing of it is kept, whatever the method.
                    for name in ["cache-control", "referrer-policy"] {
                        assert!(answer.headers.remove(name).is_some(), "{method} {path}: {name}");
                    }
                }
                assert_eq!(answer, nowhere, "{method} {path} is as if there were nothing");
            }
        }
    }
    // Rocket takes this for a GET.
    let disguised = nobody.post(&app.url("/admin"), &[], &[("_method", "GET")]).await;
    assert_eq!(disguised.status, 401);
}
