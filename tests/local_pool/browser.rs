//! A pool on a free port and a small browser: one cookie, no redirects followed.

use std::future::Future;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use rocket::tokio::time::timeout;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub const CALLBACK: &str = "http://localhost:8000/auth/callback";
pub const LOGOUT: &str = "http://localhost:8000/";
pub const SECRET: &str = "s3cret";
pub const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";

/// Client `shop` has a secret, client `spa` none.
pub fn config() -> LocalPoolConfig {
    let shop = LocalClient::new("shop").secret(SECRET).callback_url(CALLBACK).logout_url(LOGOUT);
    let spa = LocalClient::new("spa").callback_url(CALLBACK).logout_url(LOGOUT);
    LocalPoolConfig::default().port(0).client(shop).client(spa)
}

pub async fn start() -> LocalPool {
    LocalPool::start(config()).await.unwrap()
}

pub struct Browser {
    http: Client,
    base_url: String,
    pub cookie: Option<String>,
}

impl Browser {
    pub fn of(pool: &LocalPool) -> Self {
        Browser::at(pool.base_url())
    }

    pub fn at(base_url: String) -> Self {
        let http = Client::builder().no_proxy().tls_certs_only([]).redirect(Policy::none()).build().unwrap();
        Browser { http, base_url, cookie: None }
    }

    pub fn url(&self, path: &str, parameters: &[(&str, &str)]) -> Url {
        Url::parse_with_params(&format!("{}{path}", self.base_url), parameters).unwrap()
    }

    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.with_cookie(self.http.request(method, url))
    }

    pub fn get_url(&self, url: Url) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    pub fn head_url(&self, url: Url) -> RequestBuilder {
        self.request(Method::HEAD, url)
    }

    pub async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Response {
        self.get_url(self.url(path, parameters)).send().await.unwrap()
    }

    pub fn post(&self, url: Url, form: &[(&str, &str)]) -> RequestBuilder {
        self.request(Method::POST, url).form(form)
    }

    fn with_cookie(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        }
    }

    /// Signs in with the password form and keeps the session cookie.
    pub async fn sign_in(&mut self, username: &str, parameters: &[(&str, &str)]) -> String {
        let form = [("username", username), ("password", "Passw0rd!")];
        let response = self.post(self.url("/login", parameters), &form).send().await.unwrap();
        assert_eq!(response.status(), 302);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        self.cookie = cookie.split(';').next().map(str::to_owned);
        parameter(&response, "code").unwrap()
    }

    /// A code for `shop`, with a PKCE challenge and a nonce.
    pub async fn code(&mut self, username: &str) -> String {
        self.code_for("shop", username).await
    }

    pub async fn code_for(&mut self, client_id: &str, username: &str) -> String {
        let challenge = challenge();
        let mut parameters = authorize(client_id);
        parameters.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")]);
        parameters.push(("nonce", "n-0S6"));
        self.sign_in(username, &parameters).await
    }

    /// `POST /oauth2/token` as `shop`, with Basic.
    pub async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let request = self.post(self.url("/oauth2/token", &[]), form).basic_auth("shop", Some(SECRET));
        answer(request).await
    }

    /// A refresh as `shop`.
    pub async fn refresh(&self, refresh_token: &str) -> (u16, Value) {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// Revokes a token as `shop`.
    pub async fn revoke(&self, token: &str) {
        let request = self.post(self.url("/oauth2/revoke", &[]), &[("token", token)]);
        let response = request.basic_auth("shop", Some(SECRET)).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &*response.text().await.unwrap()), (200, ""));
    }

    /// `POST /oauth2/token` with the form alone.
    pub async fn token_by_form(&self, form: &[(&str, &str)]) -> (u16, Value) {
        answer(self.post(self.url("/oauth2/token", &[]), form)).await
    }
}

pub fn authorize(client_id: &str) -> Vec<(&str, &str)> {
    vec![("response_type", "code"), ("client_id", client_id), ("redirect_uri", CALLBACK), ("state", "s-1")]
}

pub fn redeem(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

pub async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

pub fn location(response: &Response) -> String {
    assert_eq!(response.status(), 302);
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// A parameter of the address that a 302 points to.
pub fn parameter(response: &Response, name: &str) -> Option<String> {
    let base = Url::parse("http://pool.invalid").unwrap();
    let url = base.join(&location(response)).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The header or claims of a JWT, unverified.
pub fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub fn invalid_grant() -> (u16, Value) {
    (400, serde_json::json!({ "error": "invalid_grant" }))
}

pub fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

pub async fn jwks(browser: &Browser, pool: &LocalPool) -> Vec<Value> {
    let url = Url::parse(&format!("{}/.well-known/jwks.json", pool.issuer())).unwrap();
    let (status, jwks) = answer(browser.get_url(url)).await;
    assert_eq!(status, 200);
    jwks["keys"].as_array().unwrap().clone()
}

/// The `kid` of the key that verifies this token.
pub fn verifying_kid(keys: &[Value], token: &str) -> Option<String> {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let verifies = |key: &&Value| {
        let [n, e] = ["n", "e"].map(|name| decode(key[name].as_str().unwrap()));
        aws_lc_rs::signature::RsaPublicKeyComponents { n, e }
            .verify(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &decode(signature))
            .is_ok()
    };
    keys.iter().find(verifies).map(|key| key["kid"].as_str().unwrap().to_owned())
}

/// Never what a test waits for, unless it fails.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it ends")
}
