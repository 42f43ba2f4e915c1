//~ cannot construct `CognitoUser` with struct literal syntax due to private fields
use rocket_cognito::CognitoUser;

fn main() {
    let _user = CognitoUser {};
}
