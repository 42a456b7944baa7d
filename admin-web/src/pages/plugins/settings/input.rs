//! The inputs of the form.

use bot_core::plugin_settings::{Field, Kind, Limits};
use bot_core::plugins_admin::Settings;
use maud::{Markup, html};
use vahta_texts::Arg;

use super::filled::{CLEAR, Filled, MORE, texts_of};
use crate::cx::Cx;
use crate::parts;

struct Form<'a> {
    cx: &'a Cx,
    settings: &'a Settings,
    filled: &'a Filled,
    /// What is true now, by pointer.
    now: std::collections::HashMap<String, String>,
}

pub(super) fn all(cx: &Cx, settings: &Settings, filled: &Filled) -> Markup {
    let form = Form {
        cx,
        settings,
        filled,
        now: texts_of(settings),
    };
    let fields = settings.schema.fields();
    let has_more = form.now.contains_key(MORE)
        || !filled.text(MORE).is_empty()
        || settings.schema.takes_more();
    html! {
        @for field in &fields { (form.field(field)) }
        @if has_more {
            label { (cx.t("settings-more", &[]))
                textarea.mono name=(MORE) rows="4" spellcheck="false" { (filled.text(MORE)) }
            }
            (form.faults("/more", &id_of("/more")))
        }
    }
}

fn id_of(pointer: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("setting{}", pointer.chars().map(word).collect::<String>())
}

impl Form<'_> {
    fn field(&self, field: &Field) -> Markup {
        let id = id_of(&field.pointer);
        if let Kind::Group(fields) = &field.kind {
            return html! {
                fieldset.stack {
                    legend { (field.title) }
                    @if !field.description.is_empty() { p.quiet.small { (field.description) } }
                    @for field in fields { (self.field(field)) }
                    (self.own_faults(field, &id))
                }
            };
        }
        let is_bool = field.kind == Kind::Bool;
        html! {
            div.setting {
                label.check[is_bool] for=(id) {
                    @if is_bool { (self.input(field, &id)) }
                    span { (field.title) @if field.required { " *" } }
                }
                @if !is_bool { (self.input(field, &id)) }
                @if !field.description.is_empty() { p.quiet.small #(format!("{id}-about")) { (field.description) } }
                (self.hint(field))
                (self.faults(&field.pointer, &id))
            }
        }
    }

    fn input(&self, field: &Field, id: &str) -> Markup {
        let (cx, name) = (self.cx, field.pointer.as_str());
        let text = self.filled.text(name);
        let bad = self.filled.faults_at(name).next().is_some();
        let mut about = Vec::new();
        if !field.description.is_empty() {
            about.push(format!("{id}-about"));
        }
        if bad {
            about.push(format!("{id}-fault"));
        }
        let about = (!about.is_empty()).then(|| about.join(" "));
        let invalid = bad.then_some("true");
        // A default is what an empty field means, so it may be left empty.
        let required = field.required;
        let number = |limits: &Limits, step: &str| {
            html! {
                input id=(id) name=(name) type="number" step=(step) min=[&limits.least] max=[&limits.most]
                    required[required] value=(text) aria-invalid=[invalid] aria-describedby=[&about];
            }
        };
        match &field.kind {
            Kind::Text {
                format,
                limits,
                pattern,
            } => {
                let pattern = pattern.as_ref().map(|p| format!(".*(?:{p}).*"));
                html! {
                    input id=(id) name=(name) type=(input_type(format)) minlength=[&limits.least] maxlength=[&limits.most]
                        pattern=[pattern] step=[(format == "time").then_some("1")] required[required] value=(text)
                        autocomplete="off" aria-invalid=[invalid] aria-describedby=[&about];
                }
            }
            Kind::Secret(limits) => {
                let is_set = field.of(&self.settings.own).is_some();
                let hint = cx.t(if is_set { "secret-set" } else { "secret-unset" }, &[]);
                html! {
                    input id=(id) name=(name) type="password" minlength=[&limits.least] maxlength=[&limits.most]
                        required[required && !is_set] placeholder=(hint) autocomplete="new-password"
                        aria-invalid=[invalid] aria-describedby=[&about];
                    @if is_set && !required {
                        label.check { input type="checkbox" name=(format!("{CLEAR}{name}")) value="1"; (cx.t("secret-clear", &[])) }
                    }
                }
            }
            Kind::Integer(limits) => number(limits, "1"),
            Kind::Number(limits) => number(limits, "any"),
            Kind::Bool => html! {
                input id=(id) name=(name) type="checkbox" value="true" checked[self.filled.has(name)]
                    aria-invalid=[invalid] aria-describedby=[&about];
            },
            Kind::Choice(choices) => html! {
                select id=(id) name=(name) required[required] aria-invalid=[invalid] aria-describedby=[&about] {
                    @if field.default.is_none() { (parts::option("", &cx.t("setting-unset", &[]), text)) }
                    @for (value, title) in choices {
                        (parts::option(&bot_core::plugin_settings::fault::plain(value), title, text))
                    }
                }
            },
            Kind::Lines => html! {
                textarea id=(id) name=(name) rows="3" required[required] aria-invalid=[invalid] aria-describedby=[&about] { "\n" (text) }
            },
            Kind::Json | Kind::Group(_) => html! {
                textarea.mono id=(id) name=(name) rows="4" spellcheck="false" required[required] aria-invalid=[invalid] aria-describedby=[&about] { "\n" (text) }
            },
        }
    }

    /// How it is typed, its default, and after a conflict what is true now.
    fn hint(&self, field: &Field) -> Markup {
        let cx = self.cx;
        let mut hints = Vec::new();
        match field.kind {
            Kind::Lines => hints.push(cx.t("setting-lines", &[])),
            Kind::Json => hints.push(cx.t("setting-as-json", &[])),
            _ => {}
        }
        if let Some(default) = &field.default
            && !matches!(field.kind, Kind::Bool | Kind::Secret(_))
        {
            hints.push(cx.t(
                "setting-default",
                &[("value", Arg::from(field.shown(default)))],
            ));
        }
        let now = self.now.get(&field.pointer).map_or("", String::as_str);
        if self.filled.tell_now
            && !matches!(field.kind, Kind::Secret(_))
            && now != self.filled.text(&field.pointer)
        {
            let now = if now.is_empty() {
                cx.t("setting-unset", &[])
            } else {
                now.to_owned()
            };
            hints.push(cx.t("setting-now", &[("value", Arg::from(now))]));
        }
        html! { @if !hints.is_empty() { p.quiet.small { (hints.join(" · ")) } } }
    }

    fn own_faults(&self, field: &Field, id: &str) -> Markup {
        let own = self
            .filled
            .faults
            .iter()
            .any(|f| f.pointer == field.pointer);
        html! { @if own { (self.faults(&field.pointer, id)) } }
    }

    fn faults(&self, pointer: &str, id: &str) -> Markup {
        let texts = self.cx.site.app().map(|app| app.texts.clone());
        let language = &self.cx.viewer.language;
        let reasons: Vec<String> = self
            .filled
            .faults_at(pointer)
            .filter_map(|fault| {
                let reason = fault.reason(texts.as_deref()?, language);
                let inner = fault.pointer.strip_prefix(pointer).unwrap_or_default();
                Some(
                    format!("{} {reason}", inner.trim_start_matches('/'))
                        .trim()
                        .to_owned(),
                )
            })
            .collect();
        html! { @if !reasons.is_empty() { p.fault #(format!("{id}-fault")) { (reasons.join("; ")) } } }
    }
}

/// The browser's own field for a format.
fn input_type(format: &str) -> &'static str {
    match format {
        "date" => "date",
        "time" => "time",
        "email" => "email",
        "uri" => "url",
        _ => "text",
    }
}
