//! The objects of an evaluation, with a trail of what was written: a branch that may not be taken
//! is run, its writes are collected and undone, and what the branches leave is joined.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::value::{Data, Id, Place, Value};

/// A key of an object: a name, an index, or another plain value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Name(Rc<str>),
    Int(i64),
    Other(Rc<str>),
}

impl Key {
    /// Returns the key that a value is, where it is plain.
    pub(super) fn of(value: &Value<'_>) -> Option<Self> {
        match &value.data {
            Data::Str(text) => Some(Self::Name(Rc::clone(text))),
            Data::Int(number) => Some(Self::Int(*number)),
            Data::Bool(truth) => Some(Self::Int(i64::from(*truth))),
            Data::None => Some(Self::Other("None".into())),
            Data::External(name) => Some(Self::Other(Rc::clone(name))),
            _ => None,
        }
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

/// What an object is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Dict,
    List,
    /// A module of the project, by its file.
    Module(usize),
    /// A function's names.
    Scope,
    /// A class with its bases.
    Class(Rc<ClassInfo>),
    /// An instance of a class of the project.
    Instance(Id),
    /// What calling a library's name gave: `flask.Flask`, `decouple.Config`, `environ.Env`.
    Made(Rc<str>),
}

/// What is fixed about a class.
#[derive(Debug)]
pub(super) struct ClassInfo {
    pub(super) name: Rc<str>,
    pub(super) file: usize,
    /// The classes of the project that it derives from, nearest first, itself included.
    pub(super) mro: Vec<Id>,
    /// The names of library classes that it derives from.
    pub(super) external: Vec<Rc<str>>,
    /// Whether a base is not known at all.
    pub(super) unknown_base: bool,
    pub(super) dataclass: bool,
    /// Whether code of its own answers for its attributes.
    pub(super) hooked: bool,
}

/// An object.
#[derive(Clone, Debug)]
pub(super) struct Object<'a> {
    pub(super) kind: Kind,
    pub(super) fields: BTreeMap<Key, Value<'a>>,
    /// Why further fields may exist that are not known.
    pub(super) open: Option<Rc<str>>,
    /// Where it was made.
    pub(super) site: Option<Place>,
}

/// One write: the object, the field (`None`: its openness), and what was there before.
#[derive(Debug)]
enum Undo<'a> {
    Field(Id, Key, Option<Value<'a>>),
    Open(Id, Option<Rc<str>>),
}

/// A place that can be written.
type Spot = (Id, Option<Key>);

/// What stands in a spot.
#[derive(Clone, Debug)]
enum Content<'a> {
    Field(Option<Value<'a>>),
    Open(Option<Rc<str>>),
}

/// What a branch wrote.
#[derive(Clone, Debug, Default)]
pub(super) struct Writes<'a>(BTreeMap<Spot, Content<'a>>);

/// The objects of an evaluation.
#[derive(Debug, Default)]
pub(super) struct Heap<'a> {
    objects: Vec<Object<'a>>,
    trail: Vec<Undo<'a>>,
}

/// A point in the trail to which the heap can go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    trail: usize,
    objects: usize,
}

impl<'a> Heap<'a> {
    /// Makes an object.
    pub(super) fn make(&mut self, kind: Kind, site: Option<Place>) -> Id {
        self.objects.push(Object {
            kind,
            fields: BTreeMap::new(),
            open: None,
            site,
        });
        self.objects.len() - 1
    }

    /// Returns an object.
    pub(super) fn object(&self, id: Id) -> &Object<'a> {
        &self.objects[id]
    }

    /// Fixes what an object is, once it is known.
    pub(super) fn set_kind(&mut self, id: Id, kind: Kind) {
        self.objects[id].kind = kind;
    }

    /// Returns a field.
    pub(super) fn field(&self, id: Id, key: &Key) -> Option<&Value<'a>> {
        self.objects[id].fields.get(key)
    }

    /// Sets a field, or removes it.
    pub(super) fn set(&mut self, id: Id, key: Key, value: Option<Value<'a>>) {
        let fields = &mut self.objects[id].fields;
        let old = match value {
            Some(value) => fields.insert(key.clone(), value),
            None => fields.remove(&key),
        };
        self.trail.push(Undo::Field(id, key, old));
    }

    /// Replaces what an import named by what it is: no branch writes that.
    pub(super) fn settle(&mut self, id: Id, key: Key, value: Value<'a>) {
        self.objects[id].fields.insert(key, value);
    }

    /// Says that an object may have further fields that are not known.
    pub(super) fn open(&mut self, id: Id, reason: Option<Rc<str>>) {
        let old = std::mem::replace(&mut self.objects[id].open, reason);
        self.trail.push(Undo::Open(id, old));
    }

    /// Forgets every field of an object: something unknown may have changed it.
    pub(super) fn forget(&mut self, id: Id, reason: &Rc<str>) {
        let keys: Vec<Key> = self.objects[id].fields.keys().cloned().collect();
        for key in keys {
            self.set(id, key, None);
        }
        self.open(id, Some(Rc::clone(reason)));
    }

    /// Returns how many objects there are.
    pub(super) fn size(&self) -> usize {
        self.objects.len()
    }

    /// Returns the point to which [`Heap::take_back`] goes.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            trail: self.trail.len(),
            objects: self.objects.len(),
        }
    }

    /// Returns what was written since a mark.
    pub(super) fn writes_since(&self, mark: Mark) -> Writes<'a> {
        let mut writes = BTreeMap::new();
        for undo in &self.trail[mark.trail..] {
            let spot = spot(undo);
            if spot.0 < mark.objects {
                let content = self.content(&spot);
                writes.insert(spot, content);
            }
        }
        Writes(writes)
    }

    /// Undoes what was written since a mark. Objects made since then stay as they are.
    pub(super) fn take_back(&mut self, mark: Mark) {
        let newer = self.trail.split_off(mark.trail);
        for undo in newer.into_iter().rev() {
            match undo {
                Undo::Field(id, key, old) if id < mark.objects => {
                    let fields = &mut self.objects[id].fields;
                    match old {
                        Some(value) => fields.insert(key, value),
                        None => fields.remove(&key),
                    };
                }
                Undo::Open(id, old) if id < mark.objects => self.objects[id].open = old,
                Undo::Field(..) | Undo::Open(..) => {}
            }
        }
    }

    /// Completes what a branch had written at `inner` to what it differs by from `outer`.
    pub(super) fn widen(&self, outer: Mark, inner: Mark, writes: &mut Writes<'a>) {
        let mut at_inner: BTreeMap<Spot, Content<'a>> = BTreeMap::new();
        for undo in self.trail.iter().skip(inner.trail).rev() {
            at_inner.insert(spot(undo), before(undo));
        }
        let end = inner.trail.min(self.trail.len());
        for undo in self.trail.get(outer.trail..end).unwrap_or(&[]) {
            let spot = spot(undo);
            if spot.0 < outer.objects && !writes.0.contains_key(&spot) {
                let content = at_inner
                    .get(&spot)
                    .cloned()
                    .unwrap_or_else(|| self.content(&spot));
                writes.0.insert(spot, content);
            }
        }
    }

    /// Joins the current state with that of a branch which had left at `mark` with `writes`.
    pub(super) fn join_exit(&mut self, mark: Mark, writes: &Writes<'a>, why: &Rc<str>) {
        let mut branch: BTreeMap<Spot, Content<'a>> = BTreeMap::new();
        for undo in self.trail.iter().skip(mark.trail).rev() {
            if spot(undo).0 < mark.objects {
                branch.insert(spot(undo), before(undo));
            }
        }
        branch.extend(writes.0.clone());
        for (spot, content) in branch {
            let here = self.content(&spot);
            self.put(spot, joined(&[here, content], why));
        }
    }

    /// Joins the writes of branches that start at the current state; each may be the one that ran.
    pub(super) fn join(&mut self, branches: &[Writes<'a>], why: &Rc<str>) {
        let spots: BTreeSet<Spot> = branches
            .iter()
            .flat_map(|writes| writes.0.keys().cloned())
            .collect();
        for spot in spots {
            let here = self.content(&spot);
            let contents: Vec<Content<'a>> = branches
                .iter()
                .map(|writes| writes.0.get(&spot).unwrap_or(&here).clone())
                .collect();
            self.put(spot, joined(&contents, why));
        }
    }

    /// Makes everything that was written since a mark unknown, unless it is still what it was.
    pub(super) fn blur(&mut self, mark: Mark, why: &Rc<str>) {
        let mut before_loop: BTreeMap<Spot, Content<'a>> = BTreeMap::new();
        for undo in self.trail[mark.trail..].iter().rev() {
            before_loop.insert(spot(undo), before(undo));
        }
        for (spot, content) in before_loop {
            if spot.0 < mark.objects {
                let here = self.content(&spot);
                self.put(spot, joined(&[here, content], why));
            }
        }
    }

    fn content(&self, (id, key): &Spot) -> Content<'a> {
        match key {
            Some(key) => Content::Field(self.objects[*id].fields.get(key).cloned()),
            None => Content::Open(self.objects[*id].open.clone()),
        }
    }

    fn put(&mut self, (id, key): Spot, content: Content<'a>) {
        match (key, content) {
            (Some(key), Content::Field(value)) => self.set(id, key, value),
            (None, Content::Open(reason)) => self.open(id, reason),
            (Some(_), Content::Open(_)) | (None, Content::Field(_)) => {}
        }
    }
}

fn spot(undo: &Undo<'_>) -> Spot {
    match undo {
        Undo::Field(id, key, _) => (*id, Some(key.clone())),
        Undo::Open(id, _) => (*id, None),
    }
}

fn before<'a>(undo: &Undo<'a>) -> Content<'a> {
    match undo {
        Undo::Field(_, _, old) => Content::Field(old.clone()),
        Undo::Open(_, old) => Content::Open(old.clone()),
    }
}

/// Returns what stands in a spot when any of several contents may.
fn joined<'a>(contents: &[Content<'a>], why: &Rc<str>) -> Content<'a> {
    let mut open = None;
    let mut values: Vec<Option<&Value<'a>>> = Vec::new();
    for content in contents {
        match content {
            Content::Open(reason) => open = open.or_else(|| reason.clone()),
            Content::Field(value) => values.push(value.as_ref()),
        }
    }
    match values.split_first() {
        None => Content::Open(open),
        Some((first, rest)) => Content::Field(joined_values(*first, rest, why)),
    }
}

fn joined_values<'a>(
    first: Option<&Value<'a>>,
    rest: &[Option<&Value<'a>>],
    why: &Rc<str>,
) -> Option<Value<'a>> {
    let all = std::iter::once(first).chain(rest.iter().copied());
    let present: Vec<&Value<'a>> = all.flatten().collect();
    let model = *present.first()?;
    let whole = present.len() == rest.len() + 1;
    let mut value = model.clone();
    for other in &present[1..] {
        value = value.made_of(other);
    }
    if !(whole && present.iter().all(|other| other.same(model))) {
        let unknown = present.iter().find_map(|value| match &value.data {
            Data::Unknown(reason) => Some(Rc::clone(reason)),
            _ => None,
        });
        value.data = Data::Unknown(unknown.unwrap_or_else(|| Rc::clone(why)));
    }
    Some(value)
}
