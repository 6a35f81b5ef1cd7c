// The inliner splits @generate into functions that call @leaf, too.
#include <coroutine>

struct Task {
  struct promise_type {
    int value = 0;
    Task get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int given) {
      value = given;
      return {};
    }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
  ~Task() {
    if (handle)
      handle.destroy();
  }
};

extern volatile int sink;

static void leaf(int x) {
  sink = x;
  sink = x + 1;
  sink = x * 3;
}

static Task generate(int n) {
  for (int i = 0; i < n; i++) {
    leaf(i);
    co_yield i;
    leaf(i + 1);
  }
  leaf(n);
}

int run(int n) {
  Task task = generate(n);
  int sum = 0;
  while (!task.handle.done()) {
    task.handle.resume();
    sum += task.handle.promise().value;
    leaf(sum);
  }
  leaf(7);
  return sum;
}

int runOnce(int n) {
  Task task = generate(n + 1);
  task.handle.resume();
  leaf(2);
  return 0;
}
