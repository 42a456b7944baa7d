//! What a plugin author uses: Plugin trait, export_plugin!, bot, database, jobs, outbox, dialogs, texts
