//! The jail as a whole: built, and torn down.

use super::isolation::tried;
use super::{lacks, works};
use crate::jail::{Ground, GroundPlan, Images, Jail};
use checks::doctor::{Finding, Gap};
use checks::limit::Limits;

/// What building one, as for a check, came to.
pub fn whole(built: &Result<Built, String>) -> Finding {
    let (id, title) = ("jail", "a jail");
    match built {
        Ok(Built { groups }) => {
            let groups = groups
                .as_ref()
                .map_or("with cgroups", |_| "without cgroups");
            works(id, title, format!("can be built and torn down, {groups}"))
        }
        Err(why) => lacks(id, title, why, Gap::Everything),
    }
}

/// What came of building one.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Built {
    /// Why it had no groups, if so.
    pub groups: Option<String>,
}

/// Builds a jail in a child, and tears it down.
pub fn build() -> Result<Built, String> {
    // Any directory serves as one with images, none is looked for in it; but nothing may be mounted below it, as it is below
    // /etc in containers. A user namespace would not be shown such a tree in part (mount_namespaces(7), locked mounts).
    let images = tempfile::tempdir()
        .map_err(|error| format!("{error}; set TMPDIR to a directory that can be written to"))?;
    tried(|| {
        let ground = Ground::prepare(&GroundPlan::default(), &[images.path().to_owned()])?;
        let none = Images {
            index: 0,
            files: &[],
        };
        let jail = Jail::create(&ground, &none, &Limits::default())?;
        let groups = jail.groups.as_ref().err().cloned();
        Ok(Built { groups })
    })
}
