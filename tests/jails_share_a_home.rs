//! Which namespaces jails that follow one another have in common, and which they never have.

use checks::fact::Value;
use checks::limit::Limits;
use rdgrade::jail::sys::{Fork, exit_now, fork};
use rdgrade::jail::{Ground, GroundPlan, Images, Jail, Network, Power};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};

/// The namespaces of jails made one after another, each by its name.
fn made(networks: &[Network]) -> Option<Vec<BTreeMap<String, u64>>> {
    if Power::of_this_process() == Power::User {
        eprintln!("skipped: an ordinary user's jails have nothing in common");
        return None;
    }
    let images = tempfile::tempdir().unwrap();
    let (reader, writer) = nix::unistd::pipe().unwrap();
    // Whoever prepares the ground leaves the host's mount namespace for good.
    match fork().unwrap() {
        Fork::Child => {
            drop(reader);
            let ground =
                Ground::prepare(&GroundPlan::default(), &[images.path().to_owned()]).unwrap();
            let shown = Images {
                index: 0,
                files: &[],
            };
            let create = |network: &Network| {
                let jail = Jail::create_in(&ground, &shown, &Limits::default(), *network).unwrap();
                assert_eq!(jail.unmet, [""; 0]);
                jail
            };
            // All of them at once: the numbers of namespaces that are gone are given to others.
            let jails: Vec<Jail> = networks.iter().map(create).collect();
            let namespaces = |jail: &Jail| {
                let row = jail.namespaces.row().into_iter();
                row.filter_map(|(name, value)| match value {
                    Value::Number(inode) => Some((name, inode)),
                    _ => None,
                })
                .collect::<BTreeMap<_, _>>()
            };
            let all: Vec<_> = jails.iter().map(namespaces).collect();
            drop(jails);
            ground.end();
            drop(ground);
            let text = serde_json::to_vec(&all).unwrap();
            exit_now(i32::from(File::from(writer).write_all(&text).is_err()))
        }
        Fork::Parent(child) => {
            drop(writer);
            let mut text = Vec::new();
            File::from(reader).read_to_end(&mut text).unwrap();
            nix::sys::wait::waitpid(child, None).unwrap();
            Some(serde_json::from_slice(&text).expect("the jails were made"))
        }
    }
}

fn in_common(one: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>) -> Vec<String> {
    let same = one
        .iter()
        .filter(|(name, inode)| other.get(*name) == Some(inode));
    same.map(|(name, _)| name.clone()).collect()
}

#[test]
fn jails_of_a_worker_share_a_network_and_the_users_it_belongs_to() {
    let Some(jails) = made(&[Network::Shared, Network::Shared]) else {
        return;
    };
    assert_eq!(jails[0].len(), 7);
    assert_eq!(in_common(&jails[0], &jails[1]), ["net", "user"]);
}

#[test]
fn a_jail_with_a_network_of_its_own_shares_nothing() {
    let Some(jails) = made(&[Network::Shared, Network::Own, Network::Own]) else {
        return;
    };
    for (one, other) in [(0, 1), (1, 2), (0, 2)] {
        assert_eq!(in_common(&jails[one], &jails[other]), [""; 0]);
    }
}
