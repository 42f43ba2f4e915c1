//~ `CognitoUser: serde::Deserialize
use rocket::post;
use rocket::serde::json::Json;
use rocket_cognito::CognitoUser;

#[post("/user", data = "<user>")]
fn forge(user: Json<CognitoUser>) {
    drop(user);
}

fn main() {}
