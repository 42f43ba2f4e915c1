//! Groups of a user pool, as types.

/// A group of the user pool, as a type for [`InGroups`](crate::InGroups),
/// [`InAnyGroup`](crate::InAnyGroup) and [policies](crate::policy::Policy).
///
/// The name is written out, never derived from the type's name: renaming a type must not change who
/// may enter.
///
/// # Example
/// ```rust
/// use rocket_cognito::Group;
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Cognito group",
    label = "not a group of the user pool",
    note = "type `impl rocket_cognito::Group for {Self} {{ const NAME: &'static str = \"…\"; }}`",
    note = "groups and policies combine in tuples inside `All<(A, B)>` or `Any<(A, B)>`"
)]
pub trait Group: 'static {
    /// The group's name in the user pool, byte for byte.
    const NAME: &'static str;
}
