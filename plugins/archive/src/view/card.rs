//! One archive, and lists of them, as Telegram shows them.

use super::*;
use crate::archive::{ArchiveId, Download, File, Whole};
use crate::press::Act;
use crate::state::State;

/// Telegram cuts captions at 1024 units; names are long.
const NAME: usize = 60;

impl View<'_> {
    pub(crate) fn card(&self, whole: &Whole) -> Screen {
        let archive = &whole.archive;
        let mut lines = vec![self.head(archive)];
        if !archive.description.is_empty() {
            lines.push(escape_html(&shortened(&archive.description, 200)));
        }
        match archive.state {
            State::Collecting => lines.extend(self.collected(whole)),
            State::Building => lines.push(self.progress(archive)),
            State::Ready => lines.extend(self.given_out(whole)),
            State::Failed => lines.push(self.fault(archive)),
            State::Cancelled | State::Revoked | State::Expired => {}
        }
        Screen {
            text: lines.join("\n"),
            keyboard: InlineKeyboardMarkup::new(self.buttons(archive)),
        }
    }

    fn head(&self, archive: &Archive) -> String {
        let id = format!("card-{}", archive.state.as_str());
        let name = escape_html(&shortened(&archive.name, NAME));
        self.text(
            &id,
            args!["number" => archive.id.to_string(), "name" => name],
        )
    }

    /// What is there so far, and what was set.
    fn collected(&self, whole: &Whole) -> Vec<String> {
        let archive = &whole.archive;
        let mut lines = vec![match whole.sum.files {
            0 => self.text("card-empty", &[]),
            files => {
                let args = args!["count" => files, "size" => size(whole.sum.bytes)];
                self.text("card-files", args)
            }
        }];
        let hidden = whole.sum.files - i64::try_from(whole.latest.len()).unwrap_or_default();
        if hidden > 0 {
            lines.push(self.text("card-hidden", args!["count" => hidden]));
        }
        let names = whole.latest.iter();
        lines.extend(names.map(|name| format!("• {}", escape_html(&shortened(name, NAME)))));
        lines.push(self.set(archive));
        if let Some(page) = self
            .page(archive)
            .filter(|url| !url.starts_with("https://"))
        {
            lines.push(self.text("card-browser", args!["link" => escape_html(&page)]));
        }
        lines
    }

    fn set(&self, archive: &Archive) -> String {
        let mut set = vec![self.text(
            "card-lifetime",
            args!["time" => self.span(archive.lifetime_s)],
        )];
        if let Some(most) = archive.most_downloads {
            set.push(self.text("card-limit", args!["count" => most]));
        }
        set.extend(self.locks(archive));
        set.join(" · ")
    }

    fn locks(&self, archive: &Archive) -> Option<String> {
        match (archive.password.is_some(), archive.is_encrypted) {
            (_, true) => Some(self.text("card-encrypted", &[])),
            (true, false) => Some(self.text("card-password", &[])),
            (false, false) => None,
        }
    }

    fn progress(&self, archive: &Archive) -> String {
        if archive.total == 0 {
            return self.text("card-soon", &[]);
        }
        let percent = archive.done.saturating_mul(100) / archive.total.max(1);
        let args = args![
            "percent" => percent.clamp(0, 100),
            "done" => size(archive.done),
            "total" => size(archive.total),
        ];
        self.text("card-progress", args)
    }

    fn given_out(&self, whole: &Whole) -> Vec<String> {
        let archive = &whole.archive;
        let args = args!["count" => whole.sum.files, "size" => size(archive.size)];
        let mut lines = vec![self.text("card-files", args)];
        lines.push(match self.link(archive) {
            Some(link) => escape_html(&link),
            None => self.text("card-no-site", &[]),
        });
        if let Some(at) = archive.expires_at {
            let id = match at <= self.now.as_microsecond() {
                true => "card-over",
                false => "card-until",
            };
            lines.push(self.text(id, args!["time" => self.time(at)]));
        }
        lines.push(match archive.most_downloads {
            Some(most) => self.text(
                "card-taken-of",
                args!["count" => whole.downloads, "most" => most],
            ),
            None => self.text("card-taken", args!["count" => whole.downloads]),
        });
        lines.extend(self.locks(archive));
        lines
    }

    fn buttons(&self, archive: &Archive) -> Vec<Vec<InlineKeyboardButton>> {
        let act = |act: Act| {
            let caption = self.text(&format!("button-{}", act.as_str()), &[]);
            button(caption, act.of(archive.id))
        };
        match archive.state {
            State::Collecting => {
                let mut rows = vec![
                    vec![act(Act::Finish), act(Act::Cancel)],
                    vec![act(Act::Name), act(Act::Password)],
                    vec![act(Act::Lifetime), act(Act::Limit)],
                ];
                rows.extend(self.browser(archive).map(|button| vec![button]));
                rows
            }
            State::Building => vec![vec![act(Act::Cancel)]],
            State::Failed => vec![vec![act(Act::Finish), act(Act::Cancel)]],
            State::Ready => vec![
                vec![act(Act::Contents), act(Act::Statistics)],
                vec![act(Act::Extend), act(Act::Revoke)],
            ],
            State::Cancelled | State::Revoked | State::Expired => Vec::new(),
        }
    }

    /// To the archive's page. Telegram refuses buttons to addresses of this machine.
    pub(crate) fn browser(&self, archive: &Archive) -> Option<InlineKeyboardButton> {
        let url = self
            .page(archive)
            .filter(|url| url.starts_with("https://"))?;
        let url = url.parse().ok()?;
        Some(InlineKeyboardButton::url(
            self.text("button-browser", &[]),
            url,
        ))
    }

    /// The archive's page, for its owner.
    pub(crate) fn page(&self, archive: &Archive) -> Option<String> {
        self.at_site(&format!("/p/archive/{}", archive.id))
    }

    /// One question, with a way back.
    pub(crate) fn asks(&self, id: ArchiveId, question: &str, ways: &[Act]) -> Screen {
        let ways = ways.iter().chain([&Act::Show]).map(|act| {
            let caption = self.text(&format!("button-{}", act.as_str()), &[]);
            button(caption, act.of(id))
        });
        Screen {
            text: question.to_owned(),
            keyboard: InlineKeyboardMarkup::new(ways.map(|button| [button])),
        }
    }

    pub(crate) fn contents(&self, archive: &Archive, files: &[File]) -> Screen {
        const MOST: usize = 30;
        let mut lines = vec![self.head(archive)];
        let shown = files.iter().take(MOST);
        lines.extend(shown.map(|file| {
            let name = escape_html(&shortened(&file.name, NAME));
            format!("• {name}, {}", size(file.size))
        }));
        if files.len() > MOST {
            let hidden = files.len() - MOST;
            lines.push(self.text("card-hidden", args!["count" => hidden]));
        }
        self.asks(archive.id, &cut(lines), &[])
    }

    pub(crate) fn statistics(
        &self,
        whole: &Whole,
        latest: &[Download],
        hosts: &[(String, i64)],
    ) -> Screen {
        let archive = &whole.archive;
        let mut lines = vec![self.head(archive)];
        lines.push(self.text("card-taken", args!["count" => whole.downloads]));
        for (host, count) in hosts {
            let host = match host.as_str() {
                "" => self.text("stats-direct", &[]),
                host => escape_html(&shortened(host, NAME)),
            };
            lines.push(format!("• {host}: {count}"));
        }
        for one in latest {
            let id = match one.is_whole {
                true => "stats-whole",
                false => "stats-broken",
            };
            let address = escape_html(&one.address);
            let args = args![
                "time" => self.time(one.ended_at), "address" => address, "size" => size(one.bytes),
            ];
            lines.push(self.text(id, args));
        }
        self.asks(archive.id, &cut(lines), &[])
    }

    /// A page of somebody's archives.
    pub(crate) fn list(&self, archives: &[Archive], before: i64, has_more: bool) -> Screen {
        if archives.is_empty() {
            return Screen::plain(self.text("list-empty", &[]));
        }
        let mut lines = vec![self.text("list-head", &[])];
        lines.extend(archives.iter().map(|archive| {
            let state = self.text(&format!("state-{}", archive.state.as_str()), &[]);
            let name = escape_html(&shortened(&archive.name, NAME));
            format!("/archive_{} {name}: {state}", archive.id)
        }));
        let mut ways = Vec::new();
        if before > 0 {
            ways.push(button(self.text("button-newest", &[]), Press::List(0)));
        }
        if let Some(last) = archives.last().filter(|_| has_more) {
            ways.push(button(
                self.text("button-older", &[]),
                Press::List(last.id.0),
            ));
        }
        Screen {
            text: lines.join("\n"),
            keyboard: InlineKeyboardMarkup::new([ways]),
        }
    }
}

/// A caption has 1024 units (Bot API, `SendPhoto`): the last lines go.
fn cut(mut lines: Vec<String>) -> String {
    const MOST: usize = 1_000;
    let units = |lines: &[String]| {
        let each = lines.iter().map(|line| line.encode_utf16().count() + 1);
        each.sum::<usize>()
    };
    while units(&lines) > MOST && lines.len() > 1 {
        lines.pop();
        if let Some(last) = lines.last_mut() {
            "…".clone_into(last);
        }
    }
    lines.join("\n")
}
