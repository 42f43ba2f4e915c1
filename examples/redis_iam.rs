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
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
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
struct Cache<'a> {
    /// The name of the cache, in lower case, and no address.
    name: &'a str,
    user: &'a str,
    region: &'a str,
    is_serverless: bool,
}

impl Cache<'_> {
    /// A token that is good for fifteen minutes: a signed URL without its scheme.
    fn token(&self, role: &RoleCredentials, now: OffsetDateTime) -> String {
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

#[cfg(test)]
mod tests {
    use rocket::local::blocking::Client;
    use rocket::time::{Date, Month, OffsetDateTime};
    use rocket_cognito::testing::{self, Ask, TestPool};

    use super::{Cache, RoleCredentials};

    #[test]
    fn every_route_asks_for_a_person() {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        let open = testing::map(client.rocket()).open();
        assert!(open.is_empty(), "{open:?}");
        let answer = client.get("/").signed_in(&pool.person("alice")).ask();
        assert_eq!(answer.into_string().unwrap(), "Hello, alice");
    }

    /// The signatures are those that botocore's `SigV4QueryAuth` made of the same values.
    #[test]
    fn a_token_of_iam_is_what_the_sdk_of_aws_signs() {
        let now = Date::from_calendar_date(2026, Month::November, 30).unwrap().with_hms(9, 5, 7).unwrap();
        let now: OffsetDateTime = now.assume_utc();
        let mut role = RoleCredentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            token: None,
        };
        let cache = Cache { name: "sessions", user: "app-1", region: "eu-west-1", is_serverless: false };
        assert_eq!(
            cache.token(&role, now),
            "sessions/?Action=connect&User=app-1&X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIDEXAMPLE%2F20261130%2Feu-west-1%2Felasticache%2Faws4_request\
             &X-Amz-Date=20261130T090507Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=e13e0fed503107f0f5ecf27d4ae4b863f5a819e36ae61bed2bec7c626780064c"
        );
        role.token = Some("IQoJb3JpZ2luX2VjEJ//+w==".into());
        let token = Cache { is_serverless: true, ..cache }.token(&role, now);
        assert!(
            token.starts_with("sessions/?Action=connect&ResourceType=ServerlessCache&User=app-1&"),
            "{token}"
        );
        assert!(token.contains("&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEJ%2F%2F%2Bw%3D%3D&"), "{token}");
        let signature = "77d88257e967a8a3e312f50847047b69d4b3f244db92a235dcebc602d6a11ddb";
        assert!(token.ends_with(&format!("&X-Amz-Signature={signature}")), "{token}");
    }
}
