//! Sessions in HttpOnly cookies: access token, ID token, and the sealed record with the refresh token.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::http::Cookie;
use sha2::{Digest, Sha256};

use super::cookie_codec::{ACCESS, CookieCodec, ID, REFRESH, SESSION};
use crate::clock::UnixSeconds;
use crate::config::{OwnClient, Settings};
use crate::crypto::Sealer;
use crate::http::SentCookies;
use crate::session::lifetime::Lifetime;
use crate::session::record::SessionRecord;
use crate::session::tokens::{SentTokens, SessionTokens};
use crate::telemetry::{Event, emit};

/// What a sealed record may take of the room for cookies; with Cognito's refresh tokens it takes 2.8 kB.
const MAX_RECORD_BYTES: usize = 8 * 1024;
/// What proxies and servers commonly allow for all request headers together.
const MAX_SESSION_BYTES: usize = 32 * 1024;

/// Which part of a session lies in which cookie, how it is sealed, and for how long it stays.
pub(super) struct CookieStore {
    codec: Arc<CookieCodec>,
    /// For the record that holds the refresh token.
    with_token: Sealer,
    /// For the record beside the refresh token, or without any.
    without_token: Sealer,
    issuer: String,
    client_id: String,
    encrypts_refresh_tokens: bool,
    /// Whether a session without a refresh token has a record.
    limits_sessions: bool,
    /// How long a record is kept, in seconds.
    record_age: u64,
    /// Whether cookies outlast the browser's own session, where the sign-in said nothing else.
    are_persistent: bool,
}

impl CookieStore {
    /// A store for the sessions of `client` at the pool of the settings. `None` when no key can be derived to seal with.
    pub(super) fn new(settings: &Settings, client: &OwnClient, codec: &Arc<CookieCodec>) -> Option<Self> {
        let Settings { pool, session, keys, cookies, .. } = settings;
        Some(CookieStore {
            codec: Arc::clone(codec),
            with_token: Sealer::new(&keys.secret_keys, "refresh")?,
            without_token: Sealer::new(&keys.secret_keys, "session")?,
            issuer: pool.issuer().to_owned(),
            client_id: client.id.clone(),
            encrypts_refresh_tokens: session.refresh_cookie_encrypted,
            limits_sessions: session.has_limits,
            record_age: session.refresh_cookie_age_seconds,
            are_persistent: cookies.are_persistent,
        })
    }

    /// Whether the browser sent two different access tokens.
    pub(super) fn is_in_doubt(&self, sent: SentCookies<'_>) -> bool {
        self.codec.is_in_doubt(sent, ACCESS)
    }

    pub(super) fn access_token<'r>(&self, sent: SentCookies<'r>) -> Option<Cow<'r, str>> {
        self.codec.read(sent, ACCESS)
    }

    pub(super) fn id_token<'r>(&self, sent: SentCookies<'r>) -> Option<Cow<'r, str>> {
        self.codec.read(sent, ID)
    }

    /// Whether the browser sent anything that a session has left.
    pub(super) fn has_traces(&self, sent: SentCookies<'_>) -> bool {
        [ACCESS, REFRESH, ID, SESSION].iter().any(|name| self.codec.has(sent, name))
    }

    /// What the browser sent as its session; `None` when that is nothing.
    pub(super) fn tokens(&self, sent: SentCookies<'_>, record: Option<&SessionRecord>) -> Option<SentTokens> {
        let [access, id] =
            [ACCESS, ID].map(|name| self.codec.read(sent, name).map(|token| token.into_owned().into()));
        let session_id = record.map(|record| record.session_id.clone());
        let any = access.is_some() || id.is_some() || session_id.is_some();
        any.then_some(SentTokens { access, id, session_id })
    }

    /// The record that the browser sent, if this client of this pool sealed it within the cookie's lifetime. Whether
    /// the session has ended is another question.
    pub(super) fn record(&self, sent: SentCookies<'_>, now: UnixSeconds) -> Option<SessionRecord> {
        let beside =
            self.codec.read(sent, SESSION).and_then(|sealed| self.unseal(&self.without_token, &sealed, now));
        let token = self.codec.read(sent, REFRESH);
        let record = match beside {
            Some(record) if record.refresh_token_digest.is_none() => record,
            Some(mut record) => {
                let token = token.filter(|token| {
                    record.refresh_token_digest.as_ref().is_some_and(|it| it.same(&digest(token)))
                })?;
                record.refresh_token_digest = None;
                record.refresh_token = Some(token.into_owned().into());
                record
            }
            None => self.unseal(&self.with_token, &token?, now)?,
        };
        (record.issuer == self.issuer && record.client_id == self.client_id).then_some(record)
    }

    /// Whether cookies can hold the session; they need not hold the ID token.
    pub(super) fn fits(&self, tokens: &SessionTokens, now: UnixSeconds) -> bool {
        let access = tokens.access.as_ref();
        access.is_none_or(|access| self.codec.fits(ACCESS, access.token.len()))
            && self.fits_record(&tokens.record, now)
    }

    /// Whether cookies can hold the record.
    pub(super) fn fits_record(&self, record: &SessionRecord, now: UnixSeconds) -> bool {
        self.sealed(record, now).is_some()
    }

    /// All cookies of a session; whatever an earlier session left is overwritten or removed. `None` when the access
    /// token or the record does not fit.
    pub(super) fn save(
        &self,
        sent: SentCookies<'_>,
        tokens: &SessionTokens,
        lifetime: &Lifetime,
        now: UnixSeconds,
    ) -> Option<Vec<Cookie<'static>>> {
        let mut all = self.save_record(sent, &tokens.record, lifetime, now)?;
        let Some(access) = &tokens.access else { return Some(all) };
        let age =
            |expires_at| self.max_age(&tokens.record, lifetime.token_age(&tokens.record, expires_at, now));
        all.splice(0..0, self.codec.write(sent, ACCESS, access.token.expose(), age(access.expires_at))?);
        let Some(id) = &tokens.id else {
            all.extend(self.codec.remove(sent, ID));
            return Some(all);
        };
        let total: usize = all.iter().map(|cookie| cookie.name().len() + cookie.value().len()).sum();
        let written = self
            .codec
            .write(sent, ID, id.token.expose(), age(id.expires_at))
            .filter(|_| total + id.token.len() <= MAX_SESSION_BYTES);
        all.extend(written.unwrap_or_else(|| {
            emit(Event::IdTokenDropped { bytes: id.token.len() });
            self.codec.remove(sent, ID)
        }));
        Some(all)
    }

    /// The cookies that hold the record, and removals of what an earlier form of it has left. `None` when it does not
    /// fit.
    pub(super) fn save_record(
        &self,
        sent: SentCookies<'_>,
        record: &SessionRecord,
        lifetime: &Lifetime,
        now: UnixSeconds,
    ) -> Option<Vec<Cookie<'static>>> {
        let age = self.max_age(record, self.record_age.min(lifetime.remaining(record, now)));
        let sealed = self.sealed(record, now)?;
        let mut all = Vec::new();
        for (name, value) in [(REFRESH, sealed.refresh), (SESSION, sealed.session)] {
            all.extend(match value {
                Some(value) => self.codec.write(sent, name, &value, age)?,
                None => self.codec.remove(sent, name),
            });
        }
        Some(all)
    }

    /// Removals of everything that the browser has of a session.
    pub(super) fn clear(&self, sent: SentCookies<'_>) -> Vec<Cookie<'static>> {
        [ACCESS, ID, REFRESH, SESSION].iter().flat_map(|name| self.codec.remove(sent, name)).collect()
    }

    /// What the browser is told of a cookie that would be good for so many `seconds`. Its value has its own limits.
    fn max_age(&self, record: &SessionRecord, seconds: u64) -> Option<u64> {
        (seconds == 0 || record.is_persistent.unwrap_or(self.are_persistent)).then_some(seconds)
    }

    fn unseal(&self, sealer: &Sealer, sealed: &str, now: UnixSeconds) -> Option<SessionRecord> {
        sealer.open(sealed, self.record_age, now).ok()
    }

    fn sealed(&self, record: &SessionRecord, now: UnixSeconds) -> Option<SealedRecord> {
        let fits = |text: &String| text.len() <= MAX_RECORD_BYTES;
        let seal = |sealer: &Sealer, record: &SessionRecord| sealer.seal(record, now).filter(fits);
        Some(match record.refresh_token() {
            Some(_) if self.encrypts_refresh_tokens => {
                SealedRecord { refresh: Some(seal(&self.with_token, record)?), session: None }
            }
            Some(token) => {
                let token = token.expose();
                let mut beside = record.without_refresh_token();
                beside.refresh_token_digest = Some(digest(token).into());
                let token = Some(token.to_owned()).filter(fits)?;
                SealedRecord { refresh: Some(token), session: Some(seal(&self.without_token, &beside)?) }
            }
            None if self.limits_sessions => {
                SealedRecord { refresh: None, session: Some(seal(&self.without_token, record)?) }
            }
            None => SealedRecord { refresh: None, session: None },
        })
    }
}

/// The values of the cookies that hold a record.
struct SealedRecord {
    refresh: Option<String>,
    session: Option<String>,
}

fn digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use figment::Figment;

    use super::*;
    use crate::crypto::Secret;
    use crate::http::RequestCookies;
    use crate::session::cookies::cookie_codec::MAX_COOKIE_BYTES;

    fn store() -> CookieStore {
        let settings = [
            ("user_pool_id", "eu-west-1_AbC123"),
            ("client_id", "shop"),
            ("domain", "shop"),
            ("redirect_url", "https://shop.example/cb"),
            ("logout_url", "https://shop.example/"),
            ("secret_keys", "a-key/of.thirty-two=bytes+or_more"),
        ];
        let figment = Figment::from(rocket::Config::debug_default());
        let figment = settings
            .into_iter()
            .fold(figment, |all, (key, value)| all.merge((format!("cognito.{key}"), value)));
        let settings = Settings::load(&figment, None).unwrap();
        let codec = Arc::new(CookieCodec::new(&settings.cookies));
        CookieStore::new(&settings, settings.client.as_ref().unwrap(), &codec).unwrap()
    }

    fn begin(refresh_token: Option<&str>) -> SessionRecord {
        let start = UnixSeconds(0);
        let refresh_token = refresh_token.map(|token| token.to_owned().into());
        SessionRecord::begin("https://pool.example", "shop", "sub", refresh_token.as_ref(), start, start)
    }

    #[test]
    fn a_refresh_token_is_sealed_kept_beside_its_record_or_not_kept() {
        let token = "a.refresh.token";
        let shown = |store: &CookieStore, record: &SessionRecord| {
            let sealed = store.sealed(record, UnixSeconds(0)).unwrap();
            (sealed.refresh.as_deref() == Some(token), sealed.refresh.is_some(), sealed.session.is_some())
        };
        let (with, without) = (begin(Some(token)), begin(None));
        assert_eq!(shown(&store(), &with), (false, true, false));
        assert_eq!(
            shown(&CookieStore { encrypts_refresh_tokens: false, ..store() }, &with),
            (true, true, true)
        );
        assert_eq!(shown(&store(), &without), (false, false, false));
        assert_eq!(shown(&CookieStore { limits_sessions: true, ..store() }, &without), (false, false, true));
        assert!(!store().fits_record(&begin(Some(&"x".repeat(MAX_RECORD_BYTES))), UnixSeconds(0)));
    }

    fn with_cookies<T>(
        store: &CookieStore,
        cookies: &[(&str, &str)],
        look: impl FnOnce(SentCookies<'_>) -> T,
    ) -> T {
        let header: Vec<_> =
            cookies.iter().map(|(name, value)| format!("__Host-Http-{name}={value}")).collect();
        let rocket = rocket::local::blocking::Client::debug(rocket::build()).unwrap();
        let request = rocket.get("/").header(rocket::http::Header::new("Cookie", header.join("; ")));
        let cookies = RequestCookies::parse(request.inner(), |_| true, |name| store.codec.is_name(name));
        look(cookies.of(request.inner()))
    }

    /// K5: the longest value is whole in eight cookies that browsers keep, and one byte more is in none.
    #[test]
    fn eight_cookies_are_filled_to_the_last_byte() {
        let store = store();
        let write = |value: &str| {
            with_cookies(&store, &[("cognito_access_token", "x")], |sent| {
                store.codec.write(sent, ACCESS, value, Some(60))
            })
        };
        let fits = |bytes: &usize| store.codec.fits(ACCESS, *bytes);
        let most = (1..100_000).take_while(fits).last().unwrap();
        let value = "v".repeat(most);
        let cookies = write(&value).expect("it fits");
        assert_eq!(cookies.len(), 8);
        let whole = cookies[1].value().len();
        assert!(cookies[1..].iter().all(|cookie| cookie.value().len() == whole), "the last one is full");
        for cookie in &cookies {
            assert!((3_990..=MAX_COOKIE_BYTES).contains(&(cookie.name().len() + cookie.value().len())));
        }
        let sent: Vec<_> = cookies
            .iter()
            .map(|cookie| (cookie.name().strip_prefix("__Host-Http-").unwrap(), cookie.value()))
            .collect();
        let read = with_cookies(&store, &sent, |sent| store.access_token(sent).map(Cow::into_owned));
        assert_eq!(read.as_deref(), Some(&*value));
        assert!(write(&(value + "v")).is_none());
    }

    /// Sealed by the release before sessions had an owner.
    #[test]
    fn recorded_session_cookies_still_open() {
        const REFRESH: &str = "gAAAAABrSdIAqqJxS6SAwJXt6CY-f5pZ-8aQRbp6M58yfRRe36vrVWk9dslfTGVSVQJhwlv92jPgt557LGUdyP9UB8\
            xohpWRBf2RcfO2qz0VSJ8QOilaJB1hHY7kkFzO0JASaSMbNrNjyw9zcbGoJ2gWL-CKA8iBzzDrZlfwyNKS6gNO9R3J\
            Gk0d1y4nnmcIo3GM9C5ZicDIB-U08IjyLX5dQrlj28a88ja5ySi896MedRpVapYUERPNtcC1rpjHx4HHiBNaNLW5EZ\
            eYUppeZ8vFKGc7MSn3YDAt3i0moWumDFUKChe2NCKFyIP0Hena4zZ1D6qm9d8CMVlCO1yunee8fOIZaqxXfg19DX08\
            Jd6lnVpcje--hdWYZhOr32cqRjPtvkhxJAUFhl6wGQgS7zeeOKUuCkWC9PD6Cbnwy7wKNhqrhIGj2gU09E5kmvopia\
            UlKzBck4C8RY8kJy0gJjcmfA5V8oAXFqQ32HeH-u_jDHLVB9wHeEmzUVu01OKdj6m9Uy7hOUwI6jO4Iifzolg_EZb-\
            N8qo_g==";
        const BESIDE: &str = "gAAAAABrSdIAmLLfDIoK-Ucs9EQwBaXZwySG1OCGmS3d_Aeyod-fx-li9vFHWZDUYsGyE2oLVnlQ1xG8QENpqQQpe2\
            8eS_D5VOZcH41tTJGBsGy-Sm9tGRxDlhxMmsoqfzgMwckqfipqKZ3K-kzyzc92a5iYRXe01qA5oH3TvzJNIyeMpPaI\
            fsLi-OQk8absb6TRzx31c2pdTSSRJRcJBL0WkkA-3xo0PyQPBHoI4OgqYrLABqLyjt8cQL504v-5VL6VK8CoYjYSUz\
            03kPdRWWYJIrT5KF8kIS-jQ46ctpCYt_p9itGfo86S5WlV7PDO1tMW9xaq9Xq4bGRHLCNVHg-MLqC_SLD2ZyNe8jVC\
            dA95WMG1-LgJNdNvosBLC4FzHhzx3hh_cKWQHLrGjOdXmiys_UVssGSNyhfOhreuGDvPuSfTPnhWtJvVIASudxEqHX\
            AOIRiy3UVbnsIGoLDsniKIEOOp56rVtbG98N8hAn2EhOHsYLiZhVLX7yp8ujllMfuHOct7yhaex81WjiOy0hUiDl04\
            VztfYZSi_gJ_fd_5OVVuKKIsdnnCYXn3utNEYqWyyOx0Er8Q";
        const ALONE: &str = "gAAAAABrSdIARvsIIsPJCbw3nYrLEaIpc3LCFxfl7NEsHa4R89mBFVrFw9UiFtFSRBQ5Z3-guyV5cJjmwmgs1gRu1T\
            qAl02lahxnAjAB3yibUxDK4ulTX9-1mL9jZhcl2XKTEAjQld4dZCZlOYsCSVBSCwDFOikrYO0DX_C2xaBUTblrB-d_\
            WJMBn8omx50yhi2chftdyEuiMpXoZywncqAZ-7PIRpuK551IHaPPut8EpDr9DpIqdee5SM-pbLeakkxOn15NoFItN2\
            nU_EJCFWBeD_eBKHVq-RMSt2zoGgzA2mtTTCe0J2N7aProRINTsVtau4jw-PGHCR_gmaoRjyszufleA5cK7N57k22X\
            0sTRI5V3qrMkF6Q3YDfk2T_wiZwpT3DLn59aAMr6dDeHoCK7rv4_gXvRe6dwcNCYvyuz8ap-593WJen7iEfzum7yat\
            EsiEEJifiWCtZ1hjM9s1MDTULs3yHDEhUEF3ztG8TXzOqPWsmTdP60bk6-0OOtG6kvpKxQJq9AJh2NaMXXbuPY7t4X\
            5iCj_Q==";
        const NOW: UnixSeconds = UnixSeconds(1_800_086_400);
        let keys = [Secret::new("recorded: a key of thirty-two bytes")];
        let store = CookieStore {
            with_token: Sealer::new(&keys, "refresh").unwrap(),
            without_token: Sealer::new(&keys, "session").unwrap(),
            issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123".into(),
            ..store()
        };
        let open =
            |cookies: &[(&str, &str)]| with_cookies(&store, cookies, |sent| store.record(sent, NOW)).unwrap();
        let sealed = open(&[("cognito_refresh_token", REFRESH)]);
        let beside = open(&[("cognito_refresh_token", "a.refresh.token"), ("cognito_session", BESIDE)]);
        for record in [sealed, beside] {
            assert_eq!(record.sub, "a1b2");
            assert!(record.refresh_token().unwrap().same("a.refresh.token"));
            assert_eq!(record.session_id, "jR7K_1aJDbvEfiEgi4otfXYq8KW0GuwVJ-jcBJcTLT8");
            assert_eq!(
                (record.created_at, record.issued_at),
                (UnixSeconds(1_799_999_950), UnixSeconds(1_799_999_995))
            );
            assert_eq!((record.seen_at, record.generation), (UnixSeconds(1_800_000_000), 1));
        }
        let alone = open(&[("cognito_session", ALONE)]);
        assert_eq!(alone.session_id, "y83qGe589Ow1pM77HWdpCLGgp2VehDWo-7VtyVNpM7Y");
        assert!(alone.refresh_token().is_none());
    }
}
