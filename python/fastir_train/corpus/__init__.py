"""From manifests to collected bitcode: fetch, build, test, keep."""
