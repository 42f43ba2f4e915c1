//~ `Own` is no guard of this crate
//~ for a guard of your own, name the one that it asks, such as `InGroups<Admin>`
use rocket_cognito::openapi;

struct Own;

fn main() {
    openapi::security::<Own>();
}
