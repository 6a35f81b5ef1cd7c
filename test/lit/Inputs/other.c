static int half(int x) { return x / 2; }
int other(int x) { return half(x) + half(x + 1); }
