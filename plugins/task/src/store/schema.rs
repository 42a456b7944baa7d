//! The plugin's table as diesel sees it; the SQL is in `migrations/`.

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
    }
}
