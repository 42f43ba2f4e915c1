//~ missing generics for struct `InGroups`
use rocket::get;
use rocket_cognito::InGroups;

#[get("/kitchen")]
fn kitchen(_chef: InGroups) {}

fn main() {}
