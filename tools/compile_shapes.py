"""Programs whose compile takes long for what does not grow with it if something is quadratic.

Each shape is a file suffix and a function from a size to lines of source.
"""

from collections.abc import Callable, Iterator

Lines = Iterator[str]

HELPER = (
    "extern int rnd(int); static int state; "
    "static int helper(int x) { if (x > 3) state += rnd(x); return state ^ x; }"
)


def one(size: int) -> Lines:
    """One helper, called from everywhere."""
    yield HELPER
    for i in range(size):
        yield f"int f{i}(int a) {{ return helper(a + {i}) + {i}; }}"


def flat(size: int) -> Lines:
    """One function that calls a helper in a straight line."""
    yield HELPER + " int big(int a) { int s = 0;"
    for i in range(size):
        yield f"s += helper(a + {i});"
    yield "return s; }"


def blocks(size: int) -> Lines:
    """One function of many branches, each with a call."""
    yield HELPER + " int big(int a) { int s = 0;"
    for i in range(size):
        yield f"if (a & {1 << (i % 20)}) s += helper(s + {i}); else s -= {i};"
    yield "return s; }"


def table(size: int) -> Lines:
    """Many small leaves, each called from three others."""
    yield "extern int rnd(int); static int state;"
    for i in range(size):
        yield f"static int l{i}(int a) {{ return rnd(a + {i}) * {i + 1} + state; }}"
    for i in range(size):
        callees = (i, (i * 7 + 1) % size, (i * 13 + 5) % size)
        calls = " + ".join(f"l{callee}(a)" for callee in callees)
        yield f"int g{i}(int a) {{ return {calls}; }}"


def chain(size: int) -> Lines:
    """A deep chain of calls."""
    yield "extern int rnd(int); static int c0(int a) { return rnd(a); }"
    for i in range(1, size):
        yield f"static int c{i}(int a) {{ return c{i - 1}(a + {i}) ^ rnd(a); }}"
    yield f"int top(int a) {{ return c{size - 1}(a); }}"


def fan(size: int) -> Lines:
    """One caller of many different callees."""
    yield "extern int rnd(int);"
    for i in range(size):
        yield f"static int l{i}(int a) {{ return rnd(a + {i}) * {i + 3}; }}"
    yield "int big(int a) { int s = 0;"
    for i in range(size):
        yield f"s ^= l{i}(a + s);"
    yield "return s; }"


def ring(size: int) -> Lines:
    """Functions that call one another: SCCs of a hundred."""
    yield "extern int rnd(int);"
    for i in range(size):
        yield f"int r{i}(int a);"
    for i in range(size):
        first = i - i % 100
        others = [first + (i - first + step) % 100 for step in (1, 7)]
        calls = " + ".join(f"r{min(other, size - 1)}(a - 1)" for other in others)
        yield f"int r{i}(int a) {{ return a > {i % 50} ? {calls} : rnd(a); }}"


def switch(size: int) -> Lines:
    """A switch with a call in each case."""
    yield HELPER + " int big(int a) { int s = a; for (;;) switch (rnd(s)) {"
    for i in range(size):
        yield f"case {i * 3}: s += helper(s + {i}); break;"
    yield "default: return s; } }"


def phi(size: int) -> Lines:
    """A phi of the results of calls."""
    yield HELPER + " int big(int a) { int r; switch (rnd(a)) {"
    for i in range(size):
        yield f"case {i * 3}: r = helper(a + {i}); break;"
    yield "default: return 0; } return r; }"


def slots(size: int) -> Lines:
    """Calls of a helper with variables in memory, which move to the caller's entry block."""
    yield "extern int rnd(int *, int *);"
    yield "static int helper(int x) { int y = x; return rnd(&x, &y); }"
    yield "int big(int a) { int s = 0;"
    for i in range(size):
        yield f"s += helper(a + {i});"
    yield "return s; }"


def failures(size: int) -> Lines:
    """Calls that do not return, each behind a check."""
    yield "extern int rnd(int); _Noreturn void stop(int); static int state;"
    yield "_Noreturn static void fail(int x) { state = x; stop(x ^ 5); }"
    yield "void big(int a) {"
    for i in range(size):
        yield f"if (rnd({i})) fail(a + {i});"
    yield "}"


def heavy(size: int) -> Lines:
    """A large callee, called from everywhere."""
    yield "extern int rnd(int); int large(int a) { int s = a;"
    for i in range(size // 4):
        yield f"if (rnd(s + {i})) s ^= rnd({i}) * {i + 3}; else s -= rnd(s);"
    yield "return s; }"
    for i in range(size):
        yield f"int f{i}(int a) {{ return large(a + {i}) + {i}; }}"


def cleanups(size: int) -> Lines:
    """Calls that unwind to one landing pad."""
    yield "extern int rnd(int); struct Guard { ~Guard(); int x; };"
    yield "static int helper(int x) { return x > 3 ? rnd(x) : x; }"
    yield "int big(int a) { Guard g; int s = 0;"
    for i in range(size):
        yield f"s += helper(a + {i});"
    yield "return s; }"


def retries(size: int) -> Lines:
    """Calls in a loop that goes on after each exception."""
    yield "extern int rnd(int); static int helper(int x) { return x > 3 ? rnd(x) : x; }"
    yield "int big(int a) { int s = 0; for (int i = 0; i < a; ++i) { try {"
    for i in range(size):
        yield f"s += helper(a + {i});"
    yield "} catch (...) { continue; } } return s; }"


def expressions(size: int) -> Lines:
    """Expression templates: small functions, inlined into one another many levels deep."""
    yield "template <class L, class R> struct Sum { L l; R r;"
    yield "  double operator[](int i) const { return l[i] + r[i]; } };"
    yield "template <class L, class R> struct Product { L l; R r;"
    yield "  double operator[](int i) const { return l[i] * r[i]; } };"
    yield "struct Column { const double *p; double operator[](int i) const { return p[i]; } };"
    yield "template <class L, class R> Sum<L, R> operator+(L l, R r) { return {l, r}; }"
    yield "template <class L, class R> Product<L, R> operator*(L l, R r) { return {l, r}; }"
    for i in range(size // 4):
        terms = " + ".join(
            f"{'x' if (i >> bit) & 1 else 'y'} * {'y' if (i * 5 >> bit) & 1 else 'z'}"
            for bit in range(7)
        )
        yield f"void e{i}(double *out, Column x, Column y, Column z, int n) {{"
        yield f"  auto sum = {terms};"
        yield "  for (int i = 0; i < n; ++i) out[i] = sum[i]; }"


SHAPES: dict[str, tuple[str, Callable[[int], Lines]]] = {
    shape.__name__: (suffix, shape)
    for suffix, shapes in (
        (".c", (one, flat, blocks, table, chain, fan, ring, switch, phi, slots, failures, heavy)),
        (".cpp", (cleanups, retries, expressions)),
    )
    for shape in shapes
}
