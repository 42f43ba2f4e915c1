//~ All<()>` is not
use rocket::get;
use rocket_cognito::Authorized;
use rocket_cognito::policy::All;

#[get("/kitchen")]
fn kitchen(_chef: Authorized<All<()>>) {}

fn main() {}
