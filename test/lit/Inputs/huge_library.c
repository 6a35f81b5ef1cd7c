// A shared library that no process has room for.
char Big[1ull << 46], More[1ull << 46];
