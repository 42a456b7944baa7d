//! The plugin's tables as diesel sees them; the SQL is in `migrations/`.

diesel::table! {
    task_tasks (id) {
        id -> BigInt,
        title -> Text,
        state -> SmallInt,
        chat_id -> BigInt,
        source_message_id -> Nullable<BigInt>,
        created_by_user -> Nullable<BigInt>,
        created_by_telegram -> Nullable<BigInt>,
        created_at -> BigInt,
        done_by_user -> Nullable<BigInt>,
        done_by_telegram -> Nullable<BigInt>,
        done_by_name -> Nullable<Text>,
        done_at -> Nullable<BigInt>,
        changed_at -> BigInt,
        version -> Integer,
        created_by_name -> Text,
        priority -> SmallInt,
        assignee -> Nullable<BigInt>,
        assignee_name -> Nullable<Text>,
        due_at -> Nullable<BigInt>,
        template_id -> Nullable<BigInt>,
        steps_at -> Nullable<BigInt>,
        decided_by_name -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        repeat -> Nullable<Text>,
        follows -> Nullable<BigInt>,
    }
}

diesel::table! {
    task_steps (id) {
        id -> BigInt,
        task_id -> BigInt,
        position -> Integer,
        title -> Text,
        done -> Bool,
        assignee -> Nullable<BigInt>,
        assignee_name -> Nullable<Text>,
        due_at -> Nullable<BigInt>,
        done_by -> Nullable<BigInt>,
        done_by_name -> Nullable<Text>,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    task_labels (task_id, label) {
        task_id -> BigInt,
        label -> Text,
    }
}

diesel::table! {
    task_comments (id) {
        id -> BigInt,
        task_id -> BigInt,
        by_user -> Nullable<BigInt>,
        by_name -> Text,
        text -> Text,
        at -> BigInt,
        source -> Text,
    }
}

diesel::table! {
    task_history (id) {
        id -> BigInt,
        task_id -> BigInt,
        what -> Text,
        by_user -> Nullable<BigInt>,
        by_name -> Text,
        source -> Text,
        detail -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    task_templates (id) {
        id -> BigInt,
        name -> Text,
        steps -> Text,
        version -> Integer,
        changed_at -> BigInt,
    }
}

diesel::table! {
    task_cards (id) {
        id -> BigInt,
        task_id -> BigInt,
        chat_id -> BigInt,
        language -> Text,
        time_zone -> Text,
        dedup_key -> Text,
        message_id -> Nullable<BigInt>,
        shown -> Integer,
    }
}

diesel::allow_tables_to_appear_in_same_query!(task_tasks, task_steps, task_labels);
