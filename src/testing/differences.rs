//! What an OpenAPI document says otherwise than the routes of an app.

use std::collections::{BTreeMap, BTreeSet};

use super::access::Access;
use super::document::{Document, Operation, Place, Segment, segments};
use super::mapped_route::MappedRoute;
use crate::openapi::{Asks, By, Requirement, Scheme, pass_on_nobody, requirements};

/// The routes of one operation: they differ by rank, format or query.
type Group<'m, 'r> = Vec<&'m MappedRoute<'r>>;

/// By their method and path.
type Groups<'m, 'r> = BTreeMap<(&'static str, Place), Group<'m, 'r>>;

/// What `document` says otherwise than `routes`, a line for each difference. The routes `left_out` are not to be in it.
pub(super) fn differences(
    routes: &[MappedRoute<'_>],
    document: &Document<'_>,
    left_out: &[&str],
) -> Vec<String> {
    let mut groups = Groups::new();
    for route in routes {
        groups.entry((route.method().as_str(), segments(route.uri()))).or_default().push(route);
    }
    let mut described = BTreeSet::new();
    let mut differences = Vec::new();
    for operation in document.operations() {
        let Some((key, group)) = found(&groups, &operation) else {
            let Operation { method, path, .. } = operation;
            differences.push(format!("{method} {path}: the document has it, the app has no such route"));
            continue;
        };
        described.insert(key);
        differences.extend(difference(&operation, group, &document.schemes()));
        let both = group.iter().map(|route| line(route)).filter(|line| left_out.contains(&line.as_str()));
        differences.extend(both.map(|line| format!("{line}: it is left out, but the document has it")));
    }
    for (_, group) in groups.iter().filter(|(key, _)| !described.contains(key)) {
        let missing = group
            .iter()
            .filter(|route| !may_be_missing(route.access()) && !left_out.contains(&line(route).as_str()));
        differences.extend(missing.map(|route| format!("{route}; the document does not have it")));
    }
    let unknown = left_out.iter().filter(|name| routes.iter().all(|route| line(route) != **name));
    differences.extend(unknown.map(|name| format!("{name}: it is left out, but the app has no such route")));
    differences
}

/// A route as `RouteMap::open` names it.
fn line(route: &MappedRoute<'_>) -> String {
    format!("{} {}", route.method(), route.uri())
}

/// The routes of an operation, with their method and path.
fn found<'g, 'm, 'r>(
    groups: &'g Groups<'m, 'r>,
    operation: &Operation,
) -> Option<(&'g (&'static str, Place), &'g Group<'m, 'r>)> {
    // Rocket answers HEAD by the routes for GET.
    let methods: &[_] = if operation.method == "HEAD" { &["HEAD", "GET"] } else { &[operation.method] };
    let all = methods.iter().flat_map(|method| operation.places.iter().map(|place| (*method, place.clone())));
    all.into_iter().find_map(|(method, mut place)| {
        groups.get_key_value(&(method, place.clone())).or_else(|| {
            // `<path..>` may be nothing, or several segments.
            loop {
                let below = [&place[..], &[Segment::Dynamic]].concat();
                let found = groups.get_key_value(&(method, below));
                let is_several = |route: &&MappedRoute<'_>| route.route().uri.path().ends_with("..>");
                if let Some(found) = found.filter(|(_, group)| group.iter().any(is_several)) {
                    return Some(found);
                }
                place.pop()?;
            }
        })
    })
}

/// Whether a document need not have a route: nobody asks for anything there, or a sign-in comes back to it.
fn may_be_missing(access: &Access) -> bool {
    match access {
        Access::Guarded(guards) | Access::Optional(guards) => {
            guards.iter().all(|asks| asks.by() == By::SignIn)
        }
        Access::Open | Access::Fairing => true,
    }
}

/// How what the document asks for differs from what the routes do.
fn difference(operation: &Operation, group: &Group<'_, '_>, schemes: &BTreeSet<Scheme>) -> Option<String> {
    let Operation { method, path, security, foreign, .. } = operation;
    if group.iter().any(|route| *route.access() == Access::Fairing) {
        return None;
    }
    // What an app checks itself has any scheme.
    let is_open = group.iter().all(|route| *route.access() == Access::Open);
    if !foreign.is_empty() && !is_open {
        let foreign = foreign.join(", ");
        return Some(format!(
            "{method} {path}: the document asks for {foreign}, which is no scheme of a guard"
        ));
    }
    let asked = asked(group);
    // A document need not know of sessions, for example.
    let known: BTreeSet<_> =
        asked.into_iter().filter(|it| it.0.keys().all(|it| schemes.contains(it))).collect();
    if known == *security {
        return None;
    }
    let accesses: Vec<_> = group.iter().map(|route| route.access().to_string()).collect();
    let (said, known) = (in_words(security), in_words(&known));
    let accesses = accesses.join("; or ");
    Some(format!("{method} {path}: the document asks for {said}; the route for {known}: {accesses}"))
}

/// The ways to get into one of these routes, which Rocket asks in the order of their ranks.
fn asked(group: &Group<'_, '_>) -> BTreeSet<Requirement> {
    let mut group = group.clone();
    group.sort_by_key(|route| route.route().rank);
    let mut all = BTreeSet::new();
    // The credentials with which a request gets to the next route, unless it needs none.
    let mut taken: Option<BTreeSet<Scheme>> = None;
    for (index, route) in group.iter().enumerate() {
        let guards: &[Asks] = match route.access() {
            Access::Guarded(guards) | Access::Optional(guards) => guards,
            Access::Open | Access::Fairing => &[],
        };
        let mut ways = requirements(guards);
        if ways.is_empty() {
            ways.push(Requirement::default());
        }
        if let Some(taken) = &taken {
            ways.retain(|way| !way.0.is_empty() && way.0.keys().all(|scheme| taken.contains(scheme)));
        }
        let is_guarded = matches!(route.access(), Access::Guarded(_));
        let passes_on = guards.iter().any(|asks| asks.is_required() && asks.passes_on());
        let is_last = index + 1 == group.len();
        // What a guard passes on is up to the next routes.
        if is_guarded && passes_on && !is_last {
            ways.retain(|way| *way != Requirement::default());
        }
        if is_guarded && takes_every_request(route) {
            if !passes_on {
                all.extend(ways);
                break;
            }
            if !pass_on_nobody(guards) {
                taken = Some(ways.iter().flat_map(|way| way.0.keys().copied()).collect());
            }
        }
        all.extend(ways);
    }
    all
}

/// Whether a route matches whatever comes to its path by its method.
fn takes_every_request(route: &MappedRoute<'_>) -> bool {
    let query = route.route().uri.query().unwrap_or_default();
    route.route().format.is_none() && query.split('&').all(|part| part.is_empty() || part.starts_with('<'))
}

fn in_words(ways: &BTreeSet<Requirement>) -> String {
    let scheme = |(scheme, scopes): (&Scheme, &BTreeSet<String>)| match scopes.is_empty() {
        true => scheme.name().to_owned(),
        false => format!("{} ({})", scheme.name(), scopes.iter().cloned().collect::<Vec<_>>().join(" ")),
    };
    let way = |way: &Requirement| match way.0.is_empty() {
        true => "nothing".to_owned(),
        false => way.0.iter().map(scheme).collect::<Vec<_>>().join(" and "),
    };
    // What asks for something first.
    let (nothing, ways): (Vec<_>, Vec<_>) = ways.iter().partition(|way| way.0.is_empty());
    let words: Vec<_> = ways.into_iter().chain(nothing).map(way).collect();
    if words.is_empty() { "what no scheme of the document has".to_owned() } else { words.join(" or ") }
}
