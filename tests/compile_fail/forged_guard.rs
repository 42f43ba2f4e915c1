//~ cannot construct `InGroups
use rocket_cognito::{Group, InGroups};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

fn main() {
    let _admin: InGroups<Admin> = InGroups {};
}
