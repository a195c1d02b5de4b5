//! stub
use std::collections::BTreeMap;
pub struct Invocation<'a> { pub image: &'a str, pub images: &'a str, pub containers: &'a str, pub options: &'a BTreeMap<String,String>, pub command: &'a [String] }
pub struct Submission { pub environment: Vec<(String,String)>, pub run: Vec<String> }
impl Submission {
  pub fn command_line(&self, i: &Invocation) -> Vec<String> { let mut v = self.run.clone(); v.extend(["run".into(),"-i".into(),i.image.into()]); v.extend(i.command.iter().cloned()); v }
  pub fn typed(&self, i: &Invocation) -> String { self.command_line(i).join(" ") }
}
