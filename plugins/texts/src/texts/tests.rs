use crate::{TextError, Texts, args};

const EN: &str = "
-brand = Vahta
hello = Hello, { $name }!
    .button = Press me
tasks = { $count ->
    [one] one task
   *[other] { $count } tasks
}
welcome = { hello } This is { -brand }, { tasks }.
only-english = Only English
";

const RU: &str = "
hello = Привет, { $name }!
    .button = Нажми
tasks = { $count ->
    [one] { $count } задача
    [few] { $count } задачи
   *[many] { $count } задач
}
";

fn texts() -> Texts {
    Texts::from_ftl(&[("en", EN), ("ru", RU)]).unwrap_or_else(|e| panic!("{e}"))
}

fn faults(sources: &[(&str, &str)]) -> Vec<String> {
    match Texts::from_ftl(sources) {
        Ok(_) => Vec::new(),
        Err(TextError { faults }) => faults,
    }
}

#[test]
fn a_text_is_formatted_without_isolation_marks() {
    assert_eq!(
        texts().get("en", "hello", args!["name" => "Ada"]),
        "Hello, Ada!"
    );
}

#[test]
fn plural_forms_follow_the_language() {
    let texts = texts();
    assert_eq!(texts.get("en", "tasks", args!["count" => 1]), "one task");
    assert_eq!(
        texts.get("ru", "tasks", args!["count" => 3_i64]),
        "3 задачи"
    );
    assert_eq!(
        texts.get("ru", "tasks", args!["count" => 5_usize]),
        "5 задач"
    );
}

#[test]
fn attributes_are_reached_with_a_dot() {
    assert_eq!(texts().get("ru", "hello.button", args![]), "Нажми");
}

#[test]
fn a_region_falls_back_to_its_language_and_then_to_english() {
    let texts = texts();
    assert_eq!(texts.get("ru-RU", "hello.button", &[]), "Нажми");
    assert_eq!(texts.get("RU_ru", "hello.button", &[]), "Нажми");
    assert_eq!(texts.get("ru", "only-english", &[]), "Only English");
    assert_eq!(texts.get("", "only-english", &[]), "Only English");
    assert_eq!(texts.get("th", "hello.button", &[]), "Press me");
    assert!(texts.has("ru-RU", "hello") && !texts.has("ru", "only-english"));
}

#[test]
fn unknown_ids_and_terms_are_shown_not_hidden() {
    let texts = texts();
    assert_eq!(texts.get("en", "nothing", &[]), "⟨nothing⟩");
    assert_eq!(texts.get("en", "hello.nothing", &[]), "⟨hello.nothing⟩");
    assert_eq!(texts.get("en", "-brand", &[]), "⟨-brand⟩");
}

#[test]
fn a_missing_argument_stays_visible() {
    assert_eq!(texts().get("en", "hello", &[]), "Hello, {$name}!");
}

#[test]
fn variables_include_those_of_embedded_texts() {
    let found: Vec<_> = texts().variables("en", "welcome").into_iter().collect();
    assert_eq!(found, ["count", "name"]);
    assert_eq!(texts().ids("ru"), ["hello", "hello.button", "tasks"]);
    assert_eq!(texts().languages(), ["en", "ru"]);
}

#[test]
fn every_fault_is_listed_at_once() {
    let found = faults(&[
        (
            "en",
            "a = A\nb = { missing } { -gone }\na = again\nbroken\n",
        ),
        ("ru", "c = лишний\na = { $who }\n"),
        ("?", "x = y"),
    ]);
    let expected = [
        "?: not a language tag",
        "en: `a` twice",
        "en: `b` refers to `-gone`",
        "en: `b` refers to `missing`",
        "en: line 4",
        "ru: `a` wants $who",
        "ru: `c` is missing in en",
    ];
    for line in expected {
        assert!(
            found.iter().any(|f| f.starts_with(line)),
            "no `{line}` in {found:#?}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn english_is_required() {
    assert!(
        faults(&[("ru", RU)])
            .iter()
            .any(|f| f.starts_with("en: missing"))
    );
}

#[test]
fn numbers_beyond_a_float_keep_their_digits() {
    let texts = Texts::from_ftl(&[("en", "n = { $n }")]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(
        texts.get("en", "n", args!["n" => i64::MAX]),
        i64::MAX.to_string()
    );
    assert_eq!(
        texts.get("en", "n", args!["n" => -1_001_234_567_890_i64]),
        "-1001234567890"
    );
}

#[test]
fn texts_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Texts>();
}
