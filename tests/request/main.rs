//! Whose request it is: bearer tokens over HTTP, disabled mode, and whatever must not matter.

#[macro_use]
mod named;

mod access_token;
mod audience;
mod delegated;
mod disabled;
mod expiration;
mod header;
mod machine;
mod only;
mod proxy_header;
mod resource;
mod routing;
#[path = "../support/mod.rs"]
mod support;
mod token_use;
mod trusted_origins;
mod without_sign_in;

use reqwest::Method;
use rocket::error::ErrorKind;
use rocket::{Build, Rocket};
use rocket_cognito::CognitoUser;
use serde_json::Value;

use support::agent::{Agent, Page};
use support::groups::Admin;

/// What a stranger without cookies gets.
async fn ask(url: &str, headers: &[(&str, &str)]) -> Page {
    Agent::new().send(Method::GET, url, headers, None).await
}

async fn ask_as(url: &str, token: &str) -> Page {
    ask(url, &[("authorization", &format!("Bearer {token}"))]).await
}

/// The status, and the code of a denial or what the route says.
fn outcome(page: &Page) -> (u16, String) {
    let denial = serde_json::from_str::<Value>(&page.body).ok();
    let code = denial.and_then(|denial| denial["error"].as_str().map(str::to_owned));
    (page.status.as_u16(), code.unwrap_or_else(|| page.body.clone()))
}

fn name(user: &impl AsRef<CognitoUser>) -> String {
    user.as_ref().username().to_owned()
}

/// Whether a guard or a responder in its routes stops the launch.
async fn is_stopped(rocket: Rocket<Build>) -> bool {
    match rocket.ignite().await {
        Ok(_) => false,
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::SentinelAborts(_)), "{error}");
            true
        }
    }
}
