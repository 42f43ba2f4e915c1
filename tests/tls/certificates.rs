//! Certificates: each that does not hold differs by one thing from those that do.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    NameConstraints,
};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{AlertDescription, ProtocolVersion, SupportedProtocolVersion};

use crate::server::{Authority, Identity, Manner, Visit};
use crate::world::{CLIENT_SECRET, CODE, REFRESH, ROOT, World, was_told};

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

/// By which a client says that a certificate does not hold (RFC 8446 section 6.2).
const ALERTS: [AlertDescription; 6] = [
    AlertDescription::BadCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::DecryptError,
];

fn modern(identity: Identity) -> Manner {
    Manner::tls(identity, &[&TLS13, &TLS12])
}

fn names(names: &[&str]) -> impl FnOnce(&mut CertificateParams) {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    move |it| it.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names
}

/// The client ended the handshake over the certificate, and said nothing else.
fn assert_handshake_refused(visit: &Visit, what: &str) {
    match visit.handshake {
        Some(Err(Some(alert))) => assert!(ALERTS.contains(&alert), "{what}: {alert:?}"),
        ref other => panic!("{what}: {other:?}"),
    }
    assert_eq!(visit.said, b"", "{what}");
}

/// Chains that end in the app's own root, but for what is said of them.
fn bad() -> Vec<(&'static str, Identity)> {
    let root = &*ROOT;
    let (stranger, namesake) = (Authority::new("a stranger"), Authority::new("the root"));
    let ended = |it: &mut CertificateParams| it.not_after = (SystemTime::now() - HALF_AN_HOUR).into();
    let to_come = |it: &mut CertificateParams| it.not_before = (SystemTime::now() + HALF_AN_HOUR).into();
    let is_no_authority = |it: &mut CertificateParams| it.is_ca = IsCa::NoCa;
    let says_that_it_is_none = |it: &mut CertificateParams| it.is_ca = IsCa::ExplicitNoCa;
    let has_none_below = |it: &mut CertificateParams| it.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let of_another_name = |it: &mut CertificateParams| {
        let permitted_subtrees = vec![GeneralSubtree::DnsName("example.com".to_owned())];
        it.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    };
    let purpose = |purpose| move |it: &mut CertificateParams| it.extended_key_usages = vec![purpose];
    vec![
        ("self-signed", Identity::self_signed()),
        ("of an unknown authority", stranger.issue(|_| {})),
        ("of an unknown authority with our root's name", namesake.issue(|_| {})),
        ("of an unknown authority below one", stranger.below(|_| {}).issue(|_| {})),
        ("expired", root.issue(ended)),
        ("not yet valid", root.issue(to_come)),
        ("for another name", root.issue(names(&["evil.example"]))),
        ("for a longer name", root.issue(names(&["localhost.evil.example", "evil-localhost"]))),
        ("for the address and not the name", root.issue(names(&["127.0.0.1"]))),
        ("for no name but the common one", root.issue(names(&[]))),
        ("for clients", root.issue(purpose(ExtendedKeyUsagePurpose::ClientAuth))),
        ("for code", root.issue(purpose(ExtendedKeyUsagePurpose::CodeSigning))),
        ("an authority's own", root.issue(|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))),
        ("signed by a leaf", root.below(is_no_authority).issue(|_| {})),
        ("signed by a leaf that says so", root.below(says_that_it_is_none).issue(|_| {})),
        ("below an expired authority", root.below(ended).issue(|_| {})),
        ("below an authority for other names", root.below(of_another_name).issue(|_| {})),
        ("too far below an authority", root.below(has_none_below).below(|_| {}).issue(|_| {})),
        ("without the authority between", root.below(|_| {}).issue(|_| {}).alone()),
        ("without its key", root.issue(|_| {}).stolen()),
    ]
}

/// I1, I3: neither the code nor the client's secret leaves for a server whose certificate does not hold.
#[rocket::async_test]
async fn a_server_whose_certificate_does_not_hold_is_told_nothing() {
    for (what, identity) in bad() {
        let world = World::start(modern(identity)).await;
        world.assert_closed(what, |visit| assert_handshake_refused(visit, what)).await;
        let log = world.app.output();
        let reason = "its TLS certificate does not hold";
        for told in ["jwks.json: ", "the pool did not help: "] {
            assert!(log.contains(&format!("{told}{reason}")), "{what}: {told}\n{log}");
        }
    }
}

/// I1: the older protocol has a check of its own for who has the key.
#[rocket::async_test]
async fn under_tls_1_2_too_it_is_told_nothing() {
    for (what, identity) in [
        ("self-signed", Identity::self_signed()),
        ("for another name", ROOT.issue(names(&["evil.example"]))),
        ("without its key", ROOT.issue(|_| {}).stolen()),
    ] {
        let world = World::start(Manner::tls(identity, &[&TLS12])).await;
        world.assert_closed(what, |visit| assert_handshake_refused(visit, what)).await;
    }
}

/// I1: what the cases above differ from.
#[rocket::async_test]
async fn a_server_whose_certificate_holds_is_believed() {
    let root = &*ROOT;
    let both: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
    let (old, new) = (ProtocolVersion::TLSv1_2, ProtocolVersion::TLSv1_3);
    let between = |it: &mut CertificateParams| it.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let cases: [(_, _, &[&SupportedProtocolVersion], _); 7] = [
        ("elliptic curve", root.issue(|_| {}), both, new),
        ("RSA", root.issue_for(&rcgen::PKCS_RSA_SHA256, |_| {}), both, new),
        ("an authority between", root.below(between).issue(|_| {}), both, new),
        ("two authorities between", root.below(|_| {}).below(between).issue(|_| {}), both, new),
        ("no common name", root.issue(|it| it.distinguished_name = DistinguishedName::new()), both, new),
        ("TLS 1.2", root.issue(|_| {}), &[&TLS12], old),
        ("RSA, TLS 1.2", root.issue_for(&rcgen::PKCS_RSA_SHA256, |_| {}), &[&TLS12], old),
    ];
    for (what, identity, versions, version) in cases {
        let world = World::start(Manner::tls(identity, versions)).await;
        world.assert_open(what).await;
        let (keys, pool) = (world.keys.visits().await, world.pool.visits().await);
        assert_eq!((keys.len(), pool.len()), (1, 1), "{what}");
        for visit in keys.iter().chain(&pool) {
            assert_eq!(visit.handshake, Some(Ok(version)), "{what}");
        }
        assert!(was_told(&pool[0], &[CODE]) && was_told(&pool[0], &[CLIENT_SECRET]), "{what}");
    }
}

/// I1: an address is not a name.
#[rocket::async_test]
async fn a_pool_that_is_known_by_its_address_has_a_certificate_for_the_address() {
    for (name, is_good) in [("127.0.0.1", true), ("localhost", false)] {
        let manner = modern(ROOT.issue(names(&[name])));
        let world = World::start_with(manner, "127.0.0.1", &[]).await;
        if is_good {
            world.assert_open(name).await;
        } else {
            world.assert_closed(name, |visit| assert_handshake_refused(visit, name)).await;
        }
    }
}

/// I1, I3: trust is not remembered. A refresh token does not follow the pool's name to another server.
#[rocket::async_test]
async fn a_sign_out_tells_nothing_to_a_server_that_has_taken_the_pools_place() {
    let world = World::start(modern(ROOT.issue(|_| {}))).await;
    let (agent, other) = (world.assert_open("before").await, world.assert_open("before").await);
    world.sign_out(&other).await;
    let visits = world.pool.visits().await;
    assert_eq!(visits.len(), 3);
    assert!(was_told(&visits[2], &[REFRESH]), "else this test shows nothing");

    world.pool.change(modern(Identity::self_signed()));
    world.sign_out(&agent).await;
    let visits = world.pool.visits().await;
    assert_eq!(visits.len(), 4);
    assert_handshake_refused(&visits[3], "after");
}
