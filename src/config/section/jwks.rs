//! Where the pool's public keys are: a URL, a file for networks that cannot reach Cognito, or the settings themselves.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::value::Value;

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::setting::Key;
use crate::config::value::url::{HttpUrl, PlainHttp};
use crate::error::{Error, Mistake};

/// Where the pool's public keys come from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum JwksSource {
    Url {
        url: String,
        /// The setting that it is, or follows from.
        setting: &'static str,
    },
    File(PathBuf),
    Inline(Arc<InlineKeys>),
}

/// The setting `jwks`.
#[derive(PartialEq, Eq)]
pub(crate) struct InlineKeys {
    pub(crate) json: String,
    origin: String,
}

impl InlineKeys {
    /// What the operator is told when there are no keys in it.
    pub(crate) fn refused(&self, problem: impl fmt::Display) -> Error {
        Error::settings(vec![Mistake {
            key: key::JWKS.name.into(),
            origin: self.origin.clone(),
            problem: format!("the value is of no use: {problem}"),
            expected: key::JWKS.expected.into(),
            remedy: key::JWKS.remedy.into(),
        }])
    }
}

impl JwksSource {
    /// Keys that this process has made.
    #[cfg(feature = "testing")]
    pub(crate) fn made(json: String) -> JwksSource {
        JwksSource::Inline(Arc::new(InlineKeys { json, origin: "keys made by this process".into() }))
    }

    /// The settings `jwks` and `jwks_uri`; without them the keys are at `default`.
    pub(crate) fn read(reader: &mut Reader, plain: PlainHttp, default: JwksSource) -> JwksSource {
        let folder = reader.folder(&key::JWKS_URI);
        let elsewhere = reader.parse(&key::JWKS_URI, |text| parse(text, folder.as_deref(), plain));
        let inline = inline(reader);
        if elsewhere.is_some() && inline.is_some() {
            reader.wrong(&key::JWKS, "stands beside `jwks_uri`, and only one of them can count");
        }
        inline.or(elsewhere).unwrap_or(default)
    }

    /// Where an issuer at this URL has its keys.
    pub(crate) fn of_issuer(url: &str, setting: &Key) -> JwksSource {
        let url = format!("{}/.well-known/jwks.json", url.trim_end_matches('/'));
        JwksSource::Url { url, setting: setting.name }
    }

    /// What to correct where the pool's server says that there are no keys.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self {
            JwksSource::Url { setting, .. } if *setting == key::USER_POOL_ID.name => {
                Some("check `user_pool_id`, and the region in it: there is no such pool".to_owned())
            }
            JwksSource::Url { setting, .. } => {
                Some(format!("check `{setting}`: there are no keys of a pool"))
            }
            JwksSource::File(_) | JwksSource::Inline(_) => None,
        }
    }
}

impl fmt::Display for JwksSource {
    /// Without a query, which may carry a password or a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JwksSource::Url { url, .. } => f.write_str(url.split('?').next().unwrap_or_default()),
            JwksSource::File(path) => path.display().fmt(f),
            JwksSource::Inline(_) => f.write_str("the setting `jwks`"),
        }
    }
}

impl fmt::Debug for JwksSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_string().fmt(f)
    }
}

/// Whether there are keys in it is found out where keys are read.
fn inline(reader: &mut Reader) -> Option<JwksSource> {
    let json = match (reader.raw(&key::JWKS), reader.value(&key::JWKS)?) {
        (Some(raw), _) => raw.to_owned(),
        (None, Value::String(_, text)) => text.clone(),
        (None, value) => serde_json::to_string(value).unwrap_or_default(),
    };
    if let Ok(serde_json::Value::Object(_)) = serde_json::from_str(&json) {
        let origin = reader.origin(key::JWKS.name);
        return Some(JwksSource::Inline(Arc::new(InlineKeys { json, origin })));
    }
    reader.wrong(&key::JWKS, "is no JSON object");
    None
}

/// Reads `text`; a relative path counts from `folder`, that of the file it was declared in.
fn parse(text: &str, folder: Option<&Path>, plain: PlainHttp) -> Result<JwksSource, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        let setting = key::JWKS_URI.name;
        return HttpUrl::parse_with(text, plain).map(|url| JwksSource::Url { url: url.text, setting });
    }
    let path = match text.starts_with("file:") {
        true => reqwest::Url::parse(text)
            .ok()
            .and_then(|url| url.to_file_path().ok())
            .ok_or("is not the URL of a local file, such as file:///etc/app/jwks.json")?,
        false if text.contains("://") => return Err("has a scheme other than `https` and `file`".into()),
        false => folder.map_or_else(|| PathBuf::from(text), |folder| folder.join(text)),
    };
    let file = File::open(&path).and_then(|file| file.metadata());
    match file {
        Ok(metadata) if metadata.is_file() => Ok(JwksSource::File(path)),
        Ok(_) => Err(format!("leads to {path:?}, which is not a file")),
        Err(error) => Err(format!("leads to {path:?}, which cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_files() {
        let folder = std::env::temp_dir().join(format!("rocket_cognito-jwks-{}", std::process::id()));
        let path = folder.join("jwks.json");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&path, "{}").unwrap();

        let parse = |text: &str, folder| super::parse(text, folder, PlainHttp::Loopback);
        let url = "https://keys.example.com/jwks.json";
        assert_eq!(parse(url, None), Ok(JwksSource::Url { url: url.into(), setting: "jwks_uri" }));
        assert_eq!(parse("jwks.json", Some(&folder)), Ok(JwksSource::File(path.clone())));
        assert_eq!(parse(path.to_str().unwrap(), Some(Path::new("/"))), Ok(JwksSource::File(path.clone())));
        assert_eq!(parse(&format!("file://{}", path.display()), None), Ok(JwksSource::File(path.clone())));
        for text in ["http://keys.example.com", "ftp://x/y", "file://host/x", "none.json", "."] {
            assert!(parse(text, Some(&folder)).is_err(), "{text}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
