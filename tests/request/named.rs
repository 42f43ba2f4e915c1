//! Routes that answer who has passed their guard.

/// Declares routes with one guard each, and `named`, which returns them; each answers what `name` makes of the caller.
macro_rules! named {
    ($($route:ident at $path:literal: $guard:ty),+ $(,)?) => {
        $(#[get($path)]
        fn $route(caller: $guard) -> String {
            name(&caller)
        })+

        fn named() -> Vec<rocket::Route> {
            routes![$($route),+]
        }
    };
}
