//! A sign-in from login to where the callback leads.

use reqwest::{Method, Url};
use rocket::http::RawStr;

use super::agent::{Agent, Page};
use super::app::{App, Setup, code_for};

/// Where sign-ins lead that ask for nothing better.
pub const HOME: &str = "/page?home";
pub const OWN: [&str; 3] = ["/auth/login", "/auth/logout", "/auth/callback"];

pub async fn start() -> App {
    Setup::new().set("login_redirect", HOME).start().await
}

/// The callback's `Location` of a sign-in with this `next`, as it stands in the query; `None` when the login
/// refuses it.
pub async fn landing(app: &App, agent: &Agent, next: &str) -> Option<String> {
    let login = agent.open(&app.url(&format!("/auth/login?next={next}"))).await;
    if login.status == 400 {
        assert!(login.body.contains("Sign-in link not understood"), "{next}: {}", login.body);
        return None;
    }
    Some(landing_of(app, agent, &login).await)
}

/// The same, of a login that is answered already.
pub async fn landing_of(app: &App, agent: &Agent, login: &Page) -> String {
    let callback = code_for(agent, login, "alice").await;
    deliver(app, agent, &callback).await
}

/// R7: whatever name the request gives the site, it is not in the answer.
pub async fn deliver(app: &App, agent: &Agent, callback: &str) -> String {
    let headers = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("host", "evil.example")];
    let answer = agent.send(Method::GET, callback, &headers, None).await;
    assert_eq!(answer.status, 303, "{callback}: {}", answer.body);
    let location = answer.header("location").to_owned();
    assert_local(app, &location);
    // Else the next sign-in would end this session first.
    for name in agent.cookies().into_keys() {
        agent.drop_cookie(&name);
    }
    location
}

/// R6, R7: a path of this site, for whoever it is resolved by, and none of our own.
pub fn assert_local(app: &App, location: &str) {
    assert!(location.starts_with('/'), "{location:?} is no path");
    for origin in [app.origin(), "https://app.example".to_owned()] {
        let origin = Url::parse(&origin).unwrap();
        let url = origin.join("/auth/callback?code=x").unwrap().join(location).unwrap();
        assert_eq!(url.origin(), origin.origin(), "{location:?}");
        let path = RawStr::new(url.path()).percent_decode_lossy().to_lowercase();
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        assert!(!OWN.contains(&&*format!("/{}", segments.join("/"))), "{location:?}");
    }
}
