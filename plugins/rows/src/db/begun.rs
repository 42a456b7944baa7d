//! The connection of a transaction that may be given up in the middle.

use std::ops::{Deref, DerefMut};

use deadpool::managed::{Manager, Object};

/// A pooled connection in a transaction. Whoever stops waiting for it (an aborted task, a
/// `select!`) leaves it open, and in the pool it would hold its locks until somebody needs that
/// very connection: so it is not given back but closed, which rolls back.
#[expect(missing_debug_implementations, reason = "a connection has none")]
pub struct Begun<M: Manager> {
    /// None: given back.
    object: Option<Object<M>>,
    done: bool,
}

impl<M: Manager> Begun<M> {
    #[doc(hidden)]
    pub fn new(object: Object<M>) -> Self {
        Self {
            object: Some(object),
            done: false,
        }
    }

    /// It was committed or rolled back.
    #[doc(hidden)]
    pub fn done(&mut self) {
        self.done = true;
    }
}

impl<M: Manager> Drop for Begun<M> {
    fn drop(&mut self) {
        if let (Some(object), false) = (self.object.take(), self.done) {
            drop(Object::take(object));
        }
    }
}

impl<M: Manager> Deref for Begun<M> {
    type Target = M::Type;

    #[expect(clippy::expect_used, reason = "it is taken out in `drop` only")]
    fn deref(&self) -> &M::Type {
        self.object.as_ref().expect("there until it is dropped")
    }
}

impl<M: Manager> DerefMut for Begun<M> {
    #[expect(clippy::expect_used, reason = "it is taken out in `drop` only")]
    fn deref_mut(&mut self) -> &mut M::Type {
        self.object.as_mut().expect("there until it is dropped")
    }
}
