//! Who is a reader, by the name a client gives itself: crawlers, monitors, feed fetchers and headless tools are not.
