//! What operations require.

use rocket_cognito::openapi::{Describe, security};
use rocket_cognito::policy::{All, Any, AnyScope, Fresh, Not, Scope, Scopes};
use rocket_cognito::{
    Authorized, BearerOnly, Callback, Caller, CognitoUser, CurrentUser, Denial, InGroups, Machine, OrForward,
    Refresh, SessionOnly,
};
use serde_json::{Value, json};

use crate::api::{Account, Admin, ReadOrders, WriteOrders};

struct ShipOrders;
impl Scope for ShipOrders {
    const NAME: &'static str = "orders/ship";
}

type Either<A, B> = AnyScope<(A, B)>;

/// The lists of scopes of `cognito`.
fn scopes<G: Describe>() -> Value {
    let security = security::<G>();
    security.as_array().unwrap().iter().filter_map(|it| it.get("cognito").cloned()).collect()
}

#[test]
fn each_credential_that_serves_is_one_way() {
    let any = json!([{ "cognito": [] }, { "bearer": [] }, { "session": [] }]);
    let tokens = json!([{ "cognito": [] }, { "bearer": [] }]);
    let session = json!([{ "session": [] }]);
    for people in [
        security::<CognitoUser>(),
        security::<&CognitoUser>(),
        security::<Caller>(),
        security::<InGroups<Admin>>(),
        security::<CurrentUser<Account>>(),
        security::<Authorized<All<(Admin, Fresh<60>)>>>(),
    ] {
        assert_eq!(people, any);
    }
    assert_eq!(
        [security::<Machine>(), security::<BearerOnly>(), security::<BearerOnly<Caller>>()],
        [(); 3].map(|()| tokens.clone())
    );
    assert_eq!([security::<SessionOnly>(), security::<Refresh>()], [(); 2].map(|()| session.clone()));
    assert_eq!(security::<Callback>(), json!([]));
}

#[test]
fn where_nothing_is_required_nothing_is_a_way_too() {
    let tokens = json!([{ "cognito": [] }, { "bearer": [] }, {}]);
    assert_eq!(security::<Option<BearerOnly>>(), tokens);
    assert_eq!(security::<Result<BearerOnly, Denial>>(), tokens);
    assert_eq!(security::<OrForward<BearerOnly>>(), tokens);
    assert_eq!(security::<BearerOnly<OrForward<CognitoUser>>>(), tokens);
}

#[test]
fn a_rule_of_scopes_is_a_list_for_each_way_to_meet_it() {
    let read = json!([["orders/read"]]);
    assert_eq!(scopes::<Authorized<Scopes<(ReadOrders,)>>>(), read);
    assert_eq!(
        scopes::<Authorized<Either<ReadOrders, WriteOrders>>>(),
        json!([["orders/read"], ["orders/write"]])
    );
    assert_eq!(
        scopes::<Authorized<All<(Either<ReadOrders, WriteOrders>, Scopes<(ShipOrders,)>, Admin)>>>(),
        json!([["orders/read", "orders/ship"], ["orders/ship", "orders/write"]])
    );
    assert_eq!(scopes::<Authorized<Any<(Scopes<(ReadOrders, WriteOrders)>, Scopes<(ReadOrders,)>)>>>(), read);
    let none = json!([[]]);
    assert_eq!(scopes::<Authorized<Any<(Scopes<(ReadOrders,)>, Admin)>>>(), none);
    assert_eq!(scopes::<Authorized<Not<Scopes<(ReadOrders,)>>>>(), none);
}

/// What would be thousands of lists is left to the rule's words.
#[test]
fn scopes_that_combine_in_too_many_ways_are_left_out() {
    macro_rules! scopes_of_a_sort {
        ($($Scope:ident)+) => {
            $(struct $Scope;
            impl Scope for $Scope {
                const NAME: &'static str = stringify!($Scope);
            })+
        };
    }
    scopes_of_a_sort! { A B C D E F G H }
    type Many = All<(AnyScope<(A, B)>, AnyScope<(C, D)>, AnyScope<(E, F)>, AnyScope<(G, H)>)>;
    type TooMany = All<(Many, AnyScope<(A, C, E)>, AnyScope<(B, D, F)>, AnyScope<(A, D, H)>)>;
    assert_eq!(scopes::<Authorized<Many>>().as_array().unwrap().len(), 16);
    let lists = scopes::<Authorized<TooMany>>();
    assert!(lists.as_array().unwrap().len() <= 32, "{lists}");
}

#[test]
fn several_guards_are_met_by_the_credential_that_all_of_them_take() {
    let session = json!([{ "session": [] }]);
    assert_eq!(security::<(InGroups<Admin>, SessionOnly)>(), session);
    assert_eq!(security::<(InGroups<Admin>, SessionOnly, Option<Machine>)>(), session);
    assert_eq!(
        security::<(Authorized<Scopes<(WriteOrders,)>>, BearerOnly<Authorized<Scopes<(ReadOrders,)>>>)>(),
        json!([{ "cognito": ["orders/read", "orders/write"] }, { "bearer": [] }])
    );
    assert_eq!(
        security::<(Option<BearerOnly>, Option<SessionOnly>)>(),
        json!([{ "cognito": [] }, { "bearer": [] }, { "session": [] }, {}])
    );
    assert_eq!(
        security::<(SessionOnly, BearerOnly)>(),
        json!([{ "cognito": [], "bearer": [], "session": [] }])
    );
}
