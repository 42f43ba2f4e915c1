//! The names and attributes of our cookies.

use super::redirect_urls::RedirectUrls;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::redirect_url::RedirectUrl;
use crate::config::value::url::is_host;
use crate::config::value::word::SameSite;

/// 400 days: browsers cut anything longer down to that.
pub(crate) const MAX_COOKIE_AGE: u64 = 400 * 86_400;

/// Names stand in every request.
const MAX_COOKIE_SUFFIX: usize = 32;

/// The settings about cookies.
#[derive(Debug, Clone)]
pub(crate) struct CookieSettings {
    /// Whether `redirect_url` is https.
    pub(crate) are_secure: bool,
    /// How long the access and ID cookies live, at most.
    pub(crate) age_seconds: u64,
    /// Whether they outlast the browser's own session, where a sign-in says nothing else.
    pub(crate) are_persistent: bool,
    pub(crate) domain: Option<String>,
    pub(crate) same_site: SameSite,
    /// Letters, digits and `-`, at the end of each cookie's name.
    pub(crate) suffix: Option<String>,
}

impl CookieSettings {
    pub(crate) fn read(reader: &mut Reader, redirect_urls: &RedirectUrls) -> CookieSettings {
        let redirect_url = redirect_urls.first.as_ref();
        CookieSettings {
            are_secure: redirect_url.is_some_and(|url| url.https),
            are_persistent: reader.flag(&key::PERSISTENT_COOKIES),
            domain: reader.parse(&key::COOKIE_DOMAIN, |text| parse_domain(text, &redirect_urls.all)),
            same_site: same_site(reader, redirect_url.is_none_or(|url| url.https)),
            suffix: reader.parse(&key::COOKIE_SUFFIX, parse_suffix),
            age_seconds: reader.number(&key::COOKIE_AGE_SECONDS, 1..=MAX_COOKIE_AGE),
        }
    }
}

fn same_site(reader: &mut Reader, may_be_secure: bool) -> SameSite {
    let chosen = reader.choice(&key::COOKIE_SAMESITE);
    if chosen == SameSite::None && !may_be_secure {
        reader.wrong(&key::COOKIE_SAMESITE, "needs an https `redirect_url`: browsers drop such cookies else");
    }
    chosen
}

fn parse_domain(text: &str, redirect_urls: &[RedirectUrl]) -> Result<String, String> {
    let domain = text.strip_prefix('.').unwrap_or(text);
    if !is_host(domain) {
        return Err("is not a host in lower case".into());
    }
    let fits = |host: &str| {
        let before = host.strip_suffix(domain);
        let is_address = host.rsplit('.').next().is_some_and(|label| label.parse::<u8>().is_ok());
        let is_parent = before.is_some_and(|before| before.ends_with('.')) && domain.contains('.');
        host == domain || (is_parent && !is_address)
    };
    match redirect_urls.iter().find(|url| !fits(&url.host)) {
        Some(RedirectUrl { host, .. }) => {
            let key = match redirect_urls.first() {
                Some(first) if first.host == *host => "`redirect_url`",
                _ => "one of `accepted_redirect_urls`",
            };
            Err(format!("is neither {host:?}, the host of {key}, nor a parent domain of it"))
        }
        None => Ok(domain.to_owned()),
    }
}

/// No `_`, which stands before the number of a chunk: no name of one app is then a name of another.
fn parse_suffix(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    match (1..=MAX_COOKIE_SUFFIX).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err(format!("is not 1 to {MAX_COOKIE_SUFFIX} letters, digits and `-`")),
    }
}
