// A program for the drivers: `twice` is small, `big` is called twice.
int printf(const char *, ...);
int other(int);

static int twice(int x) { return 2 * x; }

static int big(int x) {
  printf("%d\n", x);
  printf("%d\n", x * 3);
  printf("%d\n", x ^ 77);
  return x / 5;
}

int main(void) { return twice(big(5) + big(6)) + other(1); }
