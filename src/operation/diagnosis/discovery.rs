//! The pool's discovery document, which the app itself never reads.

use std::time::SystemTime;

use reqwest::Url;
use serde::Deserialize;

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::wire::{Silence, Wire};
use crate::config::{JwksSource, Settings};
use crate::http::{Look, check_object};

const NAME: &str = "discovery";
const KEYS: &str = "/.well-known/jwks.json";

/// What the pool says of itself.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
}

/// What came of asking for the document.
pub(super) struct Discovered {
    pub(super) check: Check,
    /// The time by the pool's clock.
    pub(super) date: Option<SystemTime>,
    /// Whether there is a pool, as far as it goes by this answer.
    pub(super) is_there: bool,
}

pub(super) async fn check(settings: &Settings, wire: &Wire) -> Discovered {
    let url = format!("{}/.well-known/openid-configuration", issuer_url(settings));
    let look = match wire.get(&url).await {
        Ok(look) => look,
        Err(silence) => {
            let check = Check::made(NAME, "", vec![unreachable(&url, silence)]);
            return Discovered { check, date: None, is_there: false };
        }
    };
    let date = look.date;
    let (findings, is_there) = match judge(settings, &url, &look) {
        Ok(document) => (findings_of(settings, &url, &document), true),
        Err((finding, is_there)) => (vec![finding], is_there),
    };
    Discovered { check: Check::made(NAME, url, findings), date, is_there }
}

/// Where this machine reaches the issuer: below it are the keys, most often.
fn issuer_url(settings: &Settings) -> &str {
    let of_keys = match &settings.pool.jwks {
        JwksSource::Url { url, .. } => url.strip_suffix(KEYS),
        JwksSource::File(_) | JwksSource::Inline(_) => None,
    };
    of_keys.unwrap_or_else(|| settings.pool.issuer().trim_end_matches('/'))
}

fn unreachable(url: &str, silence: Silence) -> Finding {
    if silence == Silence::OutOfBudget {
        return Finding::new(Code::OutOfBudget, url, silence.to_string(), "try again");
    }
    let remedy = "check `user_pool_id` with its region and, where set, `issuer`; then the way there: DNS, firewall, \
                  `http_proxy`";
    Finding::new(Code::PoolUnreachable, url, silence.to_string(), remedy)
}

/// The document, or what is wrong with it and whether there may be a pool all the same.
fn judge(settings: &Settings, url: &str, look: &Look) -> Result<Document, (Finding, bool)> {
    let is_at_aws =
        matches!(&settings.pool.jwks, JwksSource::Url { setting, .. } if *setting == "user_pool_id");
    let unreadable = |problem: String| {
        let remedy =
            "check `issuer`; an app works without this document, if its keys are where `jwks_uri` says";
        (Finding::new(Code::DiscoveryUnreadable, url, problem, remedy), true)
    };
    match look.status {
        200 => {
            let document = check_object(&look.body).ok().and_then(|text| serde_json::from_str(text).ok());
            document.ok_or_else(|| unreadable("it is no discovery document".into()))
        }
        400 | 404 if is_at_aws => {
            let id = &settings.pool.user_pool_id;
            let problem = format!("there is no user pool {id:?} in its region");
            let remedy = "check `user_pool_id`: Cognito console > User pools > the pool > Overview";
            Err((Finding::new(Code::PoolUnknown, "`user_pool_id`", problem, remedy), false))
        }
        429 | 500.. => {
            let problem = format!("it answers with status {}", look.status);
            Err((Finding::new(Code::PoolBusy, url, problem, "try again in a minute"), false))
        }
        status => Err(unreadable(format!("it answers with status {status}"))),
    }
}

fn findings_of(settings: &Settings, url: &str, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let issuers = &settings.pool.issuers;
    if !issuers.contains(&document.issuer) {
        let problem = format!(
            "the pool's tokens name {:?} as issuer, and the app accepts {}",
            document.issuer,
            issuers.join(", ")
        );
        let remedy = format!("issuer = {:?}, if that is the pool which is meant", document.issuer);
        findings.push(Finding::new(Code::IssuerDiffers, "`issuer`", problem, remedy));
    }
    let endpoint = document.authorization_endpoint.as_deref().and_then(|text| Url::parse(text).ok());
    let (Some(domain), Some(endpoint)) = (&settings.pool.domain, endpoint) else { return findings };
    if endpoint.path() != "/oauth2/authorize" {
        let problem = "the pool has no domain, so that it has no pages to sign in at";
        let remedy = "add one: Cognito console > the pool > Branding > Domain";
        findings.push(Finding::new(Code::DomainMissing, url, problem, remedy));
    } else if endpoint.origin() != Url::parse(domain).map_or_else(|_| endpoint.origin(), |own| own.origin()) {
        let theirs = endpoint.origin().ascii_serialization();
        let problem = format!("the pool names {theirs} as its domain, and the settings {domain}");
        let remedy =
            format!("domain = {theirs:?}, unless the pool has both: then it names its custom domain alone");
        findings.push(Finding::new(Code::DomainDiffers, "`domain`", problem, remedy));
    }
    findings
}
