; At -O3 another function takes the place of @sum between two visits of the inliner.
target triple = "x86_64-pc-linux-gnu"
@g = global i32 0
define internal void @leaf(i32 %v) minsize optsize noinline {
  store volatile i32 %v, ptr @g
  ret void
}
define internal i32 @sum(ptr %p) minsize optsize noinline {
  %v = load i32, ptr %p
  call void @leaf(i32 %v)
  store volatile i32 %v, ptr @g
  ret i32 %v
}
define i32 @c1(i32 %x) minsize optsize {
  %a = alloca i32
  store i32 %x, ptr %a
  %r = call i32 @sum(ptr %a)
  ret i32 %r
}
define i32 @c2(i32 %x) minsize optsize {
  %a = alloca i32
  store i32 %x, ptr %a
  %r = call i32 @sum(ptr %a)
  ret i32 %r
}
define i32 @c3(i32 %x) minsize optsize {
  %a = alloca i32
  store i32 %x, ptr %a
  %r = call i32 @sum(ptr %a)
  ret i32 %r
}
