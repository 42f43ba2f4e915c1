//! Who calls: a person, or a machine.

use std::fmt;
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::cognito_user::CognitoUser;
use super::who::Who;

/// A machine: an app client that got its access token for itself, by client credentials (RFC 6749 section 4.4).
///
/// # As a guard
/// - **Succeeds** when the request carries such a token, of the own client or of one of `accepted_client_ids`; with `any`
///   there, also of one that is bound to this API: see [`BearerOnly`](crate::BearerOnly#whose-tokens-count).
/// - **Fails with 403** (`machine_required`) for people, and (`delegated`) where a service or an agent acts for a machine.
/// - **Fails** like [`CognitoUser`] otherwise: 400, 401, 503.
///
/// What it may do is told by its scopes: `Authorized<Scopes<(ReadOrders,)>, Machine>`.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::{Authorized, Machine};
/// use rocket_cognito::policy::{Scope, Scopes};
///
/// struct ReadOrders;
/// impl Scope for ReadOrders { const NAME: &'static str = "orders/read"; }
///
/// #[get("/orders")]
/// fn orders(by: Authorized<Scopes<(ReadOrders,)>, Machine>) -> String {
///     format!("For {}", by.client_id())
/// }
/// ```
#[derive(Clone)]
pub struct Machine {
    identity: CognitoUser,
}

impl Machine {
    /// Its app client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.identity.client_id()
    }

    /// The scopes granted to it, of the form `resource-server/scope`.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.identity.scopes()
    }

    /// All claims of its access token as a type of your own.
    ///
    /// # Errors
    /// When the claims do not fit `T`.
    #[must_use]
    pub fn access_claims<T: DeserializeOwned>(&self) -> Option<serde_json::Result<T>> {
        self.identity.access_claims()
    }

    /// Its access token as it was sent; `None` for the stub of `disabled`. A secret: never log it.
    #[must_use]
    pub fn access_token(&self) -> Option<&str> {
        self.identity.access_token()
    }

    /// When the token expires (`exp`), without the leeway.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.identity.expires_at()
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("client_id", &self.client_id()).finish_non_exhaustive()
    }
}

/// `client_id` and `scopes`; never a token.
impl Serialize for Machine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut machine = serializer.serialize_struct("Machine", 2)?;
        machine.serialize_field("client_id", self.client_id())?;
        machine.serialize_field("scopes", &self.scopes().collect::<Vec<_>>())?;
        machine.end()
    }
}

/// Whoever calls: a person or a machine.
///
/// # As a guard
/// Succeeds for both, and fails like [`CognitoUser`] otherwise: 400, 401, 403 for cross-site requests and for agents
/// (`delegated`), 503.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::Caller;
///
/// #[get("/whoami")]
/// fn whoami(caller: Caller) -> String {
///     match caller {
///         Caller::Person(user) => user.username().to_owned(),
///         Caller::Machine(machine) => machine.client_id().to_owned(),
///     }
/// }
/// ```
#[derive(Debug, Clone)]
pub enum Caller {
    /// Somebody who signed in.
    Person(CognitoUser),
    /// An app client by itself.
    Machine(Machine),
}

impl Caller {
    /// The person or the machine; `None` for a machine's token that a service has exchanged, which is of neither.
    pub(crate) fn of_identity(identity: CognitoUser) -> Option<Self> {
        match identity.is_machine() {
            true => Some(Caller::Machine(Machine { identity })),
            false => identity.is_person().then_some(Caller::Person(identity)),
        }
    }
}

/// Its claims, for policies: a machine is in no group, and its `sub` is its client's id.
impl AsRef<CognitoUser> for Machine {
    fn as_ref(&self) -> &CognitoUser {
        &self.identity
    }
}

impl AsRef<CognitoUser> for Caller {
    fn as_ref(&self) -> &CognitoUser {
        match self {
            Caller::Person(user) => user,
            Caller::Machine(machine) => machine.as_ref(),
        }
    }
}

pub(super) mod sealed {
    pub trait Sealed {}
    impl Sealed for super::CognitoUser {}
    impl Sealed for super::Machine {}
    impl Sealed for super::Caller {}
}

/// Which callers a guard takes: [`CognitoUser`], [`PersonOrAgent`](crate::PersonOrAgent), [`Machine`] or [`Caller`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no kind of caller",
    label = "neither `CognitoUser`, nor `PersonOrAgent`, nor `Machine`, nor `Caller`"
)]
pub trait CallerKind: sealed::Sealed + AsRef<CognitoUser> + Send + Sync + 'static {
    #[doc(hidden)]
    const WHO: Who;

    #[doc(hidden)]
    fn admit(identity: CognitoUser, accepts_delegated: bool) -> Result<Self, CallerRefused>
    where
        Self: Sized;
}

/// Another kind of caller was asked for.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerRefused {
    /// The caller is a machine.
    PersonRequired,
    /// The caller is a person.
    MachineRequired,
    /// Somebody else acts for whom the token is of.
    Delegated,
}

impl CallerKind for CognitoUser {
    const WHO: Who = Who::Person;

    fn admit(identity: CognitoUser, accepts_delegated: bool) -> Result<Self, CallerRefused> {
        match identity.is_delegated() {
            _ if !identity.is_person() => Err(CallerRefused::PersonRequired),
            true if !accepts_delegated => Err(CallerRefused::Delegated),
            _ => Ok(identity),
        }
    }
}

impl CallerKind for Machine {
    const WHO: Who = Who::Machine;

    fn admit(identity: CognitoUser, _: bool) -> Result<Self, CallerRefused> {
        match identity.is_delegated() {
            // Everybody passes in disabled mode.
            _ if identity.is_stub() => Ok(Machine { identity }),
            _ if identity.is_person() => Err(CallerRefused::MachineRequired),
            // A machine for which another one acts, or has got the token, is not by itself.
            false if identity.is_machine() => Ok(Machine { identity }),
            _ => Err(CallerRefused::Delegated),
        }
    }
}

impl CallerKind for Caller {
    const WHO: Who = Who::Caller;

    fn admit(identity: CognitoUser, accepts_delegated: bool) -> Result<Self, CallerRefused> {
        match identity.is_delegated() {
            true if identity.is_machine() || !accepts_delegated => Err(CallerRefused::Delegated),
            _ => Caller::of_identity(identity).ok_or(CallerRefused::Delegated),
        }
    }
}
