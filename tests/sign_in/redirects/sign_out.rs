//! A sign-out leads where the settings say.

use reqwest::{Method, Url};
use serde_json::Value;

use crate::support::agent::Agent;
use crate::support::app::CLIENT;
use crate::support::landing::start;
use crate::support::redirects::lines;

const NAMES: [&str; 6] = ["next", "logout_uri", "redirect_uri", "client_id", "state", "rd"];

/// R5: not the query, not the form, not the host.
#[rocket::async_test]
async fn no_text_changes_where_a_sign_out_leads() {
    let app = start().await;
    let agent = Agent::new();
    let query = [("client_id", CLIENT), ("logout_uri", &*app.url("/"))];
    let expected = Url::parse_with_params(&format!("{}/logout", app.pool.base_url()), query).unwrap();
    let origin = app.origin();
    let by_link = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("host", "evil.example"),
        ("referer", "https://evil.example/"),
    ];
    let by_script =
        [("origin", &*origin), ("accept", "application/json"), ("x-forwarded-host", "evil.example")];
    for line in lines() {
        let fields = NAMES.map(|name| (name, &*line.text));
        let url = Url::parse_with_params(&app.url("/auth/logout"), fields).unwrap();
        let raw = app.url(&format!("/auth/logout?logout_uri={0}&next={0}", line.text));

        let form = agent.post(url.as_str(), &[("origin", &origin), ("host", "evil.example")], &fields).await;
        let link = agent.send(Method::GET, &raw, &by_link, None).await;
        for answer in [form, link] {
            assert_eq!(answer.status, 303, "{}: {:?}: {}", line.class, line.text, answer.body);
            assert_eq!(Url::parse(answer.header("location")).as_ref(), Ok(&expected), "{:?}", line.text);
        }
        let script = agent.post(url.as_str(), &by_script, &fields).await;
        let body: Value = serde_json::from_str(&script.body).unwrap();
        assert_eq!(Url::parse(body["logout_url"].as_str().unwrap()).as_ref(), Ok(&expected));
    }
}
