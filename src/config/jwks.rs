//! `jwks_uri`: a URL, or a file for networks that cannot reach Cognito.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::JwksSource;
use super::url::HttpUrl;

/// Reads `text`; a relative path counts from `folder`, that of the file it was declared in.
pub(super) fn parse(text: &str, folder: Option<&Path>) -> Result<JwksSource, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return HttpUrl::parse(text).map(|url| JwksSource::Url(url.text));
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

        let url = "https://keys.example.com/jwks.json";
        assert_eq!(parse(url, None), Ok(JwksSource::Url(url.into())));
        assert_eq!(parse("jwks.json", Some(&folder)), Ok(JwksSource::File(path.clone())));
        assert_eq!(parse(path.to_str().unwrap(), Some(Path::new("/"))), Ok(JwksSource::File(path.clone())));
        assert_eq!(parse(&format!("file://{}", path.display()), None), Ok(JwksSource::File(path.clone())));
        for text in ["http://keys.example.com", "ftp://x/y", "file://host/x", "none.json", "."] {
            assert!(parse(text, Some(&folder)).is_err(), "{text}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
