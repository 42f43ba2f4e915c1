//! An app with forged tokens and its cookies, without a server.

use crate::support::forge::{JwksFile, Key, access_claims, with};
use figment::Figment;
use rocket::http::Header;
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket::{get, routes};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::{Value, json};

pub const PREFIX: &str = "__Host-Http-";

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

/// An app whose pool is never asked.
pub struct World {
    pub client: Client,
    key: Key,
    _jwks: JwksFile,
}

impl World {
    /// An app that browsers reach over https.
    pub async fn https() -> Self {
        World::new(|settings| {
            settings
                .merge(("cognito.redirect_url", "https://app.example.com/auth/callback"))
                .merge(("cognito.logout_url", "https://app.example.com/"))
        })
        .await
    }

    pub async fn new(adjust: impl FnOnce(Figment) -> Figment) -> Self {
        let key = Key::new("k");
        let jwks = JwksFile::new(&[&key]);
        let settings = adjust(crate::support::settings(&jwks.uri()));
        let rocket = rocket::custom(settings)
            .attach(Cognito::fairing())
            .mount("/", routes![me])
            .register("/", rocket_cognito::catchers());
        World { client: Client::untracked(rocket).await.unwrap(), key, _jwks: jwks }
    }

    pub fn token(&self, username: &str) -> String {
        self.key.token(&with(access_claims(), "username", json!(username)))
    }

    pub async fn get(&self, path: &str, cookies: &str) -> LocalResponse<'_> {
        let request = self.client.get(path.to_owned()).header(Header::new("Cookie", cookies.to_owned()));
        request.dispatch().await
    }

    pub async fn who(&self, cookies: &str) -> (u16, String) {
        let response = self.get("/me", cookies).await;
        (response.status().code, response.into_string().await.unwrap_or_default())
    }

    /// Begins a sign-in: the cookie's name and value, and the state.
    pub async fn begin(&self, path: &str, cookies: &str) -> (String, String, String) {
        let response = self.get(path, cookies).await;
        let written: Vec<_> = response.headers().get("Set-Cookie").map(str::to_owned).collect();
        let cookie = written.iter().find(|cookie| !cookie.contains("Max-Age=0")).unwrap();
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let location = reqwest::Url::parse(response.headers().get_one("Location").unwrap()).unwrap();
        let state = location.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        (name.to_owned(), value.to_owned(), state)
    }

    /// The callback's answer: "pool_unavailable" when the cookie was accepted, as nobody is there to ask.
    pub async fn callback(&self, state: &str, cookies: &str) -> String {
        let response = self.get(&format!("/auth/callback?code=c&state={state}"), cookies).await;
        let body: Value = serde_json::from_str(&response.into_string().await.unwrap()).unwrap();
        body["error"].as_str().unwrap().to_owned()
    }
}
