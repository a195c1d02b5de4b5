//! References: `SUBJECT[.fact[.field]]`, `before`, an earlier `as`, a fact of the same subject, or text.

use super::actions::plain_subject;
use super::nearest;
use super::read::Reader;
use crate::fact::FactName;
use crate::level::{Reference, Subject};
use crate::name::Shape;
use alloc::{format, string::String, vec::Vec};

enum Whose {
    Subject(Subject),
    Name(String),
}

pub(super) fn reference(reader: &mut Reader, text: &str) -> Reference {
    if text == "before" {
        return Reference::Before;
    }
    // No name holds these: paths and captures are text.
    if text.is_empty() || text.contains(['/', '[', '{', ' ']) {
        return Reference::Text(text.into());
    }
    let mut parts = text.splitn(3, '.');
    let head = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let whose = if let Some(subject) = plain_subject(head) {
        Whose::Subject(subject)
    } else if reader.names.contains(head) {
        Whose::Name(head.into())
    } else {
        return own(reader, head, &rest, text);
    };
    let fact = rest.first().and_then(|name| fact(reader, name));
    let field = rest.get(1).map(|name| String::from(*name));
    if let (Some(fact), Some(field)) = (fact, &field) {
        check_field(reader, fact, field);
    }
    match whose {
        Whose::Subject(subject) => Reference::Of {
            subject,
            fact,
            field,
        },
        Whose::Name(name) => Reference::Named { name, fact, field },
    }
}

fn own(reader: &mut Reader, head: &str, rest: &[&str], text: &str) -> Reference {
    match FactName::from_name(head) {
        Some(fact) if rest.is_empty() => Reference::Own(fact),
        _ => {
            let mut known = ["container", "submission", "host", "image", "before"].to_vec();
            known.extend(reader.names.iter().map(String::as_str));
            let remedy = match nearest(head, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}, or a fact such as root", known.join(", ")),
            };
            reader.problem(format!("`{text}` refers to nothing"), remedy);
            Reference::Text(text.into())
        }
    }
}

fn fact(reader: &mut Reader, name: &str) -> Option<FactName> {
    let fact = FactName::from_name(name);
    if fact.is_none() {
        let names: Vec<&str> = FactName::ALL.iter().map(|fact| fact.name()).collect();
        let remedy = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("facts are: {}", names.join(", ")),
        };
        reader.problem(format!("unknown fact `{name}`"), remedy);
    }
    fact
}

fn check_field(reader: &mut Reader, fact: FactName, field: &str) {
    let fields = match fact.shape() {
        Shape::Record(fields) => fields,
        Shape::Value | Shape::Table(_) => &[],
    };
    if fields.contains(&field) {
        return;
    }
    let message = format!("`{}` has no field `{field}`", fact.name());
    let remedy = match nearest(field, fields) {
        Some(near) => format!("did you mean `{near}`?"),
        None if fields.is_empty() => "leave the field out".into(),
        None => format!("its fields: {}", fields.join(", ")),
    };
    reader.problem(message, remedy);
}
