//! Region and user pool id: from them follow the issuers and the hosts of the hosted pages.

const MAX_BYTES: usize = 55;

/// A user pool's id, split at its underscore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PoolId {
    /// `eu-west-1_AbC123`.
    pub(crate) text: String,
    /// `eu-west-1`.
    pub(crate) region: String,
}

impl PoolId {
    pub(crate) fn parse(text: &str) -> Result<PoolId, String> {
        let (before, after) = text.split_once('_').ok_or("has no underscore after the region")?;
        let region = region(before)?;
        if !is_after_underscore(after) {
            return Err("has something other than letters and digits after the underscore".into());
        }
        if text.len() > MAX_BYTES {
            return Err("is longer than 55 characters".into());
        }
        Ok(PoolId { text: text.to_owned(), region })
    }

    /// The two forms of `iss`: the original one, and the "updated" one that a pool may opt into.
    pub(crate) fn issuers(&self) -> Vec<String> {
        let PoolId { text, region } = self;
        let suffix = match region {
            region if region.starts_with("eusc-") => "amazonaws.eu",
            region if region.starts_with("cn-") => "amazonaws.com.cn",
            _ => "amazonaws.com",
        };
        vec![
            format!("https://cognito-idp.{region}.{suffix}/{text}"),
            format!("https://issuer-cognito-idp.{region}.{suffix}/{text}"),
        ]
    }
}

/// Whether `text` has the form of a user pool's id, with a region that AWS need not have.
#[cfg(feature = "local-pool")]
pub(crate) fn has_form_of_pool_id(text: &str) -> bool {
    let is_region = |region: &str| {
        !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= MAX_BYTES
        && text.split_once('_').is_some_and(|(region, after)| is_region(region) && is_after_underscore(after))
}

fn is_after_underscore(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Checks the name of a region: `eu-west-1`, `us-gov-west-1`, `eusc-de-east-1`.
pub(crate) fn region(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.strip_prefix("eusc-").unwrap_or(text).split('-').collect();
    let fits = match parts.as_slice() {
        [country, side, number] | [country, "gov", side, number] => {
            country.len() == 2 && is_lowercase(country) && is_lowercase(side) && is_number(number)
        }
        _ => false,
    };
    if fits { Ok(text.to_owned()) } else { Err("does not name an AWS region".into()) }
}

fn is_lowercase(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_of_every_partition() {
        for (id, original, updated) in [
            (
                "eu-west-1_AbC123",
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123",
                "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123",
            ),
            (
                "us-gov-west-1_x",
                "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_x",
                "https://issuer-cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_x",
            ),
            (
                "eusc-de-east-1_x",
                "https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_x",
                "https://issuer-cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_x",
            ),
            (
                "cn-north-1_x",
                "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_x",
                "https://issuer-cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_x",
            ),
        ] {
            assert_eq!(PoolId::parse(id).unwrap().issuers(), [original, updated]);
        }
    }

    #[test]
    fn refuses_everything_else() {
        for id in [
            "",
            "_",
            "eu-west-1",
            "eu-west-1_",
            "_abc",
            "eu-west-1_a_b",
            "eu-west-1_x/../../evil",
            "eu-west-1_x@evil",
            "eu-west-1_x#",
            "eu-west-1_x?",
            "eu-west-1_x\r\n",
            " eu-west-1_x",
            "eu-west-1_ä",
            "EU-west-1_x",
            "eu-West-1_x",
            "eu-west-_x",
            "eu-west-1a_x",
            "eu--1_x",
            "e-west-1_x",
            "eur-west-1_x",
            "us-gov-1_x-",
            "us-gov--1_x",
            "eusc-_x",
            "evil.com/eu-west-1_x",
            "eu-west-1-2_x",
            "eu-west-١_x",
        ] {
            assert!(PoolId::parse(id).is_err(), "{id:?}");
        }
        assert!(PoolId::parse(&format!("eu-west-1_{}", "x".repeat(45))).is_ok());
        assert!(PoolId::parse(&format!("eu-west-1_{}", "x".repeat(46))).is_err());
    }
}
