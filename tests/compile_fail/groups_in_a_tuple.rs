//~ `(Admin, Admin)` is not a Cognito group
//~ groups stand side by side in `InGroups<Admin, Editor>`
use rocket::get;
use rocket_cognito::{Group, InGroups};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

#[get("/kitchen")]
fn kitchen(_chef: InGroups<(Admin, Admin)>) {}

fn main() {}
