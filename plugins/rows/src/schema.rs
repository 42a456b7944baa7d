//! The contract tables as diesel sees them; the SQL is in `migrations/`.

diesel::table! {
    outbox (id) {
        id -> BigInt,
        dedup_key -> Text,
        plugin -> Text,
        chat_id -> BigInt,
        method -> Text,
        payload -> Text,
        lane -> SmallInt,
        state -> SmallInt,
        due_at -> BigInt,
        attempts -> Integer,
        owner -> Nullable<BigInt>,
        epoch -> Integer,
        message_id -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        plugin -> Text,
        kind -> Text,
        payload -> Text,
        unique_key -> Nullable<Text>,
        priority -> SmallInt,
        state -> SmallInt,
        due_at -> BigInt,
        attempts -> Integer,
        max_attempts -> Integer,
        owner -> Nullable<BigInt>,
        epoch -> Integer,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        xid -> BigInt,
        topic -> Text,
        object -> Text,
        payload -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    audit_log (id) {
        id -> BigInt,
        actor -> Nullable<BigInt>,
        source -> Text,
        action -> Text,
        object -> Text,
        detail -> Text,
        correlation -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    blobs (id) {
        id -> Text,
        plugin -> Text,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        state -> SmallInt,
        upload -> Nullable<Text>,
        created_by -> Nullable<BigInt>,
        created_at -> BigInt,
        touched_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        chunks -> Integer,
    }
}

diesel::table! {
    approvals (id) {
        id -> BigInt,
        plugin -> Text,
        key -> Text,
        about -> Text,
        permission -> Text,
        chat_id -> BigInt,
        needed -> Integer,
        own_counts -> Bool,
        requested_by -> Nullable<BigInt>,
        state -> SmallInt,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<BigInt>,
        version -> BigInt,
        told_version -> BigInt,
    }
}

diesel::table! {
    notices (id) {
        id -> BigInt,
        user_id -> BigInt,
        plugin -> Text,
        key -> Text,
        kind -> Text,
        body -> Text,
        urgent -> Bool,
        state -> SmallInt,
        due_at -> Nullable<BigInt>,
        created_at -> BigInt,
        shown_at -> Nullable<BigInt>,
        sent_at -> Nullable<BigInt>,
        read_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    download_rules (plugin, key) {
        plugin -> Text,
        key -> Text,
        most -> Nullable<BigInt>,
        taken -> BigInt,
        reserved -> BigInt,
        expires_at -> Nullable<BigInt>,
        open -> Bool,
    }
}

diesel::table! {
    downloads (id) {
        id -> BigInt,
        token_hash -> Text,
        plugin -> Text,
        key -> Text,
        blob -> Text,
        name -> Text,
        size -> BigInt,
        state -> SmallInt,
        lease_until -> BigInt,
        instance -> BigInt,
        epoch -> BigInt,
        address -> Nullable<Text>,
        agent -> Nullable<Text>,
        meta -> Text,
        covered -> Text,
        claimed -> Text,
        sent -> BigInt,
        created_at -> BigInt,
        started_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
    }
}

// A file with a live grant is not deleted.
diesel::allow_tables_to_appear_in_same_query!(blobs, downloads);
