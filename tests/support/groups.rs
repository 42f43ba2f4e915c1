//! Groups of the pool.

use rocket_cognito::Group;

pub struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

pub struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}
