//~ All<()>` is not
use rocket::get;
use rocket_cognito::{All, Authorized};

#[get("/kitchen")]
fn kitchen(_chef: Authorized<All<()>>) {}

fn main() {}
