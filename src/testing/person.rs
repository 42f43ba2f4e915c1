//! A person as a test makes them up.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::app_facts::AppFacts;
use super::claims::{LIFETIME_SECONDS, add_claim};
use super::keys::keys;
use super::misuse::misuse;
use super::pool_handle::PoolHandle;
use super::session::Session;
use super::subject::Subject;
use crate::clock::UnixSeconds;
use crate::token::{MintedTokens, PersonClaims, subject};

/// Somebody in the pool of a test: what [`TestPool::person`](super::TestPool::person) returns.
///
/// They are in no group, and have the address `<name>@example.com`, verified. Their tokens have the claims of Cognito's
/// tokens and pass the same checks. Cloning is cheap enough to derive one person from another.
///
/// # Example
/// ```rust
/// use rocket_cognito::testing::TestPool;
///
/// let pool = TestPool::new();
/// let alice = pool.person("alice").group("staff").access_claim("tenant", "acme");
/// let suspended = alice.clone().group("suspended");
/// assert_eq!(alice.sub(), suspended.sub());
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Person {
    pool: PoolHandle,
    name: String,
    sub: String,
    /// Whether it was chosen, and does not follow from the username.
    has_own_sub: bool,
    groups: Vec<String>,
    /// Instead of those of the app's settings.
    scopes: Option<Vec<String>>,
    more_scopes: Vec<String>,
    attributes: Map<String, Value>,
    access_claims: Map<String, Value>,
    id_claims: Map<String, Value>,
    client_id: Option<String>,
    audience: Option<String>,
    provider: Option<String>,
    level: Map<String, Value>,
    signed_in_ago: Duration,
    is_expired: bool,
}

impl Person {
    pub(super) fn new(pool: PoolHandle, name: String) -> Self {
        let mut attributes = Map::new();
        attributes.insert("email".into(), format!("{name}@example.com").into());
        attributes.insert("email_verified".into(), true.into());
        Person {
            sub: subject("TestPool", &name),
            has_own_sub: false,
            pool,
            name,
            groups: Vec::new(),
            scopes: None,
            more_scopes: Vec::new(),
            attributes,
            access_claims: Map::new(),
            id_claims: Map::new(),
            client_id: None,
            audience: None,
            provider: None,
            level: Map::new(),
            signed_in_ago: Duration::ZERO,
            is_expired: false,
        }
    }

    /// The person's `sub`: the same for each person of this username, unless [`with_sub`](Self::with_sub) says otherwise.
    /// For what a test puts into a database.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// The name by which the pool knows the person: that of [`TestPool::person`](super::TestPool::person), or
    /// `<provider>_<name>` where [`federated`](Self::federated) says so.
    #[must_use]
    pub fn username(&self) -> String {
        match &self.provider {
            Some(provider) => format!("{provider}_{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Replaces the `sub`.
    pub fn with_sub(mut self, sub: impl Into<String>) -> Self {
        (self.sub, self.has_own_sub) = (sub.into(), true);
        self
    }

    /// Puts the person into a group.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Puts the person into several groups.
    pub fn groups<G>(mut self, groups: G) -> Self
    where
        G: IntoIterator<Item: Into<String>>,
    {
        self.groups.extend(groups.into_iter().map(Into::into));
        self
    }

    /// Grants a scope beside those that a sign-in at the app has: its setting `scopes`, or Cognito's own five.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.more_scopes.push(scope.into());
        self
    }

    /// Grants these scopes and no others. Without `openid` there is no ID token, and so no profile claims; which of these
    /// there are otherwise follows from `email`, `phone` and `profile`, as at Cognito.
    pub fn scopes<S>(mut self, scopes: S) -> Self
    where
        S: IntoIterator<Item: Into<String>>,
    {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self.more_scopes.clear();
        self
    }

    /// Replaces the e-mail address, which stays verified.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.attributes.insert("email".into(), email.into().into());
        self
    }

    /// Sets an attribute that the ID token shows, such as `name`, `custom:team` or `email_verified`.
    ///
    /// # Panics
    /// When it is no attribute, such as `sub`, or the value is no JSON; the text says what to use instead.
    #[track_caller]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        add_claim(&mut self.attributes, name.into(), value);
        self
    }

    /// Adds a claim to the access token, as a pre token generation trigger does.
    ///
    /// # Panics
    /// When no trigger may set this claim, such as `sub`, or the value is no JSON; the text says what to use instead.
    #[track_caller]
    pub fn access_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        add_claim(&mut self.access_claims, name.into(), value);
        self
    }

    /// Adds a claim to the ID token, as a pre token generation trigger does.
    ///
    /// # Panics
    /// When no trigger may set this claim, such as `sub`, or the value is no JSON; the text says what to use instead.
    #[track_caller]
    pub fn id_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        add_claim(&mut self.id_claims, name.into(), value);
        self
    }

    /// Lets the tokens be those of another app client than the app's own.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Binds the access token to a resource (`aud`), which the app accepts where it is one of `accepted_audiences`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Lets the person have entered a password so long ago (`auth_time`); the tokens are of this moment, as after a
    /// refresh. For [`Fresh`](crate::policy::Fresh).
    pub fn signed_in_ago(mut self, ago: Duration) -> Self {
        self.signed_in_ago = ago;
        self
    }

    /// Lets the tokens be those of a sign-in two hours ago, expired for an hour, in a browser that has them still.
    pub fn expired(mut self) -> Self {
        self.is_expired = true;
        self
    }

    /// Lets the person come from an external identity provider, such as `Google`: the username is then
    /// `<provider>_<name>`, the ID token has the claim `identities`, and the person is in the group that Cognito makes for
    /// the provider, `<pool id>_<provider>`.
    pub fn federated(mut self, provider: impl Into<String>) -> Self {
        self.provider = Some(provider.into());
        if !self.has_own_sub {
            self.sub = subject("TestPool", &self.username());
        }
        self
    }

    /// Lets the sign-in have reached this level of assurance (`acr`), such as `urn:cognito:loa:4`, by these factors
    /// (`amr`), such as `pwd` and `otp`.
    ///
    /// Source: Cognito's developer guide, "Step-up authentication".
    pub fn level<F>(mut self, acr: impl Into<String>, amr: F) -> Self
    where
        F: IntoIterator<Item: Into<String>>,
    {
        let amr: Vec<String> = amr.into_iter().map(Into::into).collect();
        self.level.insert("acr".into(), acr.into().into());
        self.level.insert("amr".into(), amr.into());
        self
    }

    /// Signs the person in at this moment, in a browser of its own: for several requests of one session. The browser
    /// keeps what answers do to the session's cookies, and drops them when they are too old by the pool's clock.
    pub fn session(&self) -> Session {
        let at = self.signs_in_at(self.pool.clock.now());
        Session::new(self.pool.clone(), Arc::new(self.clone()), at)
    }

    pub(super) fn pool(&self) -> &PoolHandle {
        &self.pool
    }

    /// When a sign-in at this moment, `now`, is completed: two hours ago for expired tokens.
    pub(super) fn signs_in_at(&self, now: UnixSeconds) -> UnixSeconds {
        now.minus(if self.is_expired { 2 * LIFETIME_SECONDS } else { 0 })
    }

    /// The claim that a person from an external identity provider has, all of it text.
    fn identities(&self, at: UnixSeconds) -> Map<String, Value> {
        let identity = self.provider.as_ref().map(|provider| {
            let kind = match provider.as_str() {
                own @ ("Google" | "Facebook" | "LoginWithAmazon" | "SignInWithApple") => own,
                _ => "OIDC",
            };
            json!([{
                "dateCreated": format!("{}000", at.0),
                "userId": self.name,
                "providerName": provider,
                "providerType": kind,
                "issuer": null,
                "primary": "true",
            }])
        });
        identity.into_iter().map(|identity| ("identities".to_owned(), identity)).collect()
    }
}

impl Subject for Person {
    fn username(&self) -> String {
        self.username()
    }

    fn tokens(
        &self,
        app: &AppFacts,
        origin_jti: &str,
        signed_in_at: UnixSeconds,
        issued_at: UnixSeconds,
    ) -> MintedTokens {
        let mut scopes = self.scopes.clone().unwrap_or_else(|| app.scopes.clone());
        scopes.extend(self.more_scopes.iter().cloned());
        let mut groups = self.groups.clone();
        groups.extend(self.provider.iter().map(|provider| format!("{}_{provider}", app.user_pool_id)));
        let claims = PersonClaims {
            issuer: &app.issuer,
            client_id: self.client_id.as_deref().unwrap_or(&app.client_id),
            sub: &self.sub,
            username: &self.username(),
            groups: &groups,
            scopes: &scopes,
            attributes: &self.attributes,
            resource: self.audience.as_deref(),
            nonce: None,
            origin_jti,
            auth_time: signed_in_at.minus(self.signed_in_ago.as_secs()),
            issued_at,
            access_seconds: LIFETIME_SECONDS,
            id_seconds: LIFETIME_SECONDS,
            more_access: merged([&self.access_claims, &self.level]),
            more_id: merged([&self.id_claims, &self.level, &self.identities(signed_in_at)]),
        };
        claims.sign(keys()).unwrap_or_else(|| misuse("the test pool could not sign a token"))
    }

    fn is_expired(&self) -> bool {
        self.is_expired
    }
}

fn merged<const N: usize>(parts: [&Map<String, Value>; N]) -> Map<String, Value> {
    parts.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}
