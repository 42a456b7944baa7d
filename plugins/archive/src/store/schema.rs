//! The plugin's tables as diesel sees them; the SQL is in `migrations/`.

diesel::table! {
    archive_archives (id) {
        id -> BigInt,
        owner -> BigInt,
        owner_name -> Text,
        name -> Text,
        description -> Text,
        state -> SmallInt,
        token -> Text,
        password -> Nullable<Text>,
        zip_password -> Nullable<Text>,
        is_encrypted -> Bool,
        lifetime_s -> BigInt,
        most_downloads -> Nullable<Integer>,
        done -> BigInt,
        total -> BigInt,
        fault -> Nullable<Text>,
        fault_about -> Nullable<Text>,
        blob -> Nullable<Text>,
        size -> BigInt,
        chat_id -> Nullable<BigInt>,
        thread_id -> Nullable<Integer>,
        message_id -> Nullable<Integer>,
        source_message_id -> Nullable<BigInt>,
        language -> Text,
        album -> Nullable<Text>,
        album_at -> BigInt,
        upload_path -> Nullable<Text>,
        created_at -> BigInt,
        changed_at -> BigInt,
        ready_at -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        version -> Integer,
    }
}

diesel::table! {
    archive_files (id) {
        id -> BigInt,
        archive_id -> BigInt,
        name -> Text,
        size -> BigInt,
        source -> Text,
        file_id -> Nullable<Text>,
        media_type -> Text,
        blob -> Nullable<Text>,
        modified_at -> BigInt,
    }
}

diesel::table! {
    archive_requests (archive_id) {
        archive_id -> BigInt,
        token -> Text,
        path -> Text,
    }
}

diesel::table! {
    archive_downloads (id) {
        id -> BigInt,
        archive_id -> BigInt,
        grant_id -> BigInt,
        address -> Text,
        agent -> Text,
        referer -> Text,
        bytes -> BigInt,
        is_whole -> Bool,
        started_at -> BigInt,
        ended_at -> BigInt,
    }
}

diesel::table! {
    archive_tries (what) {
        what -> Text,
        wrong -> Integer,
        wait_until -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(archive_archives, archive_files, archive_requests);
