//! The user pool: which one it is, how it is reached, and how its tokens are judged.

#[cfg(feature = "testing")]
use std::sync::Arc;

use super::jwks::JwksSource;
use super::level_names::LevelNames;
use super::situation::Situation;
use super::{proxy, unsafe_modes};
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::{unique, words};
use crate::config::value::pool_id::PoolId;
use crate::config::value::url::{HttpUrl, PlainHttp};
use crate::config::value::{domain, pool_id};
use crate::crypto::Secret;
#[cfg(feature = "testing")]
use crate::http::Offline;
use crate::http::is_loopback;

/// Beyond this a leeway no longer bridges clocks, but keeps expired tokens alive.
const MAX_LEEWAY: u64 = 600;

/// More than any instance serves at once.
const MAX_CACHE_ENTRIES: u64 = 10_000_000;
const MAX_CACHE_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// The settings about the user pool.
#[derive(Debug, Clone)]
pub(crate) struct PoolSettings {
    /// `eu-west-1_AbC123`.
    pub(crate) user_pool_id: String,
    /// Scheme and host of the hosted pages, where browsers are sent, no trailing slash:
    /// `https://acme.auth.eu-west-1.amazoncognito.com`.
    pub(crate) domain: Option<String>,
    /// Where the app itself calls the pool's endpoints: there is one where there is a domain.
    pub(crate) server_domain: Option<String>,
    /// Where the app calls Cognito's API, with scheme and host only.
    pub(crate) api: String,
    /// The setting and the URL by which calls leave this machine by plain `http`, of which one suffices for a warning.
    pub(crate) plain_calls: Option<(&'static str, String)>,
    /// The issuer in force first, then the other form of it, then `accepted_issuers`.
    pub(crate) issuers: Vec<String>,
    pub(crate) jwks: JwksSource,
    /// The proxy for all calls to the pool.
    pub(crate) http_proxy: Option<Secret>,
    /// Whether an app without keys does not launch.
    pub(crate) require_keys_at_launch: bool,
    /// Seconds by which clocks may differ.
    pub(crate) expiration_leeway: u64,
    /// Whether tokens expire.
    pub(crate) check_expiration: bool,
    pub(crate) token_cache: TokenCache,
    pub(crate) level_names: LevelNames,
    /// What answers calls in the pool's place: for a test.
    #[cfg(feature = "testing")]
    pub(crate) offline: Option<Arc<dyn Offline>>,
}

/// How many verified tokens are remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenCache {
    /// 0: nothing.
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
}

impl PoolSettings {
    /// The issuer in force, which there always is.
    pub(crate) fn issuer(&self) -> &str {
        self.issuers.first().map_or("", String::as_str)
    }

    pub(crate) fn read(reader: &mut Reader, situation: &Situation<'_>) -> PoolSettings {
        let pool_id = user_pool_id(reader, situation);
        let domain = domain(reader, situation, pool_id.as_ref());
        let server_domain = server_domain(reader, situation, domain.as_deref());
        let issuers = issuers(reader, situation, pool_id.as_ref());
        let keys = default_keys(reader, &issuers, domain.as_deref(), server_domain.as_deref());
        if !situation.is_disabled && situation.local_pool.is_none() {
            refuse_half_of_aws(reader, domain.as_deref(), pool_id.as_ref());
        }
        let jwks = JwksSource::read(reader, situation.plain_http(), keys);
        PoolSettings {
            api: api(pool_id.as_ref(), &issuers, domain.as_deref(), server_domain.as_deref()),
            // The embedded pool is on this machine.
            plain_calls: plain_calls(server_domain.as_deref(), &jwks)
                .filter(|_| situation.local_pool.is_none()),
            jwks,
            // The embedded pool is on this machine.
            http_proxy: proxy::read(reader).filter(|_| situation.local_pool.is_none()),
            require_keys_at_launch: reader.flag(&key::REQUIRE_KEYS_AT_LAUNCH) && !situation.is_disabled,
            expiration_leeway: reader.number(&key::EXPIRATION_LEEWAY, 0..=MAX_LEEWAY),
            check_expiration: check_expiration(reader, situation),
            token_cache: TokenCache {
                entries: reader.number(&key::TOKEN_CACHE_ENTRIES, 0..=MAX_CACHE_ENTRIES),
                bytes: reader.number(&key::TOKEN_CACHE_BYTES, 65_536..=MAX_CACHE_BYTES),
            },
            level_names: LevelNames::read(reader, situation.defaults.map(|pool| &pool.level_names)),
            #[cfg(feature = "testing")]
            offline: None,
            user_pool_id: pool_id.map(|pool_id| pool_id.text).unwrap_or_default(),
            domain,
            server_domain,
            issuers,
        }
    }
}

fn user_pool_id(reader: &mut Reader, situation: &Situation<'_>) -> Option<PoolId> {
    let region = reader.parse(&key::REGION, pool_id::region);
    let default = situation.defaults.map(|pool| pool.user_pool_id.as_str());
    if let (None, Some(step)) =
        (default, situation.first_step.as_ref().filter(|_| !reader.is_set(&key::USER_POOL_ID)))
    {
        reader.missing_with(&key::USER_POOL_ID, &format!("{}; or, {step}", key::USER_POOL_ID.remedy));
        return None;
    }
    let pool_id = reader.require(&key::USER_POOL_ID, default, PoolId::parse)?;
    // The local pool's own id follows no setting, so `region` cannot be at odds with it.
    if region.is_some_and(|region| region != pool_id.region) && reader.is_set(&key::USER_POOL_ID) {
        let problem = format!("is not the region of the pool, which is {:?}", pool_id.region);
        reader.wrong(&key::REGION, problem);
    }
    Some(pool_id)
}

fn domain(reader: &mut Reader, situation: &Situation<'_>, pool_id: Option<&PoolId>) -> Option<String> {
    // After a mistake in the pool id any region serves to check the domain with.
    let region = pool_id.map_or("us-east-1", |pool_id| &pool_id.region);
    let is_required = situation.signs_in || situation.defaults.is_some();
    let default = situation.defaults.map(|pool| pool.base_url.as_str());
    reader.read(&key::DOMAIN, is_required, default, |text| domain::normalise(text, region))
}

/// Reads `server_domain`; without it the app calls `domain`, or the embedded pool where that is.
fn server_domain(reader: &mut Reader, situation: &Situation<'_>, domain: Option<&str>) -> Option<String> {
    let explicit = reader.parse(&key::SERVER_DOMAIN, |text| domain::origin_url(text, situation.plain_http()));
    if explicit.is_some() && domain.is_none() && !reader.is_wrong(&key::DOMAIN) {
        reader.refuse(
            &key::SERVER_DOMAIN,
            "stands without `domain`, which says where browsers reach the pool",
            "domain = \"http://localhost:9400\" beside it",
        );
    }
    let embedded = situation.local_pool.map(|pool| pool.server_url.as_str());
    explicit.or_else(|| embedded.or(domain).map(str::to_owned))
}

/// The origin of Cognito's API: that of the issuer, which at AWS is the host of the API; the "updated" form of an issuer has
/// a host of its own. Below `domain` it is reached as the endpoints are.
fn api(
    pool_id: Option<&PoolId>,
    issuers: &[String],
    domain: Option<&str>,
    server_domain: Option<&str>,
) -> String {
    let issuer = issuers.first().map_or("", String::as_str);
    let at_aws = pool_id.map(PoolId::issuers).unwrap_or_default();
    let url = if at_aws.iter().any(|known| known == issuer) { at_aws.first() } else { issuers.first() };
    let origin =
        url.and_then(|url| HttpUrl::parse_plain(url).ok()).map(|url| url.origin()).unwrap_or_default();
    match (domain, server_domain) {
        (Some(domain), Some(server_domain)) if domain == origin => server_domain.to_owned(),
        _ => origin,
    }
}

/// The keys of the issuer in force. One below `domain` is reached as the endpoints are.
fn default_keys(
    reader: &Reader,
    issuers: &[String],
    domain: Option<&str>,
    server_domain: Option<&str>,
) -> JwksSource {
    let issuer = issuers.first().map_or("", String::as_str);
    if let (Some(domain), Some(server_domain)) = (domain, server_domain.filter(|it| Some(*it) != domain))
        && let Some(path) = issuer.strip_prefix(domain)
        && (path.is_empty() || path.starts_with('/'))
    {
        return JwksSource::of_issuer(&format!("{server_domain}{path}"), &key::SERVER_DOMAIN);
    }
    let is_explicit = reader.is_set(&key::ISSUER);
    JwksSource::of_issuer(issuer, if is_explicit { &key::ISSUER } else { &key::USER_POOL_ID })
}

/// The setting that leads calls of the app beyond this machine by plain `http`, with its URL without path.
fn plain_calls(server_domain: Option<&str>, jwks: &JwksSource) -> Option<(&'static str, String)> {
    let keys = match jwks {
        JwksSource::Url { url, setting } => Some((*setting, url.as_str())),
        JwksSource::File(_) | JwksSource::Inline(_) => None,
    };
    let called = server_domain.map(|url| (key::SERVER_DOMAIN.name, url)).into_iter().chain(keys);
    let plain = called.filter_map(|(setting, url)| {
        let url = HttpUrl::parse_with(url, PlainHttp::Private).ok()?;
        (!url.https && !is_loopback(&url.host)).then(|| (setting, url.origin()))
    });
    plain.into_iter().next()
}

/// Reads `issuer` and `accepted_issuers`.
fn issuers(reader: &mut Reader, situation: &Situation<'_>, pool_id: Option<&PoolId>) -> Vec<String> {
    let explicit = reader.parse(&key::ISSUER, |text| parse_issuer(text, situation.plain_http()));
    let own = match (explicit, situation.local_pool, pool_id) {
        (Some(issuer), _, _) => vec![issuer],
        (None, Some(pool), Some(id)) => vec![format!("{}/{}", pool.base_url, id.text)],
        (None, None, Some(id)) => id.issuers(),
        (None, _, None) => Vec::new(),
    };
    let accepted = reader.list(&key::ACCEPTED_ISSUERS, words, |text| parse_issuer(text, PlainHttp::Loopback));
    unique(own.into_iter().chain(accepted))
}

/// A pool on this machine signs with keys of its own, and AWS would be asked for others.
fn refuse_half_of_aws(reader: &mut Reader, domain: Option<&str>, pool_id: Option<&PoolId>) {
    let (Some(domain), Some(pool_id)) = (domain, pool_id) else { return };
    let is_here = HttpUrl::parse_plain(domain).is_ok_and(|url| !url.https && is_loopback(&url.host));
    let is_given = reader.is_set(&key::DOMAIN);
    let says_more = [&key::ISSUER, &key::JWKS_URI, &key::JWKS].into_iter().any(|key| reader.is_set(key));
    if is_here && is_given && !says_more {
        reader.refuse(
            &key::ISSUER,
            "is not set, so that keys and tokens would be expected of AWS, while `domain` is on this machine",
            &format!("issuer = \"{domain}/{}\"", pool_id.text),
        );
    }
}

/// Whether this is the plain URL of an issuer.
pub(crate) fn is_issuer(text: &str) -> bool {
    parse_issuer(text, PlainHttp::Loopback).is_ok()
}

/// Checks an issuer, and keeps it as it is, since `iss` is compared exactly.
fn parse_issuer(text: &str, plain: PlainHttp) -> Result<String, String> {
    Ok(HttpUrl::parse_with(text, plain)?.without_query()?.text)
}

fn check_expiration(reader: &mut Reader, situation: &Situation<'_>) -> bool {
    let is_on = reader.flag(&key::CHECK_EXPIRATION);
    if !is_on && !situation.allows_unsafe_modes {
        unsafe_modes::refuse(reader, &key::CHECK_EXPIRATION, true, "it lets in who holds an expired token");
    }
    is_on
}
