//~ this guard refuses nobody, so `guarded` would guard nothing
use rocket_cognito::{CognitoUser, Denial, guarded};

fn main() {
    guarded::<Result<CognitoUser, Denial>>(Vec::new());
}
