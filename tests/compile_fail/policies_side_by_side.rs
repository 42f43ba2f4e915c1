//~ struct takes 1 generic argument but 2 generic arguments were supplied
//~ struct defined here, with 1 generic parameter: `Tuple`
use rocket::get;
use rocket_cognito::policy::Any;
use rocket_cognito::{Authorized, Group};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

#[get("/kitchen")]
fn kitchen(_chef: Authorized<Any<Admin, Admin>>) {}

fn main() {}
