//! CORS: which answers scripts of web pages at another origin may read.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use rocket_cognito::local_pool::{Failure, LocalPool};

use crate::browser::*;

const PAGE: &str = "http://localhost:5173";
const TOKEN: &str = "/oauth2/token";

/// What scripts call, with the method that each answers.
fn for_scripts(pool: &LocalPool) -> [(Method, String); 5] {
    let well_known = format!("/{}/.well-known", pool.user_pool_id());
    [
        (Method::POST, TOKEN.to_owned()),
        (Method::POST, "/oauth2/revoke".to_owned()),
        (Method::GET, "/oauth2/userInfo".to_owned()),
        (Method::GET, format!("{well_known}/openid-configuration")),
        (Method::GET, format!("{well_known}/jwks.json")),
    ]
}

/// The headers of CORS in an answer, by name.
fn cors(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let all = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let mut cors: Vec<_> = all.filter(|(name, _)| name.starts_with("access-control-")).collect();
    cors.sort_unstable();
    cors
}

/// Asks as a browser does before it sends a script's request.
fn preflight(browser: &Browser, method: &Method, path: &str) -> RequestBuilder {
    let request = browser.request(Method::OPTIONS, browser.url(path, &[])).header("Origin", PAGE);
    request.header("Access-Control-Request-Method", method.as_str())
}

fn assert_readable(response: &Response, what: &str) {
    assert_eq!(cors(response.headers()), [("access-control-allow-origin", "*")], "{what}");
}

#[rocket::async_test]
async fn scripts_of_any_origin_read_answers_and_errors_of_what_is_no_page() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (method, path) in for_scripts(&pool) {
        let tokens = pool.sign_in("alice", "spa").unwrap();
        let form = match path.as_str() {
            TOKEN => [("grant_type", "refresh_token"), ("refresh_token", &*tokens.refresh_token)].to_vec(),
            _ => vec![("token", &*tokens.refresh_token)],
        };
        let form = [form, vec![("client_id", "spa")]].concat();
        let ask = || browser.request(method.clone(), browser.url(&path, &[])).header("Origin", PAGE);
        let good =
            if method == Method::POST { ask().form(&form) } else { ask().bearer_auth(&tokens.access_token) };
        let good = good.send().await.unwrap();
        assert_eq!(good.status(), 200, "{path}");
        assert_readable(&good, &path);

        if !path.ends_with(".json") && !path.ends_with("-configuration") {
            let bad = ask().send().await.unwrap();
            assert_eq!(bad.status(), 400, "{path}");
            assert_readable(&bad, &path);
        }
        let wrong_method = browser.request(Method::PUT, browser.url(&path, &[])).send().await.unwrap();
        assert_eq!(wrong_method.status(), 404, "{path}");
        assert_readable(&wrong_method, &path);
    }
    let forged = browser.get_url(browser.url("/oauth2/userInfo", &[])).bearer_auth("x.y.z");
    let forged = forged.send().await.unwrap();
    assert_eq!(forged.status(), 401);
    assert_readable(&forged, "a token that does not count");
    let other_pool = browser.get("/eu-west-1_Other/.well-known/openid-configuration", &[]).await;
    assert_eq!(other_pool.status(), 404);
    assert_readable(&other_pool, "a mistyped issuer");
}

#[rocket::async_test]
async fn a_preflight_allows_the_method_of_the_endpoint_and_the_headers_asked_for() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (method, path) in for_scripts(&pool) {
        let allowed =
            [("access-control-allow-methods", method.as_str()), ("access-control-allow-origin", "*")];
        let answer = preflight(&browser, &method, &path).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), cors(answer.headers())), (204, allowed.to_vec()), "{path}");
        assert_eq!(answer.text().await.unwrap(), "");

        let headers = "authorization,content-type,x-requested-with";
        let asked = preflight(&browser, &method, &path).header("Access-Control-Request-Headers", headers);
        let answer = asked.send().await.unwrap();
        let allowed = [[("access-control-allow-headers", headers)].as_slice(), &allowed].concat();
        assert_eq!((answer.status().as_u16(), cors(answer.headers())), (204, allowed), "{path}");
    }
}

#[rocket::async_test]
async fn scripts_read_failures_and_preflights_neither_fail_nor_count_nor_wait() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (method, path) in for_scripts(&pool) {
        let hold = pool.hold(&path);
        assert_eq!(
            in_time(preflight(&browser, &method, &path).send()).await.unwrap().status(),
            204,
            "{path}"
        );
        drop(hold);
        for (failure, status) in [
            (Failure::Throttled { retry_after: Some(7) }, 429),
            (Failure::Blocked, 403),
            (Failure::ServerError, 500),
            (Failure::Unavailable, 503),
        ] {
            pool.fail_next(&path, 1, failure);
            assert_eq!(preflight(&browser, &method, &path).send().await.unwrap().status(), 204, "{path}");
            let failed = browser.request(method.clone(), browser.url(&path, &[])).send().await.unwrap();
            assert_eq!(failed.status(), status, "{path}");
            assert_readable(&failed, &path);
        }
        assert_eq!(pool.requests(&path), 4, "{path}");
    }
}

#[rocket::async_test]
async fn no_script_of_another_origin_reads_a_page() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let authorize = authorize("shop");
    for (method, path, parameters, status) in [
        (Method::GET, "/oauth2/authorize", &*authorize, 302),
        (Method::GET, "/login", &authorize, 200),
        (Method::POST, "/login", &authorize, 403),
        (Method::GET, "/signup", &authorize, 200),
        (Method::POST, "/signup", &authorize, 403),
        (Method::POST, "/forgotPassword", &authorize, 403),
        (Method::GET, "/logout", &[], 400),
        (Method::GET, "/error", &[], 400),
        (Method::GET, "/", &[], 200),
    ] {
        let request = browser.request(method.clone(), browser.url(path, parameters)).header("Origin", PAGE);
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), cors(answer.headers())), (status, vec![]), "{method} {path}");
        let answer = preflight(&browser, &method, path).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), cors(answer.headers())), (404, vec![]), "{path}");
    }
    for path in ["/login", "/oauth2/authorize"] {
        pool.fail_next(path, 1, Failure::Unavailable);
        let failed = browser.get(path, &[]).await;
        assert_eq!((failed.status().as_u16(), cors(failed.headers())), (503, vec![]), "{path}");
    }
}

#[rocket::async_test]
async fn under_a_foreign_name_no_script_reads_anything() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for (method, path) in for_scripts(&pool) {
        let asked = browser.request(method.clone(), browser.url(&path, &[]));
        for request in [asked, preflight(&browser, &method, &path)] {
            let answer = request.header("Host", "evil.example").send().await.unwrap();
            assert_eq!((answer.status().as_u16(), cors(answer.headers())), (421, vec![]), "{path}");
        }
    }
}
