//! Groups, and who is in them.

use serde_json::{Map, Value, json};

use super::attributes::describe;
use super::error::ApiError;
use super::members::{Members, violated};
use super::paging::{Paging, with_name, with_place};
use super::users::{change, named};
use crate::clock;
use crate::local_pool::state::{Group, GroupRefusal, Pool};

pub(super) fn create_group(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    let name = request.name("GroupName")?;
    let mut group = Group::new(name.into(), clock::now());
    group.description = request.text("Description")?.map(str::to_owned);
    group.role_arn = request.text("RoleArn")?.map(str::to_owned);
    group.precedence = request.number("Precedence")?;
    if group.description.as_ref().is_some_and(|text| text.chars().count() > 2048) {
        return Err(violated("Description", "have length less than or equal to 2048"));
    }
    if group.role_arn.as_ref().is_some_and(|arn| !is_arn(arn)) {
        return Err(violated("RoleArn", "be an ARN, such as arn:aws:iam::123456789012:role/staff"));
    }
    pool.users.add_group(group.clone()).map_err(refused)?;
    Ok(json!({ "Group": shown(pool, &group) }))
}

pub(super) fn get_group(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    Ok(json!({ "Group": shown(pool, &existing(pool, request)?) }))
}

pub(super) fn delete_group(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let group = existing(pool, request)?;
    pool.users.remove_group(&group.name).map_err(refused)?;
    Ok(Value::Null)
}

pub(super) fn list_groups(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    let groups = pool.users.groups().into_iter().map(with_name).collect();
    Paging::of("Groups").page(request, groups, |group| shown(pool, group))
}

pub(super) fn admin_add_user_to_group(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let name = request.name("GroupName")?;
    let user = named(pool, request)?;
    pool.users.update_among(&user.username, |current, groups| {
        if current.sub != user.sub {
            return Err(ApiError::unknown_user());
        }
        groups.get(name).ok_or_else(no_group)?;
        current.join(name).map_err(ApiError::invalid_parameter)
    })?;
    Ok(Value::Null)
}

pub(super) fn admin_remove_user_from_group(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.name("GroupName")?;
    let user = named(pool, request)?;
    let group = existing(pool, request)?;
    change(pool, &user, |user| user.leave(&group.name).map_err(ApiError::invalid_parameter))?;
    Ok(Value::Null)
}

pub(super) fn admin_list_groups_for_user(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let names = named(pool, request)?.member_of();
    let groups = names.iter().filter_map(|name| pool.users.group(name));
    Paging::of("Groups").page(request, groups.map(with_name).collect(), |group| shown(pool, group))
}

pub(super) fn list_users_in_group(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let group = existing(pool, request)?;
    let users = pool.users.all().into_iter().filter(|user| user.member_of().contains(&group.name));
    Paging::of("Users").page(request, users.map(with_place).collect(), |user| describe(user, None))
}

/// The group that the request is about.
fn existing(pool: &Pool, request: Members<'_>) -> Result<Group, ApiError> {
    request.check_pool(pool)?;
    pool.users.group(request.name("GroupName")?).ok_or_else(no_group)
}

fn refused(refusal: GroupRefusal) -> ApiError {
    match refusal {
        GroupRefusal::Exists => {
            ApiError::new("GroupExistsException", "A group with the name already exists.")
        }
        GroupRefusal::TooMany => {
            ApiError::new("LimitExceededException", "The pool has as many groups as Cognito allows.")
        }
        GroupRefusal::Unknown => no_group(),
        GroupRefusal::OfProvider => ApiError::invalid_parameter(
            "The group is that of an identity provider, whose users stay in it: remove these users first.",
        ),
    }
}

fn no_group() -> ApiError {
    ApiError::not_found("Group not found.")
}

fn shown(pool: &Pool, group: &Group) -> Value {
    let Group { name, description, role_arn, precedence, created, modified } = group;
    let mut shown = Map::new();
    shown.insert("GroupName".into(), name.as_str().into());
    shown.insert("UserPoolId".into(), pool.config.user_pool_id.as_str().into());
    for (member, text) in [("Description", description), ("RoleArn", role_arn)] {
        shown.extend(text.iter().map(|text| (member.to_owned(), text.as_str().into())));
    }
    shown.extend(precedence.map(|precedence| ("Precedence".to_owned(), precedence.into())));
    shown.insert("CreationDate".into(), json!(created));
    shown.insert("LastModifiedDate".into(), json!(modified));
    shown.into()
}

fn is_arn(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_+=/,.@-:".contains(letter);
    (20..=2048).contains(&text.len())
        && text.starts_with("arn:")
        && text.split(':').count() >= 6
        && text.chars().all(is_letter)
}
