//! Problems of a walk: each broken object by its id and place, but not a million of them.

use gatepost_core::{ObjectId, Problem};

/// How many objects are named one by one.
const NAMED: usize = 1000;

/// What one thread could not read.
#[derive(Debug, Default)]
pub(super) struct Problems {
    objects: Vec<Problem>,
    others: Vec<Problem>,
    unreadable: u64,
}

impl Problems {
    /// An object that is there and cannot be read.
    pub(super) fn object(&mut self, id: &ObjectId, what: &str, place: String) {
        self.unreadable += 1;
        if self.objects.len() < NAMED {
            self.objects.push(Problem {
                what: format!("object {id} cannot be read: {what}"),
                place: Some(place),
                fix: "run `git fsck`, then fetch the object again from a repository that has it; \
                      it was not judged"
                    .into(),
            });
        }
    }

    /// An object that cannot be read and is not to be visited: what it names is not known. Whoever visits it counts it.
    pub(super) fn named(&mut self, id: &ObjectId, what: &str, place: String) {
        let unreadable = self.unreadable;
        self.object(id, what, place);
        self.unreadable = unreadable;
    }

    /// Something that is not one object.
    pub(super) fn other(&mut self, problem: Problem) {
        self.others.push(problem);
    }

    /// Adds another thread's.
    pub(super) fn merge(&mut self, other: Self) {
        self.unreadable += other.unreadable;
        self.objects.extend(other.objects);
        self.others.extend(other.others);
    }

    /// The problems, and how many objects are unreadable.
    pub(super) fn finish(mut self) -> (Vec<Problem>, u64) {
        if self.unreadable > NAMED as u64 {
            self.objects.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
            self.objects.truncate(NAMED);
            self.others.push(Problem {
                what: format!(
                    "{} objects cannot be read in all; the first {NAMED} are named",
                    self.unreadable
                ),
                place: None,
                fix: "run `git fsck`".into(),
            });
        }
        self.objects.append(&mut self.others);
        (self.objects, self.unreadable)
    }
}
