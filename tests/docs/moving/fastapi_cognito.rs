use std::time::SystemTime;

use rocket::fairing::AdHoc;
use rocket::figment::value::Dict;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::serde::json::{Json, Value, json};
use rocket::{Request, get, launch, routes};
use rocket_cognito::client::CognitoClient;
use rocket_cognito::{Cognito, CognitoUser};

/// `CognitoAuth(…, userpool_name="us")`.
struct UsPool(CognitoClient);

/// `Depends(cognito_us.auth_required)`.
struct UsUser(CognitoUser);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for UsUser {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let Some(UsPool(client)) = request.rocket().state() else {
            return Outcome::Error((Status::InternalServerError, "the second pool is not managed"));
        };
        let header = request.headers().get_one("Authorization");
        let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else {
            return Outcome::Error((Status::Unauthorized, "no token"));
        };
        match client.verify_access_token(token, SystemTime::now()).await {
            Ok(user) => Outcome::Success(UsUser(user)),
            Err(error) if error.is_unavailable() => Outcome::Error((Status::ServiceUnavailable, "no keys")),
            Err(_) => Outcome::Error((Status::Unauthorized, "not a token of this pool")),
        }
    }
}

/// `Depends(cognito_eu.auth_required)`.
#[get("/")]
fn hello_world(user: CognitoUser) -> Json<Value> {
    Json(json!({ "message": "Hello world", "username": user.username() }))
}

/// `Depends(cognito_eu.auth_optional)`.
#[get("/optional")]
fn hello_anybody(user: Option<CognitoUser>) -> Json<Value> {
    let username = user.as_ref().map(|user| user.username());
    Json(json!({ "message": "Hello world", "username": username }))
}

#[get("/us")]
fn hello_us(user: UsUser) -> Json<Value> {
    Json(json!({ "message": "Hello America", "username": user.0.username() }))
}

#[launch]
pub fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .attach(AdHoc::on_ignite("the second pool", |rocket| async {
            let settings: Dict = rocket.figment().extract_inner("cognito_us").expect("it has settings");
            let client = CognitoClient::new(settings).expect("its settings are right");
            rocket.manage(UsPool(client))
        }))
        .mount("/", routes![hello_world, hello_anybody, hello_us])
        .register("/", rocket_cognito::catchers())
}
