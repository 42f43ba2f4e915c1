//! Who is signed in.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::claims_source::{Evidence, Id, Seen};
use crate::crypto::same;
use crate::oauth::Client;
use crate::pool::{ClientError, UserInfo};
use crate::token::{Claims, Groups, Profile, Stub, TokenUse, VerifiedToken};

/// A user whom Cognito vouches for: the guard that asks for a sign-in, and what all other guards hand out.
///
/// It comes from the session cookie or from an `Authorization: Bearer` header, and from nowhere else:
/// there is no public constructor. Cloning is cheap. With the setting `disabled` it is a stub, whatever the
/// request carries, and no guard refuses it.
///
/// # As a guard
/// - **Succeeds** when the request carries a valid credential.
/// - **Fails with 400** when it has several `Authorization` headers.
/// - **Fails with 401** when it carries none, or one that is expired, forged or meant for another
///   client or pool. A bearer header counts alone; there is no fall-back to the cookie.
/// - **Fails with 403** when an unsafe method or a WebSocket comes with a session cookie and without
///   proof of the same origin; and for machines (`person_required`).
/// - **Fails with 503** when the pool's public keys are not there, or when the session has expired and the pool cannot
///   renew it at the moment.
///
/// The claims are those of Cognito's tokens: see its developer guide, "Understanding the identity (ID)
/// token" and "Understanding the access token", and OpenID Connect Core section 5.1. Profile claims stand
/// in the ID token alone: they are `None` for a bearer access token, and when a session's ID token is
/// missing, expired or another person's. It is verified when one of them is first asked for: ask before a user goes on
/// into a WebSocket or a task that may outlive the pool's keys.
///
/// `&CognitoUser` works as well. `Option<CognitoUser>` is `None` on any refusal;
/// `Result<CognitoUser, Denial>` tells them apart.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::CognitoUser;
///
/// #[get("/me")]
/// fn me(user: CognitoUser) -> String {
///     format!("Hello, {}", user.username())
/// }
/// ```
#[derive(Clone)]
pub struct CognitoUser {
    /// The token that was judged: the access token, or a bearer ID token.
    credential: Evidence,
    id: Option<Id>,
    source: CredentialSource,
    /// Of the pool's endpoints, where they are known.
    client: Option<Arc<Client>>,
    /// Where it is supposed that the user signs in, instead of `auth_time`.
    supposed_sign_in: Option<SystemTime>,
}

/// Where the credential came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialSource {
    /// The session cookie of a browser that signed in.
    Session,
    /// An `Authorization: Bearer` header.
    Bearer,
    /// There is none: the setting `disabled` lets every request pass as the stub user that `disabled_user`
    /// describes.
    Disabled,
}

impl CognitoUser {
    /// Of tokens that the pool has just issued.
    pub(crate) fn signed_in(
        access: Arc<VerifiedToken>,
        id: Option<Arc<VerifiedToken>>,
        client: Arc<Client>,
    ) -> Self {
        let id = id.filter(|id| id.check_belongs_to(&access).is_ok()).map(Id::known);
        let credential = Evidence::Token(access);
        CognitoUser {
            credential,
            id,
            source: CredentialSource::Session,
            client: Some(client),
            supposed_sign_in: None,
        }
    }

    /// Of the cookies that a browser sent.
    pub(crate) fn from_session(
        access: Arc<VerifiedToken>,
        id: Option<Id>,
        client: Option<Arc<Client>>,
    ) -> Self {
        CognitoUser {
            credential: Evidence::Token(access),
            id,
            source: CredentialSource::Session,
            client,
            supposed_sign_in: None,
        }
    }

    pub(crate) fn from_bearer(token: Arc<VerifiedToken>, client: Option<Arc<Client>>) -> Self {
        CognitoUser {
            credential: Evidence::Token(token),
            id: None,
            source: CredentialSource::Bearer,
            client,
            supposed_sign_in: None,
        }
    }

    /// The stub user of disabled mode.
    pub(crate) fn stub(access: Stub, id: Stub) -> Self {
        let id = Some(Id::Known(Evidence::Stub(Arc::new(id))));
        CognitoUser {
            credential: Evidence::Stub(Arc::new(access)),
            id,
            source: CredentialSource::Disabled,
            client: None,
            supposed_sign_in: None,
        }
    }

    /// The same user, had they signed in at `now`; `None` where the pool does not tell the time of sign-ins.
    pub(crate) fn signed_in_at(&self, now: SystemTime) -> Option<Self> {
        self.authenticated_at()?;
        Some(CognitoUser { supposed_sign_in: Some(now), ..self.clone() })
    }

    /// Whether both come from the same tokens, and so have the same claims.
    pub(crate) fn is_same(&self, other: &CognitoUser) -> bool {
        self.sub() == other.sub()
            && self.credential.seen().jwt() == other.credential.seen().jwt()
            && self.id.as_ref().map(Id::text) == other.id.as_ref().map(Id::text)
    }

    fn claims(&self) -> &Claims {
        &self.credential.seen().statement().claims
    }

    fn is_id_token(&self) -> bool {
        self.claims().token_use == TokenUse::Id
    }

    fn id(&self) -> Option<Seen<'_>> {
        if self.is_id_token() { Some(self.credential.seen()) } else { self.id.as_ref()?.seen() }
    }

    fn access(&self) -> Option<Seen<'_>> {
        (!self.is_id_token()).then(|| self.credential.seen())
    }

    /// The claims of the access token.
    fn access_token_claims(&self) -> Option<&Claims> {
        self.access().map(|access| &access.statement().claims)
    }

    /// The attributes in the ID token.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.id().map(|id| &id.statement().profile)
    }

    /// The user's unique and lasting id in the pool: the one to store in a database.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.claims().sub
    }

    /// The user name. In pools that sign in by e-mail it is a UUID; tokens of machines have none,
    /// for them it is [`sub`](Self::sub).
    #[must_use]
    pub fn username(&self) -> &str {
        self.claims().username().unwrap_or(self.sub())
    }

    /// The app client that the credential was issued to: `client_id` of an access token, `aud` of an ID token.
    #[must_use]
    pub fn client_id(&self) -> &str {
        let claims = self.claims();
        claims.client_id.as_deref().or(claims.aud.as_deref()).unwrap_or_default()
    }

    /// The resource that the access token is bound to (RFC 8707), which is one of the setting `accepted_audiences`;
    /// `None` for one that is not bound. A [policy](crate::policy::Policy) may ask for it.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        let claims = self.access_token_claims()?;
        // A trigger may have added the client itself.
        claims.aud.as_deref().filter(|aud| claims.client_id.as_deref() != Some(*aud))
    }

    /// Whether this is a machine: an app client that got its token for itself, by client credentials. As a guard
    /// `CognitoUser` refuses these; [`Machine`](crate::Machine) and [`Caller`](crate::Caller) take them.
    #[must_use]
    pub fn is_machine(&self) -> bool {
        self.claims().is_of_machine()
    }

    /// Asks the pool for the user's attributes as they are now, with the access token. The answer has to be about the
    /// same [`sub`](Self::sub).
    ///
    /// # Errors
    /// - [`is_invalid_grant`](ClientError::is_invalid_grant) where the token has been revoked, or lacks the scope
    ///   `openid`.
    /// - [`is_invalid_token`](ClientError::is_invalid_token) when the answer is about somebody else.
    /// - [`is_misconfigured`](ClientError::is_misconfigured) without the setting `domain`, and for a credential that is
    ///   an ID
    ///   token, a machine's, or the stub user of `disabled`.
    /// - [`is_unavailable`](ClientError::is_unavailable) when the pool is down, slow or throttling.
    ///
    /// # Example
    /// ```rust
    /// use rocket::get;
    /// use rocket::http::Status;
    /// use rocket_cognito::CognitoUser;
    ///
    /// #[get("/phone")]
    /// async fn phone(user: CognitoUser) -> Result<String, Status> {
    ///     let info = user.fetch_user_info().await.map_err(|_| Status::ServiceUnavailable)?;
    ///     Ok(info.phone_number().unwrap_or("none").to_owned())
    /// }
    /// ```
    pub async fn fetch_user_info(&self) -> Result<UserInfo, ClientError> {
        let nobody =
            |reason: &str| ClientError::misconfigured(reason, "ask with the access token of a person");
        if self.is_machine() {
            return Err(nobody("a machine has no attributes"));
        }
        let access_token = self.access_token().ok_or_else(|| nobody("there is no access token"))?;
        let client = self.client.as_ref();
        let client = client.ok_or_else(|| ClientError::misconfigured("`domain` is not set", "set it"))?;
        UserInfo::fetch(client, access_token, self.sub()).await
    }

    /// Whether this is disabled mode's, whom every guard lets pass.
    pub(crate) fn is_stub(&self) -> bool {
        self.source == CredentialSource::Disabled
    }

    /// Whether the ID token has this nonce.
    pub(crate) fn has_nonce(&self, nonce: &str) -> bool {
        let claim = self.id().and_then(|id| id.statement().claims.nonce.as_deref());
        claim.is_some_and(|claim| same(claim, nonce))
    }

    /// The groups, by precedence; empty when the user is in none, and when the claim is malformed: let a
    /// guard decide who may enter.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        match &self.claims().groups {
            Groups::Listed(names) => names,
            Groups::Malformed => &[],
        }
    }

    /// `None` when the token's groups claim is not an array of strings.
    pub(crate) fn known_groups(&self) -> Option<&[String]> {
        match &self.claims().groups {
            Groups::Listed(names) => Some(names),
            Groups::Malformed => None,
        }
    }

    /// The scope claim of the access token, where it has one.
    pub(crate) fn known_scopes(&self) -> Option<&str> {
        self.access_token_claims()?.scope.as_deref()
    }

    /// The scopes granted to the access token (RFC 6749 section 3.3); empty for an ID token.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::CognitoUser;
    /// fn may_read(user: &CognitoUser) -> bool {
    ///     user.scopes().any(|scope| scope == "shop/read")
    /// }
    /// ```
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.known_scopes().into_iter().flat_map(|scope| scope.split(' '))
    }

    /// All claims of the access token as a type of your own; `None` when the credential is an ID token.
    ///
    /// # Errors
    /// When the claims do not fit `T`.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::CognitoUser;
    /// #[derive(serde::Deserialize)]
    /// struct Device {
    ///     device_key: String,
    /// }
    ///
    /// fn device(user: &CognitoUser) -> Option<String> {
    ///     user.access_claims::<Device>()?.ok().map(|claims| claims.device_key)
    /// }
    /// ```
    #[must_use]
    pub fn access_claims<T: DeserializeOwned>(&self) -> Option<serde_json::Result<T>> {
        self.access().map(|access| access.claims_as())
    }

    /// All claims of the ID token as a type of your own; `None` when there is no ID token.
    ///
    /// # Errors
    /// When the claims do not fit `T`.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::CognitoUser;
    /// #[derive(serde::Deserialize)]
    /// struct Custom {
    ///     #[serde(rename = "custom:tenant")]
    ///     tenant: String,
    /// }
    ///
    /// fn tenant(user: &CognitoUser) -> Option<String> {
    ///     user.id_claims::<Custom>()?.ok().map(|claims| claims.tenant)
    /// }
    /// ```
    #[must_use]
    pub fn id_claims<T: DeserializeOwned>(&self) -> Option<serde_json::Result<T>> {
        self.id().map(|id| id.claims_as())
    }

    /// The access token as it was sent, to call other services with (RFC 6750 section 2.1); `None` when the
    /// credential is an ID token, and for the stub user of `disabled`. A secret: never log it.
    #[must_use]
    pub fn access_token(&self) -> Option<&str> {
        self.access()?.jwt()
    }

    /// The ID token as it was sent; `None` where there is none. A secret: never log it.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.id()?.jwt()
    }

    /// When the credential expires (`exp`), without the leeway.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.claims().exp)
    }

    /// When the user last entered a password or another factor (`auth_time`, OpenID Connect Core section 2);
    /// `None` if the pool does not say.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        let claimed = || self.claims().auth_time.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        self.supposed_sign_in.or_else(claimed)
    }

    /// Where the credential came from.
    #[must_use]
    pub fn source(&self) -> CredentialSource {
        self.source
    }
}

impl AsRef<CognitoUser> for CognitoUser {
    fn as_ref(&self) -> &CognitoUser {
        self
    }
}

impl fmt::Debug for CognitoUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CognitoUser")
            .field("sub", &self.sub())
            .field("groups", &self.groups())
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

/// `sub`, `username`, `email` and `groups`, for JSON answers and templates; never a token.
impl Serialize for CognitoUser {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut user = serializer.serialize_struct("CognitoUser", 4)?;
        user.serialize_field("sub", self.sub())?;
        user.serialize_field("username", self.username())?;
        user.serialize_field("email", &self.email())?;
        user.serialize_field("groups", self.groups())?;
        user.end()
    }
}
