//~ `InGroups<Admin>` is not a Cognito group
//~ `Authorized<Admin>` in place of `Authorized<InGroups<Admin>>`, or the guard `InGroups<Admin>` alone
use rocket::get;
use rocket_cognito::{Authorized, Group, InGroups};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

#[get("/kitchen")]
fn kitchen(_chef: Authorized<InGroups<Admin>>) {}

fn main() {}
