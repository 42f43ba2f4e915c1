//! A browser-like client: keeps cookies by host, follows redirects only when told to.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode, Url, redirect};
use serde_json::Value;

pub struct Agent {
    client: Client,
    /// By host and name; ports share cookies, as in browsers.
    cookies: Mutex<BTreeMap<(String, String), String>>,
}

pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> String {
        let location = self.headers.get(LOCATION).expect("a redirect").to_str().unwrap();
        self.url.join(location).unwrap().into()
    }

    /// Where this page leads: by a redirect, or by itself.
    pub fn leads_to(&self) -> String {
        if self.status.is_redirection() {
            return self.location();
        }
        let refresh =
            self.body.split_once("http-equiv=\"refresh\" content=\"0; url=").expect("a page that moves on").1;
        let url = refresh.split('"').next().unwrap().replace("&amp;", "&");
        self.url.join(&url).unwrap().into()
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// A parameter of the URL that this page redirects to.
    pub fn location_parameter(&self, name: &str) -> String {
        let url = Url::parse(&self.location()).unwrap();
        let mut values =
            url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let value = values.next().unwrap_or_default();
        assert_eq!(values.next(), None, "{name} stands twice in {url}");
        value
    }
}

impl Agent {
    pub fn new() -> Self {
        // Rocket closes a connection that is idle for five seconds: a request sent just then is reset.
        let client = Client::builder()
            .pool_idle_timeout(Duration::from_secs(2))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        Agent { client, cookies: Mutex::default() }
    }

    pub async fn get(&self, url: &str) -> Page {
        self.send(Method::GET, url, &[], None).await
    }

    /// As a browser opens a page.
    pub async fn open(&self, url: &str) -> Page {
        self.send(Method::GET, url, &[("accept", "text/html"), ("sec-fetch-mode", "navigate")], None).await
    }

    pub async fn post(&self, url: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Page {
        self.send(Method::POST, url, headers, Some(form)).await
    }

    /// Opens pages until one neither redirects nor moves on by itself.
    pub async fn follow(&self, url: &str) -> Page {
        let mut page = self.open(url).await;
        for _ in 0..12 {
            if !page.status.is_redirection() && !page.body.contains("http-equiv=\"refresh\"") {
                return page;
            }
            page = self.open(&page.leads_to()).await;
        }
        panic!("too many redirects, now at {}", page.url);
    }

    /// Signs in on the local pool's page with the password form, and follows back into the app.
    pub async fn sign_in(&self, url: &str, username: &str) -> Page {
        let form = self.follow(url).await;
        assert_eq!(form.url.path(), "/login", "the pool's page, not {}:\n{}", form.url, form.body);
        let fields = [("username", username), ("password", "Passw0rd!")];
        let answer = self.post(form.url.as_str(), &[], &fields).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        self.follow(&answer.location()).await
    }

    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        form: Option<&[(&str, &str)]>,
    ) -> Page {
        let url = Url::parse(url).unwrap();
        let host = url.host_str().unwrap().to_owned();
        let mut request = self.client.request(method, url.clone());
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
            request = request.header(ACCEPT, "*/*");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies = self.cookie_header(&host);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if let Some(form) = form {
            request = request.form(form);
        }
        let response = request.send().await.expect("an answer");
        self.keep_cookies(&host, &response);
        let (status, headers) = (response.status(), response.headers().clone());
        Page { url, status, headers, body: response.text().await.expect("a body") }
    }

    fn cookie_header(&self, host: &str) -> String {
        let cookies = self.cookies.lock().unwrap();
        let ours = cookies.iter().filter(|((theirs, _), _)| theirs == host);
        ours.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&self, host: &str, response: &Response) {
        let mut cookies = self.cookies.lock().unwrap();
        for header in response.headers().get_all(SET_COOKIE) {
            let header = header.to_str().unwrap();
            let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
            let (name, value) = pair.split_once('=').unwrap();
            let key = (host.to_owned(), name.to_owned());
            if attributes.contains("Max-Age=0") {
                cookies.remove(&key);
            } else {
                cookies.insert(key, value.to_owned());
            }
        }
    }

    /// The cookies of `localhost`, by name.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        let cookies = self.cookies.lock().unwrap();
        let app = cookies.iter().filter(|((host, _), _)| host == "localhost");
        app.map(|((_, name), value)| (name.clone(), value.clone())).collect()
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().remove(name)
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        let key = ("localhost".to_owned(), name.to_owned());
        self.cookies.lock().unwrap().insert(key, value.to_owned());
    }

    pub fn drop_cookie(&self, name: &str) {
        self.cookies.lock().unwrap().remove(&("localhost".to_owned(), name.to_owned()));
    }
}

/// Status and code of an answer; no code where it is no refusal.
pub fn answer(page: &Page) -> (u16, String) {
    let body: Value = serde_json::from_str(&page.body).unwrap_or_default();
    (page.status.as_u16(), body["error"].as_str().unwrap_or_default().to_owned())
}
