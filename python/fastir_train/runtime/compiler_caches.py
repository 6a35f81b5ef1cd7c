"""Keeping compiler caches out of builds that are measured or collected."""

WITHOUT_CACHES = {
    "CCACHE_DISABLE": "1",
    "SCCACHE_RECACHE": "1",
    # Cargo's own way to a cache.
    "RUSTC_WRAPPER": "",
}
"""Environment under which ccache and sccache run the compiler each time: an object from a cache
was not compiled as this build asks, and leaves no bitcode or log."""
