use rocket::get;
use rocket_cognito::{Authorized, CognitoUser, Group, InGroups};
use rocket_cognito::policy::{All, Not};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

#[get("/kitchen")]
fn kitchen(_user: CognitoUser, _chef: InGroups<Admin>, _both: Authorized<All<(Admin, Not<Not<Admin>>)>>) {}

fn main() {}
