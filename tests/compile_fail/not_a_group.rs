//~ `Chef` is not a Cognito group
//~ impl rocket_cognito::Group for Chef
use rocket::get;
use rocket_cognito::InGroups;

struct Chef;

#[get("/kitchen")]
fn kitchen(_chef: InGroups<Chef>) {}

fn main() {}
