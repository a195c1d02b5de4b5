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
    tried(|| {
        // Any directory serves as one with images: none is looked for in it.
        let ground = Ground::prepare(&GroundPlan::default(), &["/etc".into()])?;
        let none = Images {
            index: 0,
            files: &[],
        };
        let jail = Jail::create(&ground, &none, &Limits::default())?;
        let groups = jail.groups.as_ref().err().cloned();
        Ok(Built { groups })
    })
}
