//! The resource that an API is, by which access tokens are bound to it (RFC 8707).

use crate::http::{absolute_url, check_resource};

/// Where the metadata of a resource lies (RFC 9728 section 3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The setting `resource`.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// The URL as the settings have it, since clients compare it exactly.
    pub(crate) identifier: String,
    /// What a token for it may have as `aud`: the identifier; without a path also with the slash that clients add which
    /// read it as a URL, or without it.
    pub(crate) audiences: Vec<String>,
    /// The path of its metadata: the resource's own path comes after the well-known one (RFC 9728 section 3.1).
    pub(crate) metadata_path: String,
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// Its metadata, as clients reach it.
    pub(crate) metadata_url: String,
}

impl Resource {
    pub(crate) fn parse(text: &str) -> Result<Resource, String> {
        check_resource(text)?;
        let url = absolute_url(text).map_err(|_| "is not an absolute URL")?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err("uses another scheme than `https`, or `http` on this machine".into());
        }
        if url.query().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err("has a query or a user name".into());
        }
        let path = url.path();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-/".contains(&byte);
        if !path.bytes().all(is_plain) || path.contains("//") || (path.len() > 1 && path.ends_with('/')) {
            return Err(
                "has a path with other than letters, digits and `._~-`, or with a slash too many".into()
            );
        }
        // Two spellings of one URL are two resources to whoever compares letters.
        if url.as_str() != text && url.as_str().strip_suffix('/') != Some(text) {
            return Err(format!("is not in its normal form, which is {:?}", url.as_str()));
        }
        let metadata_path = format!("{WELL_KNOWN}{}", path.trim_end_matches('/'));
        let origin = url.origin().ascii_serialization();
        let without_path = (path == "/").then(|| [origin.clone(), format!("{origin}/")]);
        Ok(Resource {
            identifier: text.to_owned(),
            audiences: without_path.map_or_else(|| vec![text.to_owned()], Vec::from),
            metadata_url: format!("{origin}{metadata_path}"),
            metadata_path,
            origin,
        })
    }
}
