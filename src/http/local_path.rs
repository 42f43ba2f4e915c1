//! Where a sign-in may return to: a path on this origin, taken unchanged or not at all.

const MAX_BYTES: usize = 2048;
/// Proxies and frameworks may decode a path once more than we think.
const DECODINGS: usize = 3;

/// A path of this site as browsers see it, which has been judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    /// `text` unchanged, where it [is local](is_local).
    pub(crate) fn judge<'a>(
        text: &str,
        own_paths: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Option<Self> {
        is_local(text, own_paths).then(|| LocalPath(text.to_owned()))
    }

    /// A path that the settings have judged.
    pub(super) fn of_settings(text: &str) -> Self {
        LocalPath(text.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// Whether `next` is a path (and query) on this origin, for every browser, and none of `own_paths`.
///
/// Only the path is judged; the query is free. Nothing is repaired: what is not right as it stands is
/// not taken.
pub(crate) fn is_local<'a>(next: &str, own_paths: impl IntoIterator<Item = &'a str> + Clone) -> bool {
    let printable = next.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\' && byte != b'#');
    if next.len() > MAX_BYTES || !printable {
        return false;
    }
    let mut path = next.split('?').next().unwrap_or_default().as_bytes().to_vec();
    for _ in 0..=DECODINGS {
        // Whoever decodes a path may take the rest for a query.
        let before = path.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
        let own = own_paths.clone().into_iter().any(|own| same_path(before, own));
        if own || !is_plain_path(&path) || !is_plain_path(before) {
            return false;
        }
        path = percent_decoded(&path);
    }
    true
}

fn is_plain_path(path: &[u8]) -> bool {
    let safe_bytes = path.iter().all(|byte| !byte.is_ascii_control() && *byte != b'\\');
    let rooted = path.first() == Some(&b'/');
    let single_slashes = !path.windows(2).any(|pair| pair == b"//");
    let no_dots = path.split(|byte| *byte == b'/').all(|segment| segment != b"." && segment != b"..");
    safe_bytes && rooted && single_slashes && no_dots
}

/// Rocket routes `/login/` like `/login`.
fn same_path(path: &[u8], own: &str) -> bool {
    path.strip_suffix(b"/").unwrap_or(path).eq_ignore_ascii_case(own.as_bytes())
}

fn percent_decoded(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        let byte = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|(h, l)| h * 16 + l),
            _ => None,
        };
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod grammar;

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use reqwest::Url;
    use rocket::http::RawStr;

    use super::grammar::candidate;
    use super::is_local;

    const OWN: [&str; 3] = ["/auth/login", "/auth/logout", "/auth/callback"];

    #[test]
    fn paths_on_this_origin_are_taken() {
        for good in [
            "/",
            "/me",
            "/a/b/c",
            "/search?q=http://evil.example/&r=//x",
            "/caf%C3%A9",
            "/@evil.example",
            "/a:b",
            "/auth",
            "/auth/login-help",
            "/x?next=/auth/login",
            "/100%",
            "/%zz",
            "/a%20b",
        ] {
            assert!(is_local(good, OWN), "{good}");
        }
    }

    #[test]
    fn whatever_might_lead_elsewhere_is_not_taken() {
        for bad in [
            "",
            "me",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a//b",
            "http://evil.example",
            "https:evil.example",
            "https:/evil.example",
            "javascript:alert(1)",
            "data:x",
            "?x",
            "#x",
            "/x#y",
            "/ x",
            "/x\ty",
            "/x\r\ny",
            "/\u{ff0f}evil",
            "/\u{202e}x",
            " /x",
            "/x ",
            "/%2fevil.example",
            "/%252fevil.example",
            "/%25252fevil.example",
            "/%5cevil.example",
            "/%0d%0aX:y",
            "/%00",
            "/.",
            "/..",
            "/./x",
            "/x/../y",
            "/%2e%2e/x",
            "/x/%2e",
            "/;/../x",
            "/auth/login",
            "/auth/login/",
            "/auth/login?next=/",
            "/auth/%6cogout",
            "/AUTH/callback",
            "/auth/%256cogin",
            "/auth/login%3fx",
            "/auth/logout%2523",
            "/auth/logout/.%3fx",
        ] {
            assert!(!is_local(bad, OWN), "{bad:?}");
        }
        assert!(is_local(&format!("/{}", "x".repeat(2047)), OWN));
        assert!(!is_local(&format!("/{}", "x".repeat(2048)), OWN));
    }

    /// Looks at half a million texts: for each that the rule takes, at what the `url` crate, which reads as
    /// browsers do, makes of it as it stands and after one to three decodings by proxies.
    fn for_all_taken(judge: impl Fn(&Url) -> bool) {
        const SEED: u64 = 20_260_801;
        const TEXTS: usize = 500_000;
        let mut dice = StdRng::seed_from_u64(SEED);
        let (mut taken, mut bad) = (0, 0);
        for index in 0..TEXTS {
            let text = candidate(&mut dice, &OWN);
            if !is_local(&text, OWN) {
                bad += usize::from(app().join(&text).is_ok_and(|url| !judge(&url)));
                continue;
            }
            taken += 1;
            let (path, query) = text.split_once('?').unwrap_or((&text, ""));
            let mut path = path.to_owned();
            for decodings in 0..=3 {
                // A parser would trim a decoded space at the end, but for the question mark.
                let good = app().join(&format!("{path}?{query}")).is_ok_and(|url| judge(&url));
                assert!(good, "seed {SEED}, text {index}, {text:?}: {path:?} after {decodings} decodings");
                path = RawStr::new(&path).percent_decode_lossy().into_owned();
            }
        }
        assert!(taken > TEXTS / 3, "{taken} of {TEXTS} texts are taken: too few to tell");
        assert!(bad > TEXTS / 100, "{bad} of {TEXTS} texts are bad: too few to tell");
    }

    fn app() -> Url {
        Url::parse("https://app.example").unwrap()
    }

    /// R3.
    #[test]
    fn what_is_taken_is_of_this_origin_for_the_url_crate_too() {
        for_all_taken(|url| url.origin() == app().origin());
    }

    /// R6.
    #[test]
    fn what_is_taken_is_none_of_our_own_paths_for_the_url_crate_either() {
        for_all_taken(|url| {
            let path = url.path().strip_suffix('/').unwrap_or(url.path());
            !OWN.iter().any(|own| path.eq_ignore_ascii_case(own))
        });
    }
}
