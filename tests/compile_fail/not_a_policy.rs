//~ `(Admin, Admin)` is not a policy
//~ inside `All<(A, B)>` or `Any<(A, B)>`
use rocket::get;
use rocket_cognito::{Authorized, Group};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

#[get("/kitchen")]
fn kitchen(_chef: Authorized<(Admin, Admin)>) {}

fn main() {}
