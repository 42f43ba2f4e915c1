//! Sessions in ElastiCache, where the app signs in with IAM: no password lies anywhere.
//!
//! A token of IAM is a URL, signed by the app's role (Signature Version 4), and lasts for fifteen minutes. This file makes
//! one without the SDK of AWS; with it, `aws_config` gives the credentials and `aws-sigv4` the signature. In MemoryDB the
//! service is `memorydb`, and the host the name of the cluster.
//!
//! ```sh
//! export ROCKET_COGNITO_SESSION_STORE=rediss://master.sessions.abc123.euw1.cache.amazonaws.com:6379
//! export CACHE_NAME=sessions CACHE_USER=app AWS_REGION=eu-west-1
//! cargo run --features redis --example redis_iam
//! ```
//!
//! Beside them it needs the settings of a pool, as in README.md, and an ElastiCache user with authentication mode IAM
//! whose id is its name. The role of the app needs `elasticache:Connect` for the cache and for the user.

use std::env;
use std::error::Error;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use rocket::serde::Deserialize;
use rocket::time::OffsetDateTime;
use rocket::{get, launch, routes};
use rocket_cognito::store::StoreCredentials;
use rocket_cognito::{Cognito, CognitoUser};

/// What the role of the app signs with, as the endpoint of ECS says it.
#[derive(Deserialize)]
#[serde(crate = "rocket::serde", rename_all = "PascalCase")]
pub struct RoleCredentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub token: Option<String>,
}

impl RoleCredentials {
    /// Those of the environment, or those of the task that the app runs in.
    async fn current() -> Result<Self, Box<dyn Error + Send + Sync>> {
        if let Ok(path) = env::var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            let answer = reqwest::get(format!("http://169.254.170.2{path}")).await?.error_for_status()?;
            return Ok(rocket::serde::json::from_slice(&answer.bytes().await?)?);
        }
        Ok(RoleCredentials {
            access_key_id: env::var("AWS_ACCESS_KEY_ID")?,
            secret_access_key: env::var("AWS_SECRET_ACCESS_KEY")?,
            token: env::var("AWS_SESSION_TOKEN").ok(),
        })
    }
}

/// The cache, and the user there.
pub struct Cache<'a> {
    /// The name of the cache, in lower case, and no address.
    pub name: &'a str,
    pub user: &'a str,
    pub region: &'a str,
    pub is_serverless: bool,
}

impl Cache<'_> {
    /// A token that is good for fifteen minutes: a signed URL without its scheme.
    pub fn token(&self, role: &RoleCredentials, now: OffsetDateTime) -> String {
        let Cache { name, user, region, is_serverless } = self;
        let day = format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day());
        let time = format!("{day}T{:02}{:02}{:02}Z", now.hour(), now.minute(), now.second());
        let scope = format!("{day}/{region}/elasticache/aws4_request");

        // In the order of their names.
        let mut parameters = vec![("Action", "connect".to_owned())];
        if *is_serverless {
            parameters.push(("ResourceType", "ServerlessCache".to_owned()));
        }
        parameters.push(("User", encoded(user)));
        parameters.push(("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()));
        parameters.push(("X-Amz-Credential", encoded(&format!("{}/{scope}", role.access_key_id))));
        parameters.push(("X-Amz-Date", time.clone()));
        parameters.push(("X-Amz-Expires", "900".to_owned()));
        if let Some(token) = &role.token {
            parameters.push(("X-Amz-Security-Token", encoded(token)));
        }
        parameters.push(("X-Amz-SignedHeaders", "host".to_owned()));
        let query: Vec<_> = parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let query = query.join("&");

        let request = format!("GET\n/\n{query}\nhost:{name}\n\nhost\n{}", sha256(""));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&request));
        let secret = format!("AWS4{}", role.secret_access_key).into_bytes();
        let key = [day.as_str(), region, "elasticache", "aws4_request"]
            .iter()
            .fold(secret, |key, part| sign(&Key::new(HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec());
        let signature = hex(sign(&Key::new(HMAC_SHA256, &key), text.as_bytes()).as_ref());
        format!("{name}/?{query}&X-Amz-Signature={signature}")
    }
}

fn sha256(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Percent-encoded, but for what RFC 3986 calls unreserved.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// What the app signs in with, made anew each time.
async fn credentials() -> Result<StoreCredentials, Box<dyn Error + Send + Sync>> {
    let (name, user, region) = (env::var("CACHE_NAME")?, env::var("CACHE_USER")?, env::var("AWS_REGION")?);
    let is_serverless = env::var("CACHE_IS_SERVERLESS").is_ok();
    let cache = Cache { name: &name, user: &user, region: &region, is_serverless };
    let token = cache.token(&RoleCredentials::current().await?, OffsetDateTime::now_utc());
    Ok(StoreCredentials::new(user, token))
}

#[get("/")]
fn home(user: CognitoUser) -> String {
    format!("Hello, {}", user.username())
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing().store_credentials(credentials))
        .mount("/", routes![home])
        .register("/", rocket_cognito::catchers())
}
