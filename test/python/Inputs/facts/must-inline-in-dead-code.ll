; A call that has to be inlined, in a block that is never executed.
target triple = "x86_64-pc-linux-gnu"
@g = global i64 0
define void @must(i64 %n) alwaysinline {
  store volatile i64 %n, ptr @g
  ret void
}
define void @caller(i64 %x) minsize optsize {
  ret void
dead:
  call void @must(i64 %x)
  ret void
}
