//! Changes of YAML that leave it YAML.

use super::{Random, text};
use serde_yaml::{Mapping, Value};

/// Changes one node of the document: it goes, is copied elsewhere, becomes one of `words`, a text in it changes. What is no
/// YAML, and one document in three, is changed as text.
pub fn tree(input: &mut Vec<u8>, random: &mut Random, words: &[&str]) {
    let read = serde_yaml::from_slice::<Value>(input).ok();
    let Some(mut root) = read.filter(|_| random.below(3) != 0) else {
        return text(input, random, words);
    };
    let nodes = count(&root);
    if random.below(2) == 0 {
        entry(&mut root, random);
        return print(&root, input);
    }
    let copied = nth(&mut root, &mut random.below(nodes))
        .cloned()
        .unwrap_or_default();
    if let Some(node) = nth(&mut root, &mut random.below(nodes)) {
        match random.below(6) {
            0 => *node = copied,
            1 => remove(node, random),
            2 => add(node, copied, random, words),
            3 => {
                let word = random.one_of(words).copied().unwrap_or_default();
                *node = serde_yaml::from_str(word).unwrap_or(Value::String(word.to_owned()));
            }
            _ => scalar(node, random, words),
        }
    }
    print(&root, input);
}

fn print(root: &Value, input: &mut Vec<u8>) {
    if let Ok(printed) = serde_yaml::to_string(root) {
        *input = printed.into_bytes();
    }
}

/// Copies an entry of one mapping to another: what belongs into some mapping may belong into its like.
fn entry(root: &mut Value, random: &mut Random) {
    let nodes = count(root);
    let mut entries = Vec::new();
    for at in 0..nodes {
        if let Some(Value::Mapping(mapping)) = nth(root, &mut at.clone()) {
            entries.extend(mapping.clone());
        }
    }
    let Some((key, value)) = random.one_of(&entries).cloned() else {
        return;
    };
    let mappings =
        (0..nodes).filter(|at| nth(root, &mut at.clone()).is_some_and(|it| it.is_mapping()));
    let mappings: Vec<usize> = mappings.collect();
    if let Some(at) = random.one_of(&mappings)
        && let Some(Value::Mapping(mapping)) = nth(root, &mut at.clone())
    {
        mapping.insert(key, value);
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Sequence(items) => items.iter().map(count).sum(),
        Value::Mapping(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

/// The node that comes after `before` others.
fn nth<'v>(value: &'v mut Value, before: &mut usize) -> Option<&'v mut Value> {
    if *before == 0 {
        return Some(value);
    }
    *before -= 1;
    match value {
        Value::Sequence(items) => items.iter_mut().find_map(|item| nth(item, before)),
        Value::Mapping(entries) => entries.values_mut().find_map(|item| nth(item, before)),
        _ => None,
    }
}

fn remove(node: &mut Value, random: &mut Random) {
    match node {
        Value::Sequence(items) if !items.is_empty() => {
            drop(items.remove(random.below(items.len())))
        }
        Value::Mapping(entries) => {
            let keys: Vec<Value> = entries.keys().cloned().collect();
            if let Some(key) = random.one_of(&keys) {
                entries.shift_remove(key);
            }
        }
        other => *other = Value::Null,
    }
}

fn add(node: &mut Value, copied: Value, random: &mut Random, words: &[&str]) {
    let word = || {
        Value::String(
            random
                .clone()
                .one_of(words)
                .copied()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    match node {
        Value::Sequence(items) => items.push(copied),
        Value::Mapping(entries) => drop(entries.insert(word(), copied)),
        other => *other = Value::Mapping(Mapping::from_iter([(word(), copied)])),
    }
}

fn scalar(node: &mut Value, random: &mut Random, words: &[&str]) {
    let mut written = match node {
        Value::String(text) => text.clone().into_bytes(),
        Value::Number(number) => number.to_string().into_bytes(),
        _ => return,
    };
    text(&mut written, random, words);
    let written = String::from_utf8_lossy(&written).into_owned();
    *node = match node {
        Value::Number(_) => serde_yaml::from_str(&written).unwrap_or_default(),
        _ => Value::String(written),
    };
}
