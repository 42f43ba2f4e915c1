//! The domain of the hosted pages, in any of the forms that people have at hand.

use super::url;
use super::url::{HttpUrl, PlainHttp};
use crate::http::is_loopback;

/// Makes a URL without trailing slash out of a URL, a host, or the prefix of a Cognito domain.
pub(crate) fn normalise(text: &str, region: &str) -> Result<String, String> {
    let url = if text.contains("://") {
        HttpUrl::parse_plain(text)?
    } else if text.contains(['.', ':', '/']) || text == "localhost" {
        match HttpUrl::parse_plain(&format!("https://{text}"))? {
            url if is_loopback(&url.host) => {
                return Err(format!("names this machine without a scheme: write http://{text}"));
            }
            url => url,
        }
    } else {
        return from_prefix(text, region);
    };
    let domain = without_path(&url)?;
    if ["cognito-idp.", "issuer-cognito-idp.", "cognito-idp-fips."]
        .iter()
        .any(|api| url.host.starts_with(api))
    {
        return Err("is the host of the issuer, which has no sign-in pages; the domain is another host, \
                    and a pool has none until you create one"
            .into());
    }
    Ok(domain)
}

/// Checks a URL of scheme and host only, and takes the slash off its end.
pub(crate) fn origin_url(text: &str, plain: PlainHttp) -> Result<String, String> {
    without_path(&HttpUrl::parse_with(text, plain)?.without_query()?)
}

fn without_path(url: &HttpUrl) -> Result<String, String> {
    if !matches!(url.path.as_str(), "" | "/") {
        return Err("has a path; only scheme and host belong here".into());
    }
    Ok(url.text.trim_end_matches('/').to_owned())
}

/// GovCloud serves its pages from FIPS hosts only. The suffix in AWS's other partitions is not documented.
fn from_prefix(prefix: &str, region: &str) -> Result<String, String> {
    if !url::is_label(prefix) {
        return Err("is neither a URL, nor a host, nor a prefix of `a` to `z`, `0` to `9` and `-`".into());
    }
    if let Some(word) = ["aws", "amazon", "cognito"].into_iter().find(|word| prefix.contains(word)) {
        return Err(format!("contains `{word}`, which Cognito allows in no prefix"));
    }
    if region.starts_with("eusc-") || region.starts_with("cn-") {
        return Err(format!(
            "is only a prefix, and how hosts end in {region} is not known here: write it whole"
        ));
    }
    let service = if region.contains("-gov-") { "auth-fips" } else { "auth" };
    Ok(format!("https://{prefix}.{service}.{region}.amazoncognito.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_becomes_a_url() {
        for (text, region, expected) in [
            ("acme", "eu-west-1", "https://acme.auth.eu-west-1.amazoncognito.com"),
            ("acme", "us-gov-west-1", "https://acme.auth-fips.us-gov-west-1.amazoncognito.com"),
            ("auth.example.com", "eu-west-1", "https://auth.example.com"),
            ("auth.example.com/", "eu-west-1", "https://auth.example.com"),
            ("auth.example.com:8443", "eu-west-1", "https://auth.example.com:8443"),
            ("https://auth.example.com/", "eu-west-1", "https://auth.example.com"),
            ("http://127.0.0.1:9400", "eu-west-1", "http://127.0.0.1:9400"),
            ("https://auth.example.eu", "eusc-de-east-1", "https://auth.example.eu"),
        ] {
            assert_eq!(normalise(text, region).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses() {
        for (text, words) in [
            ("http://auth.example.com", "uses `http`"),
            ("https://auth.example.com/login", "has a path"),
            ("auth.example.com/login", "has a path"),
            ("https://auth.example.com?x", "query"),
            ("https://auth.example.com/#x", "fragment"),
            ("https://a:b@auth.example.com", "user name"),
            ("localhost:9400", "write http://localhost:9400"),
            ("localhost", "write http://localhost"),
            ("cognito-idp.eu-west-1.amazonaws.com", "host of the issuer"),
            ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x", "has a path"),
            ("https://issuer-cognito-idp.eu-west-1.amazonaws.com", "host of the issuer"),
            ("Acme", "neither a URL"),
            ("-acme", "neither a URL"),
            ("ac me", "neither a URL"),
            ("my-cognito", "contains `cognito`"),
        ] {
            let problem = normalise(text, "eu-west-1").unwrap_err();
            assert!(problem.contains(words), "{text}: {problem}");
        }
        assert!(normalise("acme", "eusc-de-east-1").is_err());
    }
}
