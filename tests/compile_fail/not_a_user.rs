//~ `Account` is not a user that the application loads
//~ impl rocket_cognito::LoadUser for Account
use rocket::get;
use rocket_cognito::CurrentUser;

struct Account;

#[get("/account")]
fn account(_account: CurrentUser<Account>) {}

fn main() {}
