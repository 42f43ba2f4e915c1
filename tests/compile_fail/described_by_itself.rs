//~ `Describe` is a "sealed trait"
use rocket_cognito::CognitoUser;
use rocket_cognito::openapi::{Asks, Describe};

struct Own;

impl Describe for Own {
    fn asks() -> Vec<Asks> {
        CognitoUser::asks()
    }
}

fn main() {}
