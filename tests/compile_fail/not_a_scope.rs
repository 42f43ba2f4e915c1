//~ `Admin` is not an OAuth scope
use rocket::get;
use rocket_cognito::{Authorized, Group};
use rocket_cognito::policy::Scopes;

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

#[get("/kitchen")]
fn kitchen(_chef: Authorized<Scopes<(Admin,)>>) {}

fn main() {}
