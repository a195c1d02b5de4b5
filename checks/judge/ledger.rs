//! The facts a check has learned, by when they were true.

use crate::comparison::{Facts, Missing};
use crate::fact::{FactName, Subject, Value};
use crate::observed::Observed;
use crate::reference::When;
use alloc::{collections::BTreeMap, format, string::String};

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub before: BTreeMap<(Subject, FactName), Observed<Value>>,
    pub named: BTreeMap<(String, FactName), Observed<Value>>,
    pub now: BTreeMap<(Subject, FactName), Observed<Value>>,
    /// Why facts may be missing: the step, or the one it names, was not played to its end.
    pub cut_short: Option<String>,
}

impl Facts for Ledger {
    fn fact(&self, when: &When, fact: FactName) -> Result<Value, Missing> {
        let found = match when {
            When::Before(subject) => self.before.get(&(subject.clone(), fact)),
            When::Named(name) => self.named.get(&(name.clone(), fact)),
            When::Now(subject) => self.now.get(&(subject.clone(), fact)),
        };
        match (found, &self.cut_short) {
            (Some(Observed::Known(value)), _) => Ok(value.clone()),
            (Some(Observed::HostCannot(why)), _) => Err(Missing::HostCannot(why.clone())),
            (Some(Observed::OurBug(why)), _) => Err(Missing::Ours(why.clone())),
            (Some(Observed::ContainerGone(_)) | None, Some(cause)) => {
                Err(Missing::Depends(cause.clone()))
            }
            (Some(Observed::ContainerGone(why)), None) => Err(Missing::Gone(why.clone())),
            (None, None) => Err(Missing::Ours(format!(
                "the fact {} was not taken",
                fact.name()
            ))),
        }
    }
}
