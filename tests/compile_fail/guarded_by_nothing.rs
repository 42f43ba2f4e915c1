//~ this guard refuses nobody, so `guarded` would guard nothing
//~ `Option<G>` and `Result<G, Denial>` let everybody pass: type `guarded::<G>(…)`
use rocket_cognito::{CognitoUser, guarded};

fn main() {
    guarded::<Option<CognitoUser>>(Vec::new());
}
