//! What operations require.

use std::collections::BTreeSet;

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
    assert_eq!(security::<(OrForward<InGroups<Admin>>, BearerOnly)>(), tokens);
}

#[test]
fn nothing_is_no_way_where_a_guard_refuses_before_another_passes_on() {
    assert_eq!(security::<(CognitoUser, OrForward<InGroups<Admin>>)>(), security::<CognitoUser>());
    assert_eq!(security::<BearerOnly<OrForward<CognitoUser>>>(), security::<BearerOnly>());
    assert_eq!(security::<(Option<CognitoUser>, SessionOnly)>(), security::<SessionOnly>());
}

/// Rocket gives `None` for whom the guard passes on.
#[test]
fn an_optional_guard_passes_nobody_on() {
    assert!(Option::<OrForward<CognitoUser>>::asks().iter().all(|asks| !asks.passes_on()));
    assert!(Result::<OrForward<CognitoUser>, Denial>::asks().iter().all(|asks| asks.passes_on()));
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
    scopes_of_a_sort! { A B C D E F G H I J K L }
    type Sixteen = All<(Either<A, B>, Either<C, D>, Either<E, F>, Either<G, H>)>;
    type ThirtyTwo = All<(Sixteen, Either<I, J>)>;
    type TooMany = All<(ThirtyTwo, Either<K, L>)>;
    let letter = |bits: u32, place: u32| {
        ["AB", "CD", "EF", "GH", "IJ"][place as usize][(bits >> place & 1) as usize..][..1].to_owned()
    };
    let expected: BTreeSet<Vec<_>> =
        (0..32).map(|bits| (0..5).map(|place| letter(bits, place)).collect()).collect();
    assert_eq!(scopes::<Authorized<ThirtyTwo>>(), json!(expected));
    assert_eq!(scopes::<Authorized<TooMany>>(), json!([[]]));
    assert_eq!(scopes::<Authorized<All<(TooMany, Scopes<(A,)>)>>>(), json!([[]]));
    // Those that ask for more than another one are none.
    assert_eq!(
        scopes::<Authorized<All<(ThirtyTwo, Scopes<(A, C, E, G, I)>)>>>(),
        json!([["A", "C", "E", "G", "I"]])
    );
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
        json!([{ "cognito": [], "session": [] }, { "bearer": [], "session": [] }])
    );
}
