; An invoke whose landing pad is its own block.
target triple = "x86_64-pc-linux-gnu"
@g = global i64 0
declare i32 @__gxx_personality_v0(...)
declare void @ext()
define internal void @two(i64 %n) {
  %c = icmp eq i64 %n, 0
  br i1 %c, label %a, label %b
a:
  store volatile i64 %n, ptr @g
  br label %b
b:
  call void @ext()
  ret void
}
define internal void @h(i64 %x) noinline {
  store volatile i64 %x, ptr @g
  ret void
}
define void @caller(i64 %x) minsize optsize personality ptr @__gxx_personality_v0 {
entry:
  invoke void @ext() to label %out unwind label %B
B:
  %l = landingpad { ptr, i32 } catch ptr null
  invoke void @two(i64 %x) to label %out unwind label %B
out:
  call void @h(i64 %x)
  ret void
}
