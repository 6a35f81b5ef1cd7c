; @caller returns through %L alone, which goes when @f, which does not throw, is inlined.
target triple = "x86_64-pc-linux-gnu"
@g = global i32 0
declare i32 @__gxx_personality_v0(...)
define internal void @f(i32 %x) {
  store volatile i32 %x, ptr @g
  ret void
}
define internal void @h(i32 %x) noinline {
  store volatile i32 %x, ptr @g
  ret void
}
define void @caller(i32 %x) minsize optsize personality ptr @__gxx_personality_v0 {
entry:
  br label %B
B:
  invoke void @f(i32 %x) to label %H unwind label %L
H:
  call void @h(i32 %x)
  br label %B
L:
  %l = landingpad { ptr, i32 } cleanup
  ret void
}
