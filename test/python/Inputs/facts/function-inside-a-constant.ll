; Inlining @callee folds the address of @f into a constant expression.
target triple = "x86_64-pc-linux-gnu"
@g = global i64 0
define internal void @callee(ptr %p) {
  %q = ptrtoint ptr %p to i64
  store volatile i64 %q, ptr @g
  ret void
}
define internal void @f(i32 %x) {
  store volatile i64 1, ptr @g
  ret void
}
define void @caller(i32 %x) minsize optsize {
  call void @callee(ptr @f)
  call void @f(i32 %x)
  ret void
}
