//! One way to meet what guards ask for: schemes, with scopes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::guard::{Asks, By};
use crate::policy::Rule;
use crate::user::Who;

/// More ways to combine scopes help nobody who reads of them.
const MAX_SCOPE_LISTS: usize = 32;

/// A security scheme of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scheme {
    /// A token that the pool is asked for, by OAuth 2.
    Cognito,
    /// A token that the caller has.
    Bearer,
    /// The session of a browser.
    Session,
}

#[cfg(feature = "testing")]
impl Scheme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scheme::Cognito => "cognito",
            Scheme::Bearer => "bearer",
            Scheme::Session => "session",
        }
    }
}

type Scopes = BTreeSet<String>;

/// A Security Requirement Object: schemes that count together, with the scopes of each. Empty: nothing is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Requirement(pub(crate) BTreeMap<Scheme, Scopes>);

/// The ways to meet what all of these guards ask for: one of them is enough. None where a sign-in that comes back is all
/// that counts, for which no scheme stands.
///
/// A request has one caller, by one credential. So guards that take the same one are met together.
pub(crate) fn requirements(guards: &[Asks]) -> Vec<Requirement> {
    let credentials = guards.iter().filter(|asks| asks.by() != By::SignIn);
    let (required, optional): (Vec<&Asks>, Vec<&Asks>) = credentials.partition(|asks| asks.is_required());
    let mut all: Vec<Requirement> = Vec::new();
    let mut add = |requirement: Requirement| {
        if !all.contains(&requirement) {
            all.push(requirement);
        }
    };
    if required.is_empty() {
        optional.iter().flat_map(|asks| met_by(&[asks])).for_each(&mut add);
    } else {
        met_by(&required).into_iter().for_each(&mut add);
    }
    let is_let_pass = required.is_empty() && !optional.is_empty();
    if is_let_pass || pass_on_nobody(guards) {
        add(Requirement::default());
    }
    all
}

/// Whether these guards of one route, in their order, leave a request without a credential to the next route: the first of
/// them that is required decides.
pub(crate) fn pass_on_nobody(guards: &[Asks]) -> bool {
    guards.iter().find(|asks| asks.is_required()).is_some_and(Asks::passes_on_nobody)
}

/// The ways to meet all of these guards at once.
fn met_by(guards: &[&Asks]) -> Vec<Requirement> {
    let scopes = all_of(guards.iter().filter_map(|asks| asks.rule()).map(scope_lists));
    // The rule in words says it all.
    let scopes = scopes.unwrap_or_else(|| vec![Scopes::new()]);
    let taken: Vec<_> = guards.iter().map(|asks| schemes(asks)).collect();
    let schemes = [Scheme::Cognito, Scheme::Bearer, Scheme::Session].into_iter();
    let common: Vec<_> =
        schemes.filter(|scheme| taken.iter().all(|schemes| schemes.contains(scheme))).collect();
    // Guards that take different credentials want one of each, which no request has.
    let together: Vec<_> =
        if common.is_empty() { one_of_each(&taken) } else { common.into_iter().map(|it| vec![it]).collect() };
    together.iter().flat_map(|schemes| with_scopes(schemes, &scopes)).collect()
}

/// A scheme of each guard, in all ways. `cognito` and `bearer` never stand together: they fill the same header.
fn one_of_each(taken: &[Vec<Scheme>]) -> Vec<Vec<Scheme>> {
    let mut ways = taken.iter().fold(vec![Vec::new()], |ways, schemes| {
        let longer =
            |way: &Vec<Scheme>| schemes.iter().map(|it| [&way[..], &[*it]].concat()).collect::<Vec<_>>();
        ways.iter().flat_map(longer).collect()
    });
    ways.retain(|way| !(way.contains(&Scheme::Cognito) && way.contains(&Scheme::Bearer)));
    ways
}

/// The credentials that a guard takes.
fn schemes(asks: &Asks) -> Vec<Scheme> {
    match (asks.by(), asks.who()) {
        (By::Session, _) => vec![Scheme::Session],
        (By::BearerToken, _) | (By::Any, Who::Machine) => vec![Scheme::Cognito, Scheme::Bearer],
        (By::Any, Who::Person | Who::Caller | Who::PersonOrAgent) => {
            vec![Scheme::Cognito, Scheme::Bearer, Scheme::Session]
        }
        (By::SignIn, _) => Vec::new(),
    }
}

/// `schemes` together, once for each list of scopes. Only OAuth 2 has scopes (OpenAPI 3.1 section 4.8.30).
fn with_scopes(schemes: &[Scheme], scopes: &[Scopes]) -> Vec<Requirement> {
    let with = |scopes: &Scopes| {
        let of = |scheme: &Scheme| if *scheme == Scheme::Cognito { scopes.clone() } else { Scopes::new() };
        Requirement(schemes.iter().map(|scheme| (*scheme, of(scheme))).collect())
    };
    if schemes.contains(&Scheme::Cognito) {
        scopes.iter().map(with).collect()
    } else {
        vec![with(&Scopes::new())]
    }
}

/// The lists of scopes that a caller who meets `rule` may have: one of them at least. `None` where they are too many.
fn scope_lists(rule: &Rule) -> Option<Vec<Scopes>> {
    match rule {
        Rule::Scope(name) => Some(vec![Scopes::from([name.to_string()])]),
        Rule::All(rules) => all_of(rules.iter().map(scope_lists)),
        Rule::Any(rules) => {
            let lists: Option<Vec<_>> = rules.iter().map(scope_lists).collect();
            shortest(lists?.concat())
        }
        _ => Some(vec![Scopes::new()]),
    }
}

fn all_of(mut rules: impl Iterator<Item = Option<Vec<Scopes>>>) -> Option<Vec<Scopes>> {
    rules.try_fold(vec![Scopes::new()], |lists, more| {
        let more = more?;
        let both = |list: &Scopes| more.iter().map(|more| list | more).collect::<Vec<_>>();
        shortest(lists.iter().flat_map(both).collect())
    })
}

/// `lists` without those that ask for more than another one does. `None` where they are too many.
fn shortest(lists: Vec<Scopes>) -> Option<Vec<Scopes>> {
    let lists: BTreeSet<_> = lists.into_iter().collect();
    let asks_for_more = |list: &Scopes| lists.iter().any(|other| other != list && other.is_subset(list));
    let shortest: Vec<_> = lists.iter().filter(|list| !asks_for_more(list)).cloned().collect();
    (shortest.len() <= MAX_SCOPE_LISTS).then_some(shortest)
}
