//~ `()` is not a tuple of one to eight OAuth scopes
use rocket::get;
use rocket_cognito::Authorized;
use rocket_cognito::policy::Scopes;

#[get("/kitchen")]
fn kitchen(_chef: Authorized<Scopes<()>>) {}

fn main() {}
