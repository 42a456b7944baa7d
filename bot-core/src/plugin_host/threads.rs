//! Threads of plugins, told apart by their names.

use std::fs;

/// Linux keeps 15 bytes of a thread's name.
const KEPT: usize = 15;

/// Threads of this process that belong to `plugin`: its gates and what the SDK started. 0 where
/// the system does not tell.
pub(super) fn count(plugin: &str) -> usize {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let gate = cut(format!("gate-{plugin}"));
    let worker = cut(format!("plugin-{plugin}-"));
    tasks
        .filter_map(Result::ok)
        .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| {
            let name = name.trim_end();
            name == gate || name.starts_with(&worker)
        })
        .count()
}

fn cut(mut name: String) -> String {
    name.truncate(KEPT);
    name
}
