//! The core's tables as diesel sees them; the SQL is in `migrations/`, and a test compares the two.

diesel::table! {
    instances (id) {
        id -> BigInt,
        host -> Text,
        pid -> BigInt,
        started_at -> BigInt,
        heartbeat_at -> BigInt,
    }
}

diesel::table! {
    updates (id) {
        id -> BigInt,
        chat_key -> BigInt,
        kind -> Text,
        raw -> Binary,
        state -> SmallInt,
        attempts -> Integer,
        error -> Nullable<Text>,
        received_at -> BigInt,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    bot_users (id) {
        id -> BigInt,
        telegram_id -> Nullable<BigInt>,
        username -> Nullable<Text>,
        first_name -> Text,
        last_name -> Nullable<Text>,
        language -> Nullable<Text>,
        time_zone -> Text,
        refusals -> Integer,
        refused_update -> Nullable<BigInt>,
        menu_hash -> Nullable<BigInt>,
        blocked_at -> Nullable<BigInt>,
        block_reason -> Nullable<Text>,
        first_seen -> BigInt,
        last_seen -> BigInt,
        chosen_language -> Nullable<Text>,
    }
}

diesel::table! {
    chats (id) {
        id -> BigInt,
        kind -> Text,
        title -> Nullable<Text>,
        username -> Nullable<Text>,
        disabled_at -> Nullable<BigInt>,
        disabled_reason -> Nullable<Text>,
        migrated_to -> Nullable<BigInt>,
        first_seen -> BigInt,
        last_seen -> BigInt,
    }
}

diesel::table! {
    roles (name) {
        name -> Text,
        builtin -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    role_keys (role, permission) {
        role -> Text,
        permission -> Text,
    }
}

diesel::table! {
    permissions (name) {
        name -> Text,
        plugin -> Text,
        first_seen -> BigInt,
    }
}

diesel::table! {
    grants (id) {
        id -> BigInt,
        user_id -> BigInt,
        role -> Text,
        chat_id -> BigInt,
        expires_at -> Nullable<BigInt>,
        granted_by -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    link_tokens (hash) {
        hash -> Text,
        purpose -> Text,
        payload -> Text,
        created_by -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        used_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    user_sessions (chat_id, telegram_id) {
        chat_id -> BigInt,
        telegram_id -> BigInt,
        plugin -> Text,
        state -> Text,
        version -> Integer,
        expires_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    message_logs (id) {
        id -> BigInt,
        outgoing -> Bool,
        chat_id -> BigInt,
        telegram_id -> Nullable<BigInt>,
        message_id -> Nullable<BigInt>,
        update_id -> Nullable<BigInt>,
        kind -> Text,
        text -> Nullable<Text>,
        meta -> Nullable<Text>,
        at -> BigInt,
    }
}

diesel::table! {
    api_logs (id) {
        id -> BigInt,
        method -> Text,
        chat_id -> Nullable<BigInt>,
        plugin -> Text,
        lane -> SmallInt,
        status -> Integer,
        error -> Nullable<Text>,
        attempt -> Integer,
        waited_us -> BigInt,
        elapsed_us -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    audit_chain (position) {
        position -> BigInt,
        audit_id -> BigInt,
        payload -> Text,
        mac -> Text,
        linked_at -> BigInt,
    }
}

diesel::table! {
    plugins (name) {
        name -> Text,
        enabled -> Bool,
        generation -> BigInt,
        sha256 -> Nullable<Text>,
        settings -> Text,
        updated_at -> BigInt,
        settings_version -> BigInt,
    }
}

diesel::table! {
    plugin_chats (plugin, chat_id) {
        plugin -> Text,
        chat_id -> BigInt,
        enabled -> Bool,
        updated_at -> BigInt,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    web_sessions (hash) {
        hash -> Text,
        user_id -> BigInt,
        login -> Text,
        user_agent -> Text,
        address -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    web_passwords (user_id) {
        user_id -> BigInt,
        username -> Text,
        hash -> Text,
        set_at -> BigInt,
    }
}

diesel::table! {
    web_totp (user_id) {
        user_id -> BigInt,
        secret -> Text,
        confirmed_at -> Nullable<BigInt>,
        last_step -> BigInt,
    }
}

diesel::table! {
    web_recovery_codes (hash) {
        hash -> Text,
        user_id -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        user_id -> BigInt,
        name -> Text,
        hash -> Text,
        scopes -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    login_attempts (key) {
        key -> Text,
        failures -> BigInt,
        open_at -> BigInt,
        refused -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    login_proofs (hash) {
        hash -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (hash) {
        hash -> Text,
        request -> Text,
        status -> Nullable<Integer>,
        answer -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    announcements (id) {
        id -> BigInt,
        target -> Text,
        text -> Text,
        state -> SmallInt,
        created_by -> Nullable<BigInt>,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
        total -> BigInt,
        delivered -> Nullable<BigInt>,
        failed -> Nullable<BigInt>,
    }
}

diesel::table! {
    announcement_messages (announcement_id, outbox_id) {
        announcement_id -> BigInt,
        outbox_id -> BigInt,
    }
}

diesel::table! {
    approval_votes (approval_id, user_id) {
        approval_id -> BigInt,
        user_id -> BigInt,
        approves -> Bool,
        reason -> Nullable<Text>,
        source -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    approval_notices (approval_id, user_id) {
        approval_id -> BigInt,
        user_id -> BigInt,
        chat_id -> BigInt,
        dedup_key -> Text,
        message_id -> Nullable<BigInt>,
        shown_version -> BigInt,
        lost -> Bool,
    }
}

diesel::table! {
    notice_settings (user_id) {
        user_id -> BigInt,
        whither -> SmallInt,
        quiet_from -> Nullable<SmallInt>,
        quiet_to -> Nullable<SmallInt>,
    }
}

diesel::table! {
    blob_chunks (object) {
        object -> Text,
        blob -> Text,
        start -> BigInt,
        size -> BigInt,
        state -> SmallInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    upload_grants (id) {
        id -> BigInt,
        token_hash -> Text,
        plugin -> Text,
        key -> Text,
        max_bytes -> BigInt,
        max_files -> Integer,
        media_types -> Text,
        user_id -> Nullable<BigInt>,
        meta -> Text,
        state -> SmallInt,
        taken_bytes -> BigInt,
        taken_files -> Integer,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    uploads (id) {
        id -> Text,
        grant_id -> BigInt,
        path -> Text,
        length -> Nullable<BigInt>,
        reserved -> BigInt,
        size -> BigInt,
        chunks -> Integer,
        sha -> Text,
        epoch -> Integer,
        state -> SmallInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::joinable!(grants -> bot_users (user_id));
diesel::allow_tables_to_appear_in_same_query!(grants, bot_users);

pub use vahta_rows::schema::{approvals, audit_log, events, jobs, notices, outbox};
