//! Flaws of leases.

use std::time::Duration;

use rocket_cognito::store::{LeaseOwner, SessionAddress, SessionStore, Turn};

use super::{Answer, Flaw, Flawed, look_away};

pub async fn turn(
    flawed: &Flawed,
    at: &SessionAddress,
    mut generation: u64,
    owner: &LeaseOwner,
    lease: Duration,
) -> Answer<Turn> {
    let (at, owner) = (&flawed.at(at), &flawed.owner(owner));
    let before = flawed.holder(at);
    let present = flawed.generation(at).await?;
    match flawed.flaw {
        Flaw::TurnIgnoresTheGeneration => generation = present,
        Flaw::TurnRestsFirst if present != generation => {
            if let rests @ Turn::Rests(_) = flawed.store.turn(at, present, owner, Duration::ZERO).await? {
                return Ok(rests);
            }
        }
        Flaw::TurnIsLookedUpFirst if before.is_none() && present == generation => {
            look_away().await;
            flawed.holders.lock().unwrap().insert(*at, (*owner, false));
            flawed.store.turn(at, generation, owner, lease).await?;
            return Ok(Turn::Yours { taken_over: false, failures: 0 });
        }
        Flaw::OwnLeaseIsHeld if flawed.store.keep(at, owner, lease).await? => return Ok(Turn::Held(lease)),
        Flaw::TurnIsSeen if present != 0 => flawed.store.touch(at, flawed.ends_in(at).await?).await?,
        _ => (),
    }
    let has_lease = flawed.has(Flaw::TakeoverByOneself) && flawed.store.keep(at, owner, lease).await?;
    let mut turn = flawed.store.turn(at, generation, owner, lease).await?;
    if let Turn::Yours { taken_over, failures } = &mut turn {
        flawed.holders.lock().unwrap().insert(*at, (*owner, *taken_over));
        match flawed.flaw {
            Flaw::TakeoverIsNotTold => *taken_over = false,
            Flaw::TakeoverIsAlwaysTold => *taken_over = before.is_some_and(|(other, _)| other != *owner),
            Flaw::TakeoverByOneself => *taken_over |= !has_lease && before.is_some(),
            Flaw::TakeoverIsToldOnce => *taken_over &= before.is_none_or(|(other, _)| other != *owner),
            Flaw::FailuresAreForgotten => *failures = 0,
            Flaw::FailuresOutliveTheSession => {
                *failures = (*failures).max(flawed.failures.lock().unwrap().get(at).copied().unwrap_or(0));
            }
            _ => (),
        }
    }
    Ok(match turn {
        Turn::Other(there) => flawed.shown(there).map_or(Turn::Gone, Turn::Other),
        Turn::Held(_) if flawed.has(Flaw::HeldIsNothing) => Turn::Held(Duration::ZERO),
        turn => turn,
    })
}

pub async fn keep(
    flawed: &Flawed,
    at: &SessionAddress,
    owner: &LeaseOwner,
    mut lease: Duration,
) -> Answer<bool> {
    flawed.take_time().await;
    let (at, owner) = (&flawed.at(at), &flawed.owner(owner));
    if flawed.has(Flaw::KeepOnlyExtends) {
        lease = lease.max(Duration::from_secs(3600));
    }
    let kept = flawed.store.keep(at, owner, lease).await?;
    Ok(match flawed.flaw {
        Flaw::KeepIsAlwaysTrue => true,
        Flaw::KeepAfterTheEnd if !kept && flawed.holder(at).is_some_and(|(last, _)| last == *owner) => {
            let turn = flawed.store.turn(at, flawed.generation(at).await?, owner, lease).await?;
            matches!(turn, Turn::Yours { .. })
        }
        _ => kept,
    })
}

pub async fn give_back(
    flawed: &Flawed,
    at: &SessionAddress,
    owner: &LeaseOwner,
    rest: Duration,
) -> Answer<()> {
    let (at, owner) = (&flawed.at(at), &flawed.owner(owner));
    *flawed.failures.lock().unwrap().entry(*at).or_default() += 1;
    match flawed.flaw {
        Flaw::GiveBackIsForgotten => Ok(()),
        Flaw::GiveBackWithoutRest => flawed.store.give_back(at, owner, Duration::ZERO).await,
        Flaw::GiveBackByAnybody => {
            let holder = flawed.holder(at).map_or(*owner, |(holder, _)| holder);
            flawed.store.give_back(at, &holder, rest).await
        }
        Flaw::GiveBackByHolderInTime if !flawed.store.keep(at, owner, rest).await? => Ok(()),
        Flaw::GiveBackCountsTwice => {
            let generation = flawed.generation(at).await?;
            flawed.store.give_back(at, owner, Duration::ZERO).await?;
            if let Turn::Yours { .. } = flawed.store.turn(at, generation, owner, rest).await? {
                flawed.store.give_back(at, owner, rest).await?;
            }
            Ok(())
        }
        _ => flawed.store.give_back(at, owner, rest).await,
    }
}
