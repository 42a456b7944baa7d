//! What went wrong, and what to do. HTML.

use super::*;
use crate::state::State;
use crate::work::Refused;
use crate::{lifetime, name};

impl View<'_> {
    pub(crate) fn refused(&self, refused: &Refused) -> String {
        match refused {
            Refused::Gone => self.text("no-archive", &[]),
            Refused::Past(State::Building) => self.text("past-building", &[]),
            Refused::Past(State::Ready) => self.text("past-ready", &[]),
            Refused::Past(_) => self.text("past-over", &[]),
            Refused::NoFiles => self.text("no-files", &[]),
            Refused::Twice => self.text("file-twice", &[]),
            Refused::TooMany(most) => self.text("too-many-files", args!["count" => *most]),
            Refused::TooBig(most) => self.text("too-big", args!["size" => size(*most)]),
            Refused::OverQuota(left) => self.text("over-quota", args!["size" => size(*left)]),
            Refused::NoRoom => self.text("no-room", &[]),
        }
    }

    /// Why there is no ZIP.
    pub(crate) fn fault(&self, archive: &Archive) -> String {
        let about = archive.fault_about.as_deref().unwrap_or_default();
        let name = escape_html(&shortened(about, 60));
        let id = match archive.fault.as_deref() {
            Some("gone") => "fault-gone",
            Some("too-big") => "fault-too-big",
            Some("no-room") => "fault-no-room",
            Some("interrupted") => "fault-interrupted",
            _ => "fault-broken",
        };
        self.text(id, args!["name" => name])
    }

    pub(crate) fn name_fault(&self, fault: name::Fault) -> String {
        match fault {
            name::Fault::Empty => self.text("name-empty", &[]),
            name::Fault::Dots => self.text("name-dots", &[]),
            name::Fault::Reserved => self.text("name-reserved", &[]),
            name::Fault::TooLong(bytes) => self.text("name-long", args!["bytes" => bytes]),
            name::Fault::Forbidden(c) if c.is_ascii_graphic() => self.text(
                "name-forbidden",
                args!["char" => escape_html(&c.to_string())],
            ),
            name::Fault::Forbidden(c) => {
                let code = format!("U+{:04X}", u32::from(c));
                self.text("name-forbidden", args!["char" => code])
            }
        }
    }

    pub(crate) fn lifetime_fault(&self, fault: lifetime::Fault) -> String {
        match fault {
            lifetime::Fault::Unreadable => self.text("lifetime-unreadable", &[]),
            lifetime::Fault::TooShort => self.text("lifetime-short", &[]),
            lifetime::Fault::TooLong(most) => {
                self.text("lifetime-long", args!["time" => self.span(most)])
            }
        }
    }
}
