//! News sitemaps: the addresses and headlines a paper tells search engines, and indexes of them.
