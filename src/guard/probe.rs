//! How the sentinels of guards say what they ask for: in the launch of a bare Rocket, which serves nobody.
//!
//! Without the feature `testing` nobody asks.

#[cfg(feature = "testing")]
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::asks::Asks;
use super::guard::Guard;
#[cfg(feature = "testing")]
use crate::denial::Denial;

/// What was noted of a type in a route's signature.
#[cfg(feature = "testing")]
#[derive(Clone)]
pub(crate) enum Noted {
    /// It is a guard, which must succeed.
    Guard(Asks),
    /// It holds a guard's success or refusal.
    Optional(Asks),
}

/// Where guards note what they ask for: in the state of the bare Rocket.
#[cfg(feature = "testing")]
#[derive(Default)]
pub(crate) struct Probe(Mutex<HashMap<TypeId, Noted>>);

#[cfg(feature = "testing")]
impl Probe {
    fn of(rocket: &Rocket<Ignite>) -> Option<&Probe> {
        rocket.state::<Arc<Probe>>().map(|probe| &**probe)
    }

    fn note<G: 'static>(&self, asks: Asks) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.insert(TypeId::of::<Option<G>>(), Noted::Optional(asks.clone().or_nobody()));
        noted.insert(TypeId::of::<Result<G, Denial>>(), Noted::Optional(asks.clone().or_denial()));
        noted.insert(TypeId::of::<G>(), Noted::Guard(asks));
    }

    pub(crate) fn noted(&self, id: TypeId) -> Option<Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

/// Whether `rocket` is the bare Rocket in which guards say what they ask for.
#[cfg(feature = "testing")]
pub(super) fn is_probed(rocket: &Rocket<Ignite>) -> bool {
    Probe::of(rocket).is_some()
}

/// Whether `rocket` is a bare one, in which the guard `G` then has noted what it asks for.
#[cfg(feature = "testing")]
pub(crate) fn has_noted<G: Guard + 'static>(rocket: &Rocket<Ignite>) -> bool {
    Probe::of(rocket).inspect(|probe| probe.note::<G>(G::asks())).is_some()
}

/// Whether `rocket` is a bare one, in which the guard `W` around `G` then has noted what it asks for: what `G` does, and
/// what `and` adds. `G` may be the app's own: then nobody knows.
#[cfg(feature = "testing")]
pub(super) fn has_noted_around<W: 'static, G: Sentinel + 'static>(
    rocket: &Rocket<Ignite>,
    and: fn(Asks) -> Asks,
) -> bool {
    let Some(probe) = Probe::of(rocket) else { return false };
    G::abort(rocket);
    if let Some(Noted::Guard(asks)) = probe.noted(TypeId::of::<G>()) {
        probe.note::<W>(and(asks));
    }
    true
}

#[cfg(not(feature = "testing"))]
pub(super) fn is_probed(_: &Rocket<Ignite>) -> bool {
    false
}

#[cfg(not(feature = "testing"))]
pub(crate) fn has_noted<G: Guard + 'static>(_: &Rocket<Ignite>) -> bool {
    false
}

#[cfg(not(feature = "testing"))]
pub(super) fn has_noted_around<W: 'static, G: Sentinel + 'static>(
    _: &Rocket<Ignite>,
    _: fn(Asks) -> Asks,
) -> bool {
    // As with the feature, it is called with both types.
    let _ = (std::any::TypeId::of::<W>, G::abort);
    false
}
