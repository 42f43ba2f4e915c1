//~ `Chef` is not a Cognito group
use rocket::get;
use rocket_cognito::{Group, InAnyGroup};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Chef;

#[get("/kitchen")]
fn kitchen(_chef: InAnyGroup<Admin, Chef>) {}

fn main() {}
