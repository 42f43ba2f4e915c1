//! Which function carries out which operation.

use serde_json::{Map, Value};

use super::error::ApiError;
use super::members::Members;
use super::{
    account, client_secrets, descriptions, groups, session_configuration, sessions, sign_in, sign_up,
    token_exchange, tokens, users,
};
use crate::http::read_object;
use crate::local_pool::state::Pool;

/// What stands before the operation in `X-Amz-Target`.
const SERVICE: &str = "AWSCognitoIdentityProviderService.";

/// What an operation answers: an object, or `null` for an empty body.
type Operation = fn(&Pool, Members<'_>) -> Result<Value, ApiError>;

const OPERATIONS: [(&str, Operation); 49] = [
    ("AddUserPoolClientSecret", client_secrets::add_user_pool_client_secret),
    ("AdminAddUserToGroup", groups::admin_add_user_to_group),
    ("AdminConfirmSignUp", users::admin_confirm_sign_up),
    ("AdminCreateUser", users::admin_create_user),
    ("AdminDeleteUser", users::admin_delete_user),
    ("AdminDisableUser", users::admin_disable_user),
    ("AdminEnableUser", users::admin_enable_user),
    ("AdminGetUser", users::admin_get_user),
    ("AdminInitiateAuth", sign_in::admin_initiate_auth),
    ("AdminListGroupsForUser", groups::admin_list_groups_for_user),
    ("AdminListUserSessions", sessions::admin_list_user_sessions),
    ("AdminRemoveUserFromGroup", groups::admin_remove_user_from_group),
    ("AdminRespondToAuthChallenge", sign_in::admin_respond_to_auth_challenge),
    ("AdminRevokeUserSession", sessions::admin_revoke_user_session),
    ("AdminSetUserPassword", users::admin_set_user_password),
    ("AdminUpdateUserAttributes", users::admin_update_user_attributes),
    ("AdminUserGlobalSignOut", users::admin_user_global_sign_out),
    ("ChangePassword", account::change_password),
    ("ConfirmForgotPassword", sign_up::confirm_forgot_password),
    ("ConfirmSignUp", sign_up::confirm_sign_up),
    ("CreateGroup", groups::create_group),
    ("DeleteGroup", groups::delete_group),
    ("DeleteUser", account::delete_user),
    ("DeleteUserPoolClientSecret", client_secrets::delete_user_pool_client_secret),
    ("DescribeUserPool", descriptions::describe_user_pool),
    ("DescribeUserPoolClient", descriptions::describe_user_pool_client),
    ("ForgotPassword", sign_up::forgot_password),
    ("GetDerivedToken", token_exchange::get_derived_token),
    ("GetGroup", groups::get_group),
    ("GetTokensFromRefreshToken", tokens::get_tokens_from_refresh_token),
    ("GetUser", account::get_user),
    (
        "GetUserPoolClientSessionConfiguration",
        session_configuration::get_user_pool_client_session_configuration,
    ),
    ("GetUserPoolSessionConfiguration", session_configuration::get_user_pool_session_configuration),
    ("GlobalSignOut", account::global_sign_out),
    ("InitiateAuth", sign_in::initiate_auth),
    ("ListGroups", groups::list_groups),
    ("ListUserPoolClientSecrets", client_secrets::list_user_pool_client_secrets),
    ("ListUserPoolClients", descriptions::list_user_pool_clients),
    ("ListUserSessions", sessions::list_user_sessions),
    ("ListUsers", users::list_users),
    ("ListUsersInGroup", groups::list_users_in_group),
    ("ResendConfirmationCode", sign_up::resend_confirmation_code),
    ("RespondToAuthChallenge", sign_in::respond_to_auth_challenge),
    ("RevokeToken", tokens::revoke_token),
    ("RevokeUserSession", sessions::revoke_user_session),
    (
        "SetUserPoolClientSessionConfiguration",
        session_configuration::set_user_pool_client_session_configuration,
    ),
    ("SetUserPoolSessionConfiguration", session_configuration::set_user_pool_session_configuration),
    ("SignUp", sign_up::sign_up),
    ("UpdateUserAttributes", account::update_user_attributes),
];

/// The answer to a request with this `X-Amz-Target` and body.
pub(in crate::local_pool) fn answer(pool: &Pool, target: &str, body: &[u8]) -> Result<Value, ApiError> {
    let name = target.strip_prefix(SERVICE).unwrap_or(target);
    let operation = OPERATIONS.iter().find(|(known, _)| target.starts_with(SERVICE) && *known == name);
    let (_, operation) = operation.ok_or_else(|| unknown_operation(name))?;
    let members: Map<String, Value> = read_object(body)
        .map_err(|_| ApiError::serialization("The body is no JSON object, or names a member twice."))?;
    operation(pool, Members::new(&members))
}

fn unknown_operation(name: &str) -> ApiError {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
    let all: Vec<_> = OPERATIONS.iter().map(|(name, _)| *name).collect();
    let all = all.join(", ");
    ApiError::new(
        "UnknownOperationException",
        format!("The local pool has no operation {name:?}. It has {all}."),
    )
}
