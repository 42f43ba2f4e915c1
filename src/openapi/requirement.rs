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
    let guards: Vec<_> = guards.iter().filter(|asks| asks.by() != By::SignIn).collect();
    let (required, optional): (Vec<&Asks>, Vec<&Asks>) =
        guards.into_iter().partition(|asks| asks.is_required());
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
    if is_let_pass || required.iter().any(|asks| asks.passes_on()) {
        add(Requirement::default());
    }
    all
}

/// The ways to meet all of these guards at once.
fn met_by(guards: &[&Asks]) -> Vec<Requirement> {
    let scopes = all_of(guards.iter().filter_map(|asks| asks.rule()).map(scope_lists));
    let taken: Vec<_> = guards.iter().map(|asks| schemes(asks)).collect();
    let schemes = [Scheme::Cognito, Scheme::Bearer, Scheme::Session].into_iter();
    let common: Vec<_> =
        schemes.filter(|scheme| taken.iter().all(|schemes| schemes.contains(scheme))).collect();
    // Guards that take different credentials want them all, which no request has.
    let together =
        if common.is_empty() { vec![taken.concat()] } else { common.iter().map(|it| vec![*it]).collect() };
    together.iter().flat_map(|schemes| with_scopes(schemes, &scopes)).collect()
}

/// The credentials that a guard takes.
fn schemes(asks: &Asks) -> Vec<Scheme> {
    match (asks.by(), asks.who()) {
        (By::Session, _) => vec![Scheme::Session],
        (By::BearerToken, _) | (By::Any, Who::Machine) => vec![Scheme::Cognito, Scheme::Bearer],
        (By::Any, Who::Person | Who::Caller) => vec![Scheme::Cognito, Scheme::Bearer, Scheme::Session],
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

/// The lists of scopes that a caller who meets `rule` may have: one of them at least.
fn scope_lists(rule: &Rule) -> Vec<Scopes> {
    match rule {
        Rule::Scope(name) => vec![Scopes::from([name.to_string()])],
        Rule::All(rules) => all_of(rules.iter().map(scope_lists)),
        Rule::Any(rules) => shortest(rules.iter().flat_map(scope_lists).collect()),
        Rule::Group(_) | Rule::Fresh(_) | Rule::Not(_) | Rule::Named(_) => vec![Scopes::new()],
    }
}

fn all_of(rules: impl Iterator<Item = Vec<Scopes>>) -> Vec<Scopes> {
    rules.fold(vec![Scopes::new()], |lists, more| {
        let both = |list: &Scopes| more.iter().map(|more| list | more).collect::<Vec<_>>();
        shortest(lists.iter().flat_map(both).collect())
    })
}

/// `lists` without those that ask for more than another one does. Too many are none: the rule in words says it all.
fn shortest(lists: Vec<Scopes>) -> Vec<Scopes> {
    if lists.len() > MAX_SCOPE_LISTS {
        return vec![Scopes::new()];
    }
    let lists: BTreeSet<_> = lists.into_iter().collect();
    let asks_for_more = |list: &Scopes| lists.iter().any(|other| other != list && other.is_subset(list));
    lists.iter().filter(|list| !asks_for_more(list)).cloned().collect()
}
