//! Who is signed in.

use std::sync::Arc;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use super::claims_source::{ClaimsSource, SiblingIdToken};
use super::credential::Credential;
use super::credential_source::CredentialSource;
use super::pool_call::PoolCall;
use super::supposed_sign_in::SupposedSignIn;
use crate::oauth::Endpoints;
use crate::pool::{ClientError, PoolSessions, UserInfo, text_attributes};
use crate::token::{Actor, Claims, Groups, Stub, VerifiedToken};

/// A user whom Cognito vouches for: the guard that asks for a sign-in, and what all other guards hand out.
///
/// It comes from the session cookie or from an `Authorization: Bearer` header, and from nowhere else:
/// there is no public constructor. Cloning is cheap. With the setting `disabled` it is a stub, whatever
/// credential the request carries, and guards refuse other sites' pages alone (403 `cross_site`, 421 `host_refused`).
///
/// # As a guard
/// - **Succeeds** when the request carries a valid credential.
/// - **Fails with 400** when it has several `Authorization` headers.
/// - **Fails with 401** when it carries none, or one that is expired, forged or meant for another
///   client or pool. A bearer header counts alone; there is no fall-back to the cookie.
/// - **Fails with 403** (`delegated`) for an agent that acts for the user, unless the setting `accept_delegated` is on;
///   see [`PersonOrAgent`](crate::PersonOrAgent).
/// - **Fails with 403** when an unsafe method or a WebSocket comes with a session cookie and without
///   proof that it comes from this site or `trusted_origins`; and (`person_required`) for machines, whose tokens have no
///   user name.
/// - **Fails with 503** when the pool's public keys are not there, or when the session has expired and the pool cannot
///   renew it at the moment.
///
/// Where `accepted_client_ids` is `any` and anybody may register a client at the pool, such a client has a token of whoever
/// opened a link of its maker while signed in: ask for [`Scopes`](crate::policy::Scopes) of your own too.
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
    credential: Credential,
    source: CredentialSource,
    /// The pool's endpoints, where they are known.
    endpoints: Option<Arc<Endpoints>>,
    /// What is supposed of a sign-in, instead of what the token says.
    supposed: SupposedSignIn,
}

impl CognitoUser {
    fn new(credential: Credential, source: CredentialSource, endpoints: Option<Arc<Endpoints>>) -> Self {
        CognitoUser { credential, source, endpoints, supposed: SupposedSignIn::default() }
    }

    /// The user of tokens that the pool has just issued.
    pub(crate) fn signed_in(
        access: Arc<VerifiedToken>,
        id: Option<Arc<VerifiedToken>>,
        endpoints: Arc<Endpoints>,
    ) -> Self {
        let id = id.filter(|id| id.check_belongs_to(&access).is_ok()).map(SiblingIdToken::known);
        CognitoUser::from_session(access, id, Some(endpoints))
    }

    /// The user of a browser's session.
    pub(crate) fn from_session(
        access: Arc<VerifiedToken>,
        id: Option<SiblingIdToken>,
        endpoints: Option<Arc<Endpoints>>,
    ) -> Self {
        let credential = Credential::new(ClaimsSource::Token(access), id);
        CognitoUser::new(credential, CredentialSource::Session, endpoints)
    }

    pub(crate) fn from_bearer(token: Arc<VerifiedToken>, endpoints: Option<Arc<Endpoints>>) -> Self {
        let credential = Credential::new(ClaimsSource::Token(token), None);
        CognitoUser::new(credential, CredentialSource::Bearer, endpoints)
    }

    /// The stub user of disabled mode.
    pub(crate) fn stub(access: Stub, id: Stub) -> Self {
        let id = SiblingIdToken::Known(ClaimsSource::Stub(Arc::new(id)));
        let credential = Credential::new(ClaimsSource::Stub(Arc::new(access)), Some(id));
        CognitoUser::new(credential, CredentialSource::Disabled, None)
    }

    /// This user after another sign-in. For whom an agent acts, no sign-in changes anything.
    pub(crate) fn supposing(&self, supposed: SupposedSignIn) -> Self {
        let supposed = if self.is_delegated() { SupposedSignIn::default() } else { supposed };
        CognitoUser { supposed, ..self.clone() }
    }

    /// Whether both come from the same tokens, and so have the same claims.
    pub(crate) fn is_same(&self, other: &CognitoUser) -> bool {
        self.sub() == other.sub() && self.credential.is_same(&other.credential)
    }

    fn claims(&self) -> &Claims {
        self.credential.claims()
    }

    /// The user's unique and lasting id in the pool: the one to store in a database.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.claims().sub
    }

    /// The sign-in that the credential comes from, where Cognito names it.
    pub(crate) fn origin_jti(&self) -> Option<&str> {
        self.claims().origin_jti.as_deref()
    }

    /// The user name: `username` of an access token, `cognito:username` of an ID token. In pools that sign in by e-mail it
    /// is a UUID. Tokens of machines have none; for them this returns [`sub`](Self::sub).
    #[must_use]
    pub fn username(&self) -> &str {
        self.claims().username().unwrap_or(self.sub())
    }

    /// The app client that the credential was issued to: `client_id` of an access token, `aud` of an ID token. See also
    /// [whose tokens count](crate::BearerOnly#whose-tokens-count).
    #[must_use]
    pub fn client_id(&self) -> &str {
        let claims = self.claims();
        claims.client_id.as_deref().or(claims.aud.as_deref()).unwrap_or_default()
    }

    /// The resource that the access token is bound to (RFC 8707): the setting `resource`, or one of `accepted_audiences`;
    /// `None` for one that is not bound. A [policy](crate::policy::Policy) may ask for it.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        self.credential.audience()
    }

    /// Whether this is a machine: an app client that got its token for itself, by client credentials. As a guard
    /// `CognitoUser` refuses these; [`Machine`](crate::Machine) and [`Caller`](crate::Caller) take them.
    #[must_use]
    pub fn is_machine(&self) -> bool {
        self.claims().is_of_machine()
    }

    /// Whether the token has a user name, and so is a person's. Guards for people refuse all others (403
    /// `person_required`). A machine's token that a service has exchanged is neither a person's nor a
    /// [machine's](Self::is_machine): [`sub`](Self::sub) is the machine, and [`client_id`](Self::client_id) the service.
    #[must_use]
    pub fn is_person(&self) -> bool {
        self.is_stub() || self.claims().is_of_person()
    }

    /// Who acts for this user: an agent or a service with a delegated token (RFC 8693 section 4.1). `None` for the user
    /// themselves. Guards for people refuse such tokens (403 `delegated`) unless the setting `accept_delegated` is on;
    /// [`PersonOrAgent`](crate::PersonOrAgent) takes them. It is for the log, beside [`sub`](Self::sub).
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.claims().act.as_ref()
    }

    /// Whether somebody else acts for this user; in disabled mode nobody does.
    pub(crate) fn is_delegated(&self) -> bool {
        self.actor().is_some() && !self.is_stub()
    }

    /// Asks the pool for the user's attributes as they are now, with the access token. The answer has to be about the
    /// same [`sub`](Self::sub).
    ///
    /// # Errors
    /// - [`is_invalid_grant`](ClientError::is_invalid_grant) where the token has been revoked, or lacks the scope
    ///   `openid`.
    /// - [`is_invalid_token`](ClientError::is_invalid_token) when the answer is about somebody else.
    /// - [`is_misconfigured`](ClientError::is_misconfigured) without the setting `domain`, and for a credential that is
    ///   an ID token, a machine's, or the stub user of `disabled`.
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
        let PoolCall { access_token, endpoints } = self.pool_call()?;
        UserInfo::fetch(endpoints, access_token, self.sub()).await
    }

    /// The sessions of this person at the pool, to list and to end: see [`PoolSessions`]. This calls nobody yet.
    ///
    /// # Errors
    /// [`is_misconfigured`](ClientError::is_misconfigured) without an access token of a person (an ID token, a machine,
    /// disabled mode), without `domain`, and for an access token without the scope `aws.cognito.signin.user.admin`,
    /// which the setting `scopes` asks for.
    pub fn pool_sessions(&self) -> Result<PoolSessions<'_>, ClientError> {
        let PoolCall { access_token, endpoints } = self.pool_call()?.with_scope(self.known_scopes())?;
        Ok(PoolSessions::new(endpoints, access_token))
    }

    fn pool_call(&self) -> Result<PoolCall<'_>, ClientError> {
        PoolCall::new(self.access_token().filter(|_| self.is_person()), self.endpoints.as_ref())
    }

    /// Whether this is disabled mode's, whom every guard lets pass.
    pub(crate) fn is_stub(&self) -> bool {
        self.source == CredentialSource::Disabled
    }

    /// Whether the ID token has this nonce.
    pub(crate) fn has_nonce(&self, nonce: &str) -> bool {
        self.credential.has_nonce(nonce)
    }

    /// `email`. Trust it as an address only when [`email_verified`](Self::email_verified); identify
    /// people by [`sub`](Self::sub).
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.credential.profile()?.email.as_deref()
    }

    /// `email_verified`.
    #[must_use]
    pub fn email_verified(&self) -> Option<bool> {
        self.credential.profile()?.email_verified
    }

    /// `name`. It may be missing: `user.name().or(user.email()).unwrap_or(user.username())` always has something to show.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.credential.profile()?.name.as_deref()
    }

    text_attributes! { (self) self.credential.profile()? => picture phone_number given_name family_name locale }

    /// The groups, by precedence; empty when the user is in none, and when the claim is malformed: let a
    /// guard decide who may enter.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        self.known_groups().unwrap_or_default()
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
        self.credential.access_claims()?.scope.as_deref()
    }

    /// The scopes granted to the access token (RFC 6749 section 3.3); empty for an ID token. The guard is
    /// [`Scopes`](crate::policy::Scopes).
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
        self.credential.access().map(|access| access.claims_as())
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
        self.credential.id().map(|id| id.claims_as())
    }

    /// The access token as it was sent, to call other services with (RFC 6750 section 2.1); `None` when the
    /// credential is an ID token, and for the stub user of `disabled`. A secret: never log it.
    #[must_use]
    pub fn access_token(&self) -> Option<&str> {
        self.credential.access()?.jwt()
    }

    /// The ID token as it was sent; `None` where there is none. A secret: never log it.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.credential.id()?.jwt()
    }

    /// When the credential expires (`exp`), without the leeway.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.claims().exp.into()
    }

    /// When the user last entered a password or another factor (`auth_time`, OpenID Connect Core section 2);
    /// `None` if the pool does not say, and for an agent ([`actor`](Self::actor)), who has not signed in.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.supposed.at.or_else(|| self.sign_in_claims()?.auth_time.map(SystemTime::from))
    }

    /// The level of the sign-in, by the pool's name for it (`acr`), such as `urn:cognito:loa:3`; `None` where the pool
    /// does not say, and for an agent ([`actor`](Self::actor)). Compare [`level`](Self::level), and not the text.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.sign_in_claims()?.acr.as_deref()
    }

    /// The level of the sign-in, 1 to 4; `None` where the pool does not say, for a name that neither Cognito nor
    /// `level_names` has, and for an agent ([`actor`](Self::actor)). The guard is [`Level`](crate::policy::Level).
    #[must_use]
    pub fn level(&self) -> Option<u8> {
        self.supposed.level.or_else(|| self.credential.level().filter(|_| !self.is_delegated()))
    }

    /// The methods of the sign-in (`amr`), in no particular order, such as `pwd` and `otp`; empty where the pool does not
    /// say, and for an agent ([`actor`](Self::actor)). The guard is [`AnyMethod`](crate::policy::AnyMethod).
    #[must_use]
    pub fn amr(&self) -> &[String] {
        self.known_methods().unwrap_or_default()
    }

    /// `None` when the token's `amr` is absent, or no array of strings, and for whom an agent acts.
    pub(crate) fn known_methods(&self) -> Option<&[String]> {
        self.supposed.methods().or_else(|| self.sign_in_claims()?.amr.as_deref())
    }

    /// What says how the user signed in; `None` for whom an agent acts.
    fn sign_in_claims(&self) -> Option<&Claims> {
        Some(self.claims()).filter(|_| !self.is_delegated())
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
