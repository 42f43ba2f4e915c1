//! Flaws of what is replaced and touched.

use std::time::Duration;

use rocket_cognito::store::{Replaced, SessionAddress, SessionStore, StoreError};

use super::{Answer, Flaw, Flawed, LATE, look_away};

pub async fn replace(
    flawed: &Flawed,
    at: &SessionAddress,
    mut generation: u64,
    value: &[u8],
    life: Duration,
) -> Answer<Replaced> {
    let (at, value, mut life) = (&flawed.at(at), &flawed.value(value), flawed.life(life));
    let present = flawed.store.load(at).await?;
    let is_this = present.as_ref().is_some_and(|there| there.generation == generation);
    let holder = flawed.holder(at);
    match (flawed.flaw, present) {
        (Flaw::ReplaceCreates | Flaw::ReplaceIsAPut, None) => {
            drop(flawed.store.create(at, value, life, usize::MAX).await?)
        }
        (Flaw::ReplaceIgnoresTheGeneration | Flaw::ReplaceIsAPut, Some(there)) => {
            generation = there.generation
        }
        (Flaw::ReplaceKeepsTheEnd, Some(there)) => life = there.ends_in,
        (Flaw::ReplaceIsLookedUpFirst, Some(_)) if is_this => {
            look_away().await;
            generation = flawed.generation(at).await?;
        }
        (Flaw::ReplaceWaitsForTheLease, Some(there)) => {
            if let Some((holder, _)) = holder
                && flawed.store.keep(at, &holder, LATE).await?
            {
                return Ok(Replaced::Other(there));
            }
        }
        _ => (),
    }
    if flawed.has(Flaw::BusyForEver) {
        if std::mem::replace(&mut *flawed.busy.lock().unwrap(), true) {
            return Err(StoreError::Unavailable("another call is under way".into()));
        }
        rocket::tokio::task::yield_now().await;
        *flawed.busy.lock().unwrap() = false;
    }
    let replaced = flawed.store.replace(at, generation, value, life).await?;
    if let (Flaw::ReplaceKeepsTheLease, Replaced::Done, Some((holder, _))) = (flawed.flaw, &replaced, holder)
    {
        flawed.store.turn(at, generation + 1, &holder, LATE).await?;
    }
    Ok(match replaced {
        Replaced::Other(there) => flawed.shown(there).map_or(Replaced::Gone, Replaced::Other),
        replaced => replaced,
    })
}

pub async fn touch(flawed: &Flawed, at: &SessionAddress, life: Duration) -> Answer<()> {
    let (at, mut life) = (&flawed.at(at), flawed.life(life));
    let present = flawed.store.load(at).await?;
    match (flawed.flaw, present) {
        (Flaw::TouchCreates, None) => drop(flawed.store.create(at, b"", life, usize::MAX).await?),
        (Flaw::TouchKeepsTheEnd, Some(there)) => life = there.ends_in,
        (Flaw::TouchOnlyExtends, Some(there)) => life = life.max(there.ends_in),
        (Flaw::TouchWritesAll, Some(there)) => {
            look_away().await;
            let generation = flawed.generation(at).await?;
            flawed.store.replace(at, generation, &there.value, life).await?;
        }
        _ => (),
    }
    flawed.store.touch(at, life).await
}
