use super::*;

fn reads_back(press: &Press) {
    let data = press.data();
    assert!(data.len() <= 64, "{data}");
    assert_eq!(
        Press::parse(&data["t:".len()..]).as_ref(),
        Some(press),
        "{data}"
    );
}

#[test]
fn every_button_reads_back_as_itself_within_64_bytes() {
    for task in [1, 12, -1, i64::MAX, i64::MIN].map(TaskId) {
        for state in State::ALL {
            let list = |page, look| On::List { page, look };
            let places = Look::ALL.map(|look| list(u32::MAX, look));
            for on in places.into_iter().chain([On::Card, list(1, Look::All)]) {
                reads_back(&Press::Set { task, state, on });
            }
        }
        for field in Field::ALL {
            reads_back(&Press::Field { task, field });
            let value = i64::MIN.to_string();
            reads_back(&Press::Put { task, field, value });
        }
        for done in [true, false] {
            reads_back(&Press::Part {
                task,
                position: i32::MAX,
                done,
            });
        }
        for position in [None, Some(0), Some(i32::MAX)] {
            reads_back(&Press::Pass { task, position });
        }
        reads_back(&Press::Give {
            task,
            position: i32::MAX,
            user: i64::MIN,
        });
        for act in Act::ALL {
            reads_back(&act.of(task.0));
        }
        for press in [Press::Show(task), Press::Edit(task), Press::Say(task)] {
            reads_back(&press);
        }
    }
    for look in Look::ALL {
        reads_back(&Press::List {
            page: u32::MAX,
            look,
        });
    }
}

#[test]
fn buttons_are_written_as_the_documentation_says() {
    let task = TaskId(12);
    let set = |state, on| Press::Set { task, state, on }.data();
    assert_eq!(set(State::Done, On::Card), "t:set:12:done");
    let list = On::List {
        page: 3,
        look: Look::Mine,
    };
    assert_eq!(set(State::Done, list), "t:set:12:done:3:mine");
    let part = Press::Part {
        task,
        position: 3,
        done: true,
    };
    assert_eq!(part.data(), "t:part:12:3:done");
    assert_eq!(
        Press::List {
            page: 2,
            look: Look::Mine
        }
        .data(),
        "t:list:2:mine"
    );
    let (field, value) = (Field::Priority, "high".to_owned());
    assert_eq!(
        Press::Put { task, field, value }.data(),
        "t:put:12:prio:high"
    );
}

#[test]
fn forged_data_is_no_press() {
    for data in [
        "",
        "set",
        "set:",
        "set:12",
        "set:12:",
        "set:12:gone",
        "set:x:done",
        "set:12:done:",
        "set:12:done:x:all",
        "set:12:done:1",
        "set:12:done:1:all:2",
        "set:+12:done",
        "set:012:done",
        "set: 12:done",
        "set:9223372036854775808:done",
        "list",
        "list:",
        "list:1",
        "list:-1:all",
        "list:4294967296:all",
        "list:1:all:1",
        "list:1:other",
        "drop:12",
        "t:set:12:done",
        "set:12:done\0",
        "\u{202e}",
        "part:12:1",
        "part:12:1:pending",
        "part:12:x:done",
        "put:12:prio",
        "put:12:prio:",
        "put:12:colour:red",
        "put:12:prio:high:x",
        "show:",
        "show:1:2",
        "edit:x",
        "say:",
        "field:12",
        "field:12:state",
        "pass:12:",
        "pass:12:x",
        "give:12:1",
        "give:12:1:x",
        "tpl:1",
        "tpl:x:show",
        "tpl:1:burn",
    ] {
        assert_eq!(Press::parse(data), None, "{data:?}");
    }
}
