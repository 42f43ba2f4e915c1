//! The `security` of an operation.

use serde_json::{Value, json};

use super::describe::Describe;
use super::requirement::requirements;

/// The `security` of an operation behind the guards `G`: one requirement for each credential that serves, and `{}` where
/// none is needed, as with `Option` and [`OrForward`](crate::OrForward), unless a guard before or around that one refuses
/// such a request. Guards of a tuple stand in the order of the route's signature. The scopes of the rule stand with `cognito`.
///
/// It names every scheme that a guard of this kind may take. [`describe`](super::describe()) leaves out those that the
/// app's settings rule out.
///
/// # Example
/// ```rust
/// use rocket_cognito::{Authorized, Machine, openapi};
/// use rocket_cognito::policy::{Scope, Scopes};
/// use serde_json::json;
///
/// struct ReadOrders;
/// impl Scope for ReadOrders { const NAME: &'static str = "orders/read"; }
///
/// let security = openapi::security::<Authorized<Scopes<(ReadOrders,)>, Machine>>();
/// assert_eq!(security, json!([{ "cognito": ["orders/read"] }, { "bearer": [] }]));
/// ```
///
/// Source: OpenAPI 3.1, "Security Requirement Object".
#[must_use]
pub fn security<G: Describe>() -> Value {
    json!(requirements(&G::asks()))
}
