use std::collections::HashMap;

use rocket::serde::json::{Json, Value, json};
use rocket::{Request, State, get, launch, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::{BearerOnly, Cognito, CognitoUser, CurrentUser, Group, InAnyGroup, LoadUser};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Developer;
impl Group for Developer {
    const NAME: &'static str = "developer";
}

/// Ids by user name. A database, in earnest, and `sub` rather than a name.
struct Users(HashMap<&'static str, i64>);

struct User {
    id: i64,
}

/// `@cogauth.identity_handler`. `None` is a 403.
#[rocket::async_trait]
impl LoadUser for User {
    async fn load(user: &CognitoUser, request: &Request<'_>) -> AppResult<Option<Self>> {
        let users = request.guard::<&State<Users>>().await.succeeded().ok_or("no users are managed")?;
        Ok(users.0.get(user.username()).map(|id| User { id: *id }))
    }
}

/// `@cognito_auth_required`, with `current_cognito_jwt` and `current_user`.
#[get("/api/private")]
fn api_private(user: CurrentUser<User, BearerOnly>) -> Json<Value> {
    Json(json!({ "cognito_username": user.cognito().username(), "user_id": user.id }))
}

/// `@cognito_group_permissions(["admin", "developer"])`.
#[get("/api/foo")]
fn api_foo(_user: BearerOnly<InAnyGroup<Admin, Developer>>) -> Json<Value> {
    Json(json!({ "foo": "bar" }))
}

#[launch]
pub fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .manage(Users(HashMap::from([("alice", 1), ("bob", 2)])))
        .mount("/", routes![api_private, api_foo])
        .register("/", rocket_cognito::catchers())
}
