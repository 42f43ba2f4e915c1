//! A person as a test makes them up.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::claims::{LIFETIME_SECONDS, add_claim};
use super::person_facts::{PersonFacts, subject_of};
use super::pool_handle::PoolHandle;
use super::session::Session;
use crate::clock::UnixSeconds;

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
    facts: PersonFacts,
}

impl Person {
    pub(super) fn new(pool: PoolHandle, name: String) -> Self {
        Person { pool, facts: PersonFacts::new(name) }
    }

    /// The person's `sub`: the same for each person of this username, unless [`with_sub`](Self::with_sub) says otherwise.
    /// For what a test puts into a database.
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.facts.sub
    }

    /// The name by which the pool knows the person: that of [`TestPool::person`](super::TestPool::person), or
    /// `<provider>_<name>` where [`federated`](Self::federated) says so.
    #[must_use]
    pub fn username(&self) -> String {
        self.facts.username()
    }

    /// Replaces the `sub`.
    pub fn with_sub(mut self, sub: impl Into<String>) -> Self {
        (self.facts.sub, self.facts.has_own_sub) = (sub.into(), true);
        self
    }

    /// Puts the person into a group.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.facts.groups.push(group.into());
        self
    }

    /// Puts the person into several groups.
    pub fn groups<G>(mut self, groups: G) -> Self
    where
        G: IntoIterator<Item: Into<String>>,
    {
        self.facts.groups.extend(groups.into_iter().map(Into::into));
        self
    }

    /// Grants a scope beside those that a sign-in at the app has: its setting `scopes`, or Cognito's own five.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.facts.more_scopes.push(scope.into());
        self
    }

    /// Grants these scopes and no others. Without `openid` there is no ID token, and so no profile claims; which of these
    /// there are otherwise follows from `email`, `phone` and `profile`, as at Cognito.
    pub fn scopes<S>(mut self, scopes: S) -> Self
    where
        S: IntoIterator<Item: Into<String>>,
    {
        self.facts.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self.facts.more_scopes.clear();
        self
    }

    /// Replaces the e-mail address, and leaves it as verified as it was.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.facts.attributes.insert("email".into(), email.into().into());
        self
    }

    /// Sets an attribute that the ID token shows, such as `name`, `custom:team` or `email_verified`.
    ///
    /// # Panics
    /// When it is no attribute, such as `sub`, or the value is no JSON; the text says what to use instead.
    #[track_caller]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        add_claim(&mut self.facts.attributes, name.into(), value);
        self
    }

    /// Adds a claim to the access token, as a pre token generation trigger does.
    ///
    /// # Panics
    /// When no trigger may set this claim, such as `sub`, or the value is no JSON; the text says what to use instead.
    #[track_caller]
    pub fn access_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        add_claim(&mut self.facts.access_claims, name.into(), value);
        self
    }

    /// Adds a claim to the ID token, as a pre token generation trigger does.
    ///
    /// # Panics
    /// When no trigger may set this claim, such as `sub`, or the value is no JSON; the text says what to use instead.
    #[track_caller]
    pub fn id_claim(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        add_claim(&mut self.facts.id_claims, name.into(), value);
        self
    }

    /// Lets the tokens be those of another app client than the app's own.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.facts.client_id = Some(client_id.into());
        self
    }

    /// Binds the access token to a resource (`aud`), which the app accepts where it is its setting
    /// `resource` or one of `accepted_audiences`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.facts.audience = Some(audience.into());
        self
    }

    /// Lets the person have entered a password so long ago (`auth_time`); the tokens are of this moment, as after a
    /// refresh. For [`Fresh`](crate::policy::Fresh).
    pub fn signed_in_ago(mut self, ago: Duration) -> Self {
        self.facts.signed_in_ago = ago;
        self
    }

    /// Lets the tokens be those of a sign-in two hours ago, expired for an hour, in a browser that has them still.
    pub fn expired(mut self) -> Self {
        self.facts.is_expired = true;
        self
    }

    /// Lets the person come from an external identity provider, such as `Google`: the username is then
    /// `<provider>_<name>`, the ID token has the claim `identities`, and the person is in the group that Cognito makes for
    /// the provider, `<pool id>_<provider>`. Their address and number are not verified, unless
    /// [`attribute`](Self::attribute) says so.
    pub fn federated(mut self, provider: impl Into<String>) -> Self {
        self.facts.provider = Some(provider.into());
        if !self.facts.has_own_sub {
            self.facts.sub = subject_of(&self.username());
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
        self.facts.level.insert("acr".into(), acr.into().into());
        self.facts.level.insert("amr".into(), amr.into());
        self
    }

    /// Lets an agent act for the person: the token has the claim `act` with this `sub` (RFC 8693 section 4.1). Guards for
    /// people refuse it with 403 `delegated`; [`PersonOrAgent`](crate::PersonOrAgent) takes it. It is a bearer token: an
    /// agent has no session.
    pub fn acted_for_by(mut self, agent: impl Into<String>) -> Self {
        self.facts.level.insert("act".into(), serde_json::json!({ "sub": agent.into() }));
        self
    }

    /// Signs the person in at this moment, in a browser of its own: for several requests of one session. The browser
    /// keeps what answers do to the session's cookies, and drops them when they are too old by the pool's clock.
    pub fn session(&self) -> Session {
        let at = self.signs_in_at(self.pool.clock.now());
        Session::new(self.pool.clone(), Arc::new(self.facts.clone()), at)
    }

    pub(super) fn pool(&self) -> &PoolHandle {
        &self.pool
    }

    pub(super) fn facts(&self) -> &PersonFacts {
        &self.facts
    }

    /// When a sign-in at this moment, `now`, is completed: two hours ago for expired tokens.
    pub(super) fn signs_in_at(&self, now: UnixSeconds) -> UnixSeconds {
        now.minus(if self.facts.is_expired { 2 * LIFETIME_SECONDS } else { 0 })
    }
}
