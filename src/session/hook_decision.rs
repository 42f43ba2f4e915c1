//! What an app decides about a session.

/// What becomes of a sign-in or a renewal, by the app's [hook](crate::Cognito::on_login).
///
/// # Example
/// ```rust
/// use rocket_cognito::CognitoUser;
/// use rocket_cognito::hooks::HookDecision;
///
/// fn verdict(user: &CognitoUser) -> HookDecision {
///     match user.groups() {
///         [] => HookDecision::Refuse,
///         groups if groups.iter().any(|group| group == "new") => HookDecision::GoTo("/welcome".into()),
///         _ => HookDecision::Proceed,
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HookDecision {
    /// On to where it was to lead.
    Proceed,
    /// On to this path of the app as browsers see it; anything else leads to `login_redirect`.
    GoTo(String),
    /// There is no session.
    Refuse,
}
