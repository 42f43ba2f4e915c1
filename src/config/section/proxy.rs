//! `http_proxy`: the one way in which calls to the pool may take another route.

use reqwest::Url;

use crate::config::key;
use crate::config::reader::Reader;
use crate::crypto::Secret;

/// Checks a proxy's URL; the error does not contain it.
pub(crate) fn read(reader: &mut Reader) -> Option<Secret> {
    reader.parse(&key::HTTP_PROXY, |text| {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        let is_plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        match url.scheme() {
            "http" | "https" if url.has_host() && is_plain => Ok(Secret::new(url.as_str())),
            "http" | "https" => Err("has more than scheme, user, host and port".into()),
            _ => Err("has a scheme other than `http` and `https`".into()),
        }
    })
}
