//! Flaws of names and values.

use rocket_cognito::store::LeaseOwner;

use super::Flaw;

pub fn name<const LENGTH: usize>(flaw: Flaw, mut name: [u8; LENGTH]) -> [u8; LENGTH] {
    match flaw {
        Flaw::NamesHaveNoCase => name.make_ascii_lowercase(),
        // The last bytes, since a random name has a zero now and then.
        Flaw::NamesEndAtZero => {
            let kept = name.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
            let kept = if LENGTH - kept > 2 { 4 } else { LENGTH };
            name[kept..].fill(0);
        }
        _ => (),
    }
    name
}

pub fn owner(flaw: Flaw, owner: LeaseOwner) -> LeaseOwner {
    match flaw {
        Flaw::OwnersEndAtZero if owner.as_bytes().starts_with(&[0; 2]) => LeaseOwner::new([1; 16]),
        Flaw::OwnersEndAtZero if owner.as_bytes().starts_with(&[1; 2]) => LeaseOwner::new([1; 16]),
        _ => owner,
    }
}

pub fn value(flaw: Flaw, value: &[u8]) -> Vec<u8> {
    match flaw {
        Flaw::ValuesAreText => String::from_utf8_lossy(value).into_owned().into_bytes(),
        Flaw::ValuesAreCut => value[..value.len().min(65_535)].to_vec(),
        _ => value.to_vec(),
    }
}
