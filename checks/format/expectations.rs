//! Expectations, from entries to relations.

use super::ExpectEntry;
use super::fitting;
use super::read::Reader;
use super::reference::reference;
use super::relation::{ExitEntry, RelationEntry, RelationOptions, RowsEntry, TableEntry};
use super::rows::Columns;
use crate::fact::FactName;
use crate::level::{
    ExitExpectation, Expect, Field, Reference, Relation, RowPattern, Rows, TableRelation,
};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

pub(super) fn expect(reader: &mut Reader, mut entry: ExpectEntry) -> Expect {
    Expect {
        exit: entry
            .exit
            .take()
            .and_then(|it| reader.at("exit", |reader| exit(reader, it))),
        snapshot: entry.snapshot.take(),
        words: entry
            .words
            .take()
            .map(|it| reader.at("words", |reader| table(reader, it))),
        lines: entry
            .lines
            .take()
            .map(|it| reader.at("lines", |reader| table(reader, it))),
        values: values(reader, &mut entry),
        records: records(reader, &mut entry),
        tables: tables(reader, entry),
    }
}

fn exit(reader: &mut Reader, entry: ExitEntry) -> Option<ExitExpectation> {
    match entry {
        ExitEntry::Code(code) => Some(ExitExpectation::Code(code)),
        ExitEntry::Named(name) if name == "nonzero" => Some(ExitExpectation::Nonzero),
        ExitEntry::Named(name) if name.starts_with("SIG") => Some(ExitExpectation::Signal(name)),
        ExitEntry::Named(name) => {
            let remedy = "write a number from 0 to 255, nonzero, or a signal such as SIGKILL";
            reader.problem(format!("`{name}` is no way for a command to end"), remedy);
            None
        }
    }
}

fn values(reader: &mut Reader, entry: &mut ExpectEntry) -> BTreeMap<FactName, Relation> {
    [
        (FactName::Root, entry.root.take()),
        (FactName::Cwd, entry.cwd.take()),
        (FactName::RootDevice, entry.root_device.take()),
        (FactName::Pid, entry.pid.take()),
        (FactName::Id, entry.id.take()),
        (FactName::Hostname, entry.hostname.take()),
        (FactName::Digest, entry.digest.take()),
        (FactName::Tree, entry.tree.take()),
    ]
    .into_iter()
    .filter_map(|(fact, entry)| Some((fact, entry?)))
    .map(|(fact, entry)| {
        (
            fact,
            reader.at(fact.name(), |reader| value(reader, fact, entry)),
        )
    })
    .collect()
}

type Record = BTreeMap<String, Field>;

fn records(reader: &mut Reader, entry: &mut ExpectEntry) -> BTreeMap<FactName, Record> {
    let mut records = BTreeMap::new();
    let mut plain = |reader: &mut Reader, fact: FactName, columns: Option<Vec<_>>| {
        let Some(columns) = columns else { return };
        records.insert(
            fact,
            reader.at(fact.name(), |reader| record(reader, fact, columns)),
        );
    };
    plain(
        reader,
        FactName::Namespaces,
        entry.namespaces.take().map(Columns::columns),
    );
    plain(
        reader,
        FactName::CpuGroup,
        entry.cpu_group.take().map(Columns::columns),
    );
    plain(
        reader,
        FactName::MemoryGroup,
        entry.memory_group.take().map(Columns::columns),
    );
    plain(
        reader,
        FactName::Overlay,
        entry.overlay.take().map(Columns::columns),
    );
    plain(
        reader,
        FactName::Breakout,
        entry.breakout.take().map(Columns::columns),
    );
    if let Some(mut ids) = entry.ids.take() {
        let groups = ids.groups.take();
        let fields = reader.at("ids", |reader| {
            let mut fields = record(reader, FactName::Ids, ids.columns());
            if let Some(groups) = groups {
                let groups = reader.at("groups", |reader| table(reader, groups));
                fields.insert("groups".into(), Field::Table(groups));
            }
            fields
        });
        records.insert(FactName::Ids, fields);
    }
    records
}

fn record(
    reader: &mut Reader,
    fact: FactName,
    columns: Vec<(&'static str, RelationEntry)>,
) -> Record {
    let columns = columns.into_iter();
    columns
        .map(|(name, entry)| {
            (
                name.into(),
                Field::Value(reader.at(name, |reader| value(reader, fact, entry))),
            )
        })
        .collect()
}

fn tables(reader: &mut Reader, entry: ExpectEntry) -> BTreeMap<FactName, TableRelation> {
    let mut tables = BTreeMap::new();
    named(reader, &mut tables, FactName::Born, entry.born);
    named(reader, &mut tables, FactName::Top, entry.top);
    named(reader, &mut tables, FactName::Mounts, entry.mounts);
    named(
        reader,
        &mut tables,
        FactName::NamespaceMounts,
        entry.namespace_mounts,
    );
    named(reader, &mut tables, FactName::Files, entry.files);
    named(reader, &mut tables, FactName::Processes, entry.processes);
    named(reader, &mut tables, FactName::Orphans, entry.orphans);
    named(reader, &mut tables, FactName::Links, entry.links);
    named(reader, &mut tables, FactName::Execs, entry.execs);
    tables
}

fn named<R: Columns>(
    reader: &mut Reader,
    tables: &mut BTreeMap<FactName, TableRelation>,
    fact: FactName,
    entry: Option<TableEntry<R>>,
) {
    if let Some(entry) = entry {
        tables.insert(fact, reader.at(fact.name(), |reader| table(reader, entry)));
    }
}

fn table<R: Columns>(reader: &mut Reader, entry: TableEntry<R>) -> TableRelation {
    let nothing = entry.has.is_none()
        && entry.lacks.is_none()
        && entry.only.is_none()
        && entry.same_as.is_none()
        && entry.differs_from.is_none();
    if nothing {
        let remedy = "say what must hold: has, lacks, only, same-as or differs-from";
        reader.problem("nothing is expected of this table", remedy);
    }
    TableRelation {
        has: rows(reader, "has", entry.has),
        lacks: rows(reader, "lacks", entry.lacks),
        only: rows(reader, "only", entry.only),
        same_as: refer(reader, "same-as", entry.same_as),
        differs_from: refer(reader, "differs-from", entry.differs_from),
        except: reader.each("except", entry.except.unwrap_or_default(), row),
    }
}

fn rows<R: Columns>(reader: &mut Reader, key: &str, entry: Option<RowsEntry<R>>) -> Option<Rows> {
    Some(match entry? {
        RowsEntry::Of(text) => Rows::Of(reader.at(key, |reader| reference(reader, &text))),
        RowsEntry::Listed(entries) => Rows::Listed(reader.each(key, entries, row)),
    })
}

fn row<R: Columns>(reader: &mut Reader, entry: R) -> RowPattern {
    let columns = entry.columns();
    if columns.is_empty() {
        reader.problem("this row matches everything", "name at least one column");
    }
    columns
        .into_iter()
        .map(|(name, entry)| {
            // The only column of a list of words has no key in the file.
            let pattern = match name {
                "" => relation(reader, entry),
                _ => reader.at(name, |reader| relation(reader, entry)),
            };
            (name.into(), pattern)
        })
        .collect()
}

/// The relation of a fact with one value, or of a field.
fn value(reader: &mut Reader, fact: FactName, entry: RelationEntry) -> Relation {
    match &entry {
        RelationEntry::Options(options) => fitting::check(reader, fact, options),
        RelationEntry::Is(_) if fact == FactName::Namespaces => reader.problem(
            "a namespace has no value of its own",
            "compare it: {differs-from: host}",
        ),
        RelationEntry::Is(_) => {}
    }
    relation(reader, entry)
}

fn relation(reader: &mut Reader, entry: RelationEntry) -> Relation {
    let options = match entry {
        RelationEntry::Is(scalar) => {
            return Relation {
                is: Some(scalar.into()),
                ..Relation::default()
            };
        }
        RelationEntry::Options(options) => options,
    };
    if options == RelationOptions::default() {
        reader.problem(
            "nothing is expected of this value",
            "give the value itself, or is-not, same-as, differs-from, below, at-least",
        );
    }
    Relation {
        is: options.is.map(Into::into),
        is_not: options.is_not.map(Into::into),
        same_as: refer(reader, "same-as", options.same_as),
        differs_from: refer(reader, "differs-from", options.differs_from),
        below: refer(reader, "below", options.below),
        at_least: options.at_least,
    }
}

fn refer(reader: &mut Reader, key: &str, text: Option<String>) -> Option<Reference> {
    text.map(|text| reader.at(key, |reader| reference(reader, &text)))
}
