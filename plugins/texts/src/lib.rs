//! Fluent texts: bundles, languages, arguments; shared by core and plugins
