//! Publishing committed events to the context's topic, every entry checked
